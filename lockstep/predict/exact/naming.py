"""Names for the columns that steps make, such as `sex=female` or `age*fare`, for reports that name a column."""

from collections.abc import Sequence

from lockstep.predict.exact.composition import AnyStep, Branches
from lockstep.predict.exact.encoding import OneHot
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.imputing import Imputer
from lockstep.predict.exact.terms import Terms

MAX_JOINED = 3
"""How many categories of one output column its name lists."""

Names = tuple[str, ...]


def output_names(form: ExactForm, columns: Names) -> Names:
    """Return a name for each column that the estimator reads; `columns` are the model's own.

    Compile the form first, which checks it.
    """
    steps = form.steps if form.scaler is None else [form.scaler, *form.steps]
    return _name_all(steps, columns)


def _name_all(steps: Sequence[AnyStep], names: Names) -> Names:
    for step in steps:
        names = _name_outputs(step, names)
    return names


def _name_outputs(step: AnyStep, names: Names) -> Names:
    match step:
        case Terms():
            return tuple(_name_term(names, int(i), int(j)) for i, j in zip(step.first, step.second, strict=True))
        case Imputer():
            gaps = (f"{names[position]} is missing" for position in step.indicated)
            return (*(names[position] for position in step.kept), *gaps)
        case OneHot():
            return _name_codes(step, names)
        case Branches():
            taken = (
                names if branch.columns is None else tuple(names[position] for position in branch.columns)
                for branch in step.branches
            )
            pairs = zip(step.branches, taken, strict=True)
            return tuple(name for branch, inner in pairs for name in _name_all(branch.steps, inner))
    return names


def _name_term(names: Names, first: int, second: int) -> str:
    factors = [names[position] for position in (first, second) if position < len(names)]
    return "*".join(factors) or "1"


def _name_codes(step: OneHot, names: Names) -> Names:
    categories: list[list[str]] = [[] for _ in range(step.width)]
    sources = [""] * step.width
    for lookup, name in zip(step.lookups, names, strict=True):
        labelled = [*zip(lookup.codes.tolist(), map(str, lookup.known), strict=True), (lookup.missing, "missing")]
        for code, category in labelled:
            if code is not None and code >= 0:
                sources[int(code)] = name
                categories[int(code)].append(category)
    return tuple(f"{source}={_list(listed)}" for source, listed in zip(sources, categories, strict=True))


def _list(categories: list[str]) -> str:
    more = ["…"] if len(categories) > MAX_JOINED else []
    return "|".join([*categories[:MAX_JOINED], *more])
