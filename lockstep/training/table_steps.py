"""The fitted objects of a model of a table, in the order of use, for its manifest."""

import math
from collections.abc import Iterator

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from lockstep.bundles.entries import Step


def describe_steps(model: BaseEstimator) -> list[Step]:
    """Return the class of each step and what it was made with; of a composition, what it is made of."""
    return [_describe(step) for step in _walk(model)]


def _walk(fitted: BaseEstimator) -> Iterator[BaseEstimator]:
    if isinstance(fitted, Pipeline):
        for _, step in fitted.steps:
            yield from _walk(step)
    elif isinstance(fitted, ColumnTransformer):
        for _, step, _ in fitted.transformers_:
            yield from _walk(step)
    elif not isinstance(fitted, str):  # drop and passthrough
        yield fitted


def _describe(step: BaseEstimator) -> Step:
    parameters = {name: _show(value) for name, value in step.get_params(deep=False).items()}
    return Step(f"{type(step).__module__}.{type(step).__qualname__}", parameters)


def _show(value: object) -> int | float | str | bool | None:
    is_plain = value is None or isinstance(value, int | str) or (isinstance(value, float) and math.isfinite(value))
    return value if is_plain else repr(value)  # type: ignore[return-value]  # narrowed above
