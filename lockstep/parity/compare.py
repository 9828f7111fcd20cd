"""Compare what was evaluated with what a service answered: keys first, then what each output guarantees.

Pure functions and values. There is no `allclose` here: it calls two empty lists equal, and its default
tolerance takes a return of 1e-9 with the wrong sign for the right one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lockstep.parity.difference import Difference, Divergence, Value
from lockstep.parity.posted import Posted
from lockstep.parity.quoting import quote_text
from lockstep.predict.guarantees import BITS, NOTHING, find_broken
from lockstep.predict.stages import PREDICTION

TOLERANT_ULP = 4
TOLERANCE = 1e-9
"""Relative; only named in reports, never a reason to pass."""


@dataclass(frozen=True)
class Comparison:
    """The outcome of comparing answers by key: the date of a bar, or the id of a row.

    `faults` are findings that are no difference of values; `divergences` the stages that differ; `tolerated` the
    differences that the guarantee of their output allows. `answers` are the predictions answered by key; `distinct`
    all the outputs of a row that were seen, the prediction first; `leaves` the nodes of the one tree that the expected
    predictions are from; `posted` is the first request in which something was found, `requests` the names of all these.
    `symbol` is the series that was asked then, if the model is of many.
    """

    compared: int
    answers: Mapping[str, Value | None] = field(default_factory=dict)
    distinct: frozenset[tuple[Value | None, ...]] = frozenset()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    tolerated: tuple[Difference, ...] = ()
    faults: tuple[str, ...] = ()
    divergences: tuple[Divergence, ...] = ()
    leaves: frozenset[int] = frozenset()
    posted: Posted | None = None
    requests: tuple[str, ...] = ()
    symbol: str = ""

    @property
    def findings(self) -> list[str]:
        """Return what is wrong, one line each; nothing if every key was answered once, as guaranteed."""
        lines = [*self.faults, *map(str, self.differences), *map(str, self.divergences)]
        for keys, meaning in (
            (self.missing, "was posted and not answered"),
            (self.unexpected, "was answered and not posted"),
            (self.repeated, "was answered more than once"),
        ):
            lines += [f"{key} {meaning}" for key in keys]
        return [quote_text(line) for line in lines]

    @property
    def n_distinct(self) -> int:
        """Return how many different outputs were seen: the most of any route, as some answer the prediction alone."""
        return max(Counter(map(len, self.distinct)).values(), default=0)

    @property
    def equality(self) -> str:
        """Return the tightest equality that holds for what was compared.

        `bits`, `ulp<=4`, `tolerance<=1e-09` (relative), `different`, or `bits of predictions only` if the stages
        before them differ.
        """
        apart = (*self.differences, *self.tolerated)
        if not apart:
            return "bits of predictions only" if self.divergences else "bits"
        if all(each.ulp is not None and each.ulp <= TOLERANT_ULP for each in apart):
            return f"ulp<={TOLERANT_ULP}"
        within = all(each.relative <= TOLERANCE for each in apart)
        return f"tolerance<={TOLERANCE}" if within else "different"


Outputs = Mapping[str, Sequence[Value | None]]
"""The columns of an answer by name, `prediction` and `proba_<class>`, each with a value for each row."""


def compare_answers(
    expected: Mapping[str, Value],
    keys: Sequence[str],
    answered: Sequence[Value | None],
    *,
    guarantee: str = BITS,
    column: str = PREDICTION,
) -> Comparison:
    """Return the comparison of one output, answered for `keys`, with what is expected of it, by key."""
    counts = Counter(keys)
    values = dict(zip(keys, answered, strict=True))
    common = [key for key in expected if key in values]
    apart = [
        (Difference(key, expected[key], values[key], column), _is_broken(expected[key], values[key], guarantee))
        for key in common
        if _differs(expected[key], values[key])
    ]
    return Comparison(
        compared=len(common),
        answers={key: values[key] for key in common},
        distinct=frozenset((values[key],) for key in common),
        missing=tuple(key for key in expected if key not in values),
        unexpected=tuple(key for key in values if key not in expected),
        repeated=tuple(key for key, count in counts.items() if count > 1),
        differences=tuple(difference for difference, broken in apart if broken),
        tolerated=tuple(difference for difference, broken in apart if not broken),
    )


def compare_outputs(
    expected: Mapping[str, Mapping[str, Value]], keys: Sequence[str], answered: Outputs, guarantees: Mapping[str, str]
) -> Comparison:
    """Return the comparison of all outputs, by column and key; `guarantees` are by column.

    A column is compared if anything is guaranteed of its values: of the scores beside some labels nothing is.
    """
    ordered = sorted(answered, key=lambda column: column != PREDICTION)
    compared = {
        column: compare_answers(expected[column], keys, answered[column], guarantee=guarantees[column], column=column)
        for column in ordered
        if column in expected and guarantees[column] != NOTHING
    }
    parts = list(compared.values())
    lone = [column for column in (*expected, *answered) if not (column in expected and column in answered)]
    rows = dict(zip(keys, zip(*(answered[column] for column in ordered), strict=True), strict=True))
    whole = parts[0] if parts else Comparison(0)
    return replace(
        whole,
        answers=whole.answers if PREDICTION in compared else {},
        distinct=frozenset(rows[key] for key in whole.answers),
        differences=tuple(difference for part in parts for difference in part.differences),
        tolerated=tuple(difference for part in parts for difference in part.tolerated),
        faults=tuple(f"the column {column} is on one side alone" for column in lone),
    )


def confirm_outputs(expected: Mapping[str, Mapping[str, Value]]) -> Comparison:
    """Return the comparison of outputs with an answer that is known to hold the very same."""
    answers = expected[PREDICTION]
    rows = zip(
        answers.values(), *(values.values() for name, values in expected.items() if name != PREDICTION), strict=True
    )
    return Comparison(len(answers), answers, frozenset(rows))


def _differs(expected: Value, answered: Value | None) -> bool:
    if type(answered) is not type(expected):
        return True
    if answered == expected and answered:  # a float other than zero is equal to its own bits alone
        return False
    return _is_broken(expected, answered, BITS)


def _is_broken(expected: Value, answered: Value | None, guarantee: str) -> bool:
    if type(answered) is not type(expected):
        return True
    return bool(find_broken(guarantee, np.array([expected]), np.array([answered]))[0])


def merge_comparisons(parts: Sequence[Comparison]) -> Comparison:
    """Return one comparison of many requests; of several answers to a key one that differs is kept, else the first."""
    apart = (each for part in reversed(parts) for each in part.differences if each.column == PREDICTION)
    first = next((part for part in parts if part.posted is not None), Comparison(0))
    return Comparison(
        compared=sum(part.compared for part in parts),
        answers={
            **{key: value for part in reversed(parts) for key, value in part.answers.items()},
            **{each.key: each.answered for each in apart},
        },
        distinct=frozenset().union(*(part.distinct for part in parts)),
        missing=tuple(key for part in parts for key in part.missing),
        unexpected=tuple(key for part in parts for key in part.unexpected),
        repeated=tuple(key for part in parts for key in part.repeated),
        differences=tuple(difference for part in parts for difference in part.differences),
        tolerated=tuple(difference for part in parts for difference in part.tolerated),
        faults=tuple(fault for part in parts for fault in part.faults),
        divergences=tuple(divergence for part in parts for divergence in part.divergences),
        leaves=frozenset().union(*(part.leaves for part in parts)),
        posted=first.posted,
        symbol=first.symbol,
        requests=tuple(name for part in parts for name in part.requests),
    )
