"""Print how far each family is from scikit-learn and how fast it is: `python -m qa.exact [WORD IN NAME …]`."""

import sys
import warnings
from collections.abc import Iterator
from functools import reduce

from threadpoolctl import threadpool_limits

from lockstep.predict.derive.families import BITS
from lockstep.predict.exact.forms import encode_form
from qa.exact.comparison import compare, derive_answer, derive_form, time_call
from qa.exact.families import FAMILIES
from qa.exact.instances import Family, Instance

HEAD = ("family", "instances", "ULP", "relative", "labels", "kB", "1 row", "sklearn", "1000 rows", "sklearn")
WIDTHS = (36, 9, 8, 9, 6, 7, 9, 9, 9, 9)


def main(words: list[str]) -> int:
    """Print a line for each family whose name holds one of the words, all without any; 1 if a bound is broken."""
    print_line(HEAD)
    broken = 0
    for family in FAMILIES:
        if not words or any(word.lower() in family.name.lower() for word in words):
            cells, keeps_bound = measure(family)
            broken += not keeps_bound
            print_line((*cells, *(() if keeps_bound else ("BROKEN",))))
    return 1 if broken else 0


def measure(family: Family) -> tuple[tuple[str, ...], bool]:
    """Return the cells of a family's line, and whether it is as near as it says."""
    instances = [family.make(number) for number in range(family.n_instances)]
    difference = reduce(lambda left, right: left | right, map(compare, instances))
    keeps_bound = difference.ulp == 0 if family.bound == BITS else difference.relative <= family.bound
    told = (f"{difference.ulp}", f"{difference.relative:.1e}", f"{difference.labels}")
    return (
        family.name,
        f"{len(instances)}",
        *told,
        *measure_times(instances[family.timed]),
    ), keeps_bound and not difference.labels


def measure_times(instance: Instance) -> Iterator[str]:
    """Yield the size of the form in kB, and the milliseconds of 1 and 1,000 rows; nothing for a transformer."""
    if not hasattr(instance.fitted, "predict"):
        return
    yield f"{len(encode_form(derive_form(instance))) / 1000:.1f}"
    answer = derive_answer(instance)
    for n_rows in (1, 1_000):
        some = instance.head(n_rows)
        yield f"{1000 * time_call(lambda some=some: answer(some.rows)):.4f}"  # type: ignore[misc]
        yield f"{1000 * time_call(lambda some=some: some.fitted.predict(some.cells)):.4f}"  # type: ignore[misc]


def print_line(cells: tuple[str, ...]) -> None:
    """Print the cells under each other; the first is aligned to the left."""
    print(
        cells[0].ljust(WIDTHS[0]),
        *(cell.rjust(width) for cell, width in zip(cells[1:], (*WIDTHS[1:], 9), strict=False)),
        flush=True,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of fits that did not converge, which does not matter here
    with threadpool_limits(1):  # as one worker of a service
        sys.exit(main(sys.argv[1:]))
