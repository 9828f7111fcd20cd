"""What a manifest says of fitted objects: each step, in the order of use, and the labels of a classifier."""

import math
from collections.abc import Iterator

from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from lockstep.bundles.entries import Step
from lockstep.predict.exact.form import Labels


def describe_steps(*fitted: BaseEstimator | None) -> list[Step]:
    """Return the class of each step and what it was made with; of a composition, what it is made of."""
    return [_describe(step) for each in fitted if each is not None for step in _walk(each)]


def list_classes(model: BaseEstimator) -> Labels:
    """Return the labels of a fitted classifier in the order of its probabilities, none for a regressor."""
    return list(model.classes_.tolist()) if is_classifier(model) else []


def _walk(fitted: BaseEstimator) -> Iterator[BaseEstimator]:
    if isinstance(fitted, Pipeline):
        for _, step in fitted.steps:
            yield from _walk(step)
    elif isinstance(fitted, ColumnTransformer):
        for _, step, _ in fitted.transformers_:
            yield from _walk(step)
    elif isinstance(fitted, BaseEstimator):  # neither None nor a word such as drop
        yield fitted


def _describe(step: BaseEstimator) -> Step:
    parameters = {name: _show(value) for name, value in step.get_params(deep=False).items()}
    return Step(f"{type(step).__module__}.{type(step).__qualname__}", parameters)


def _show(value: object) -> int | float | str | bool | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)  # JSON has no NaN
    return value if isinstance(value, int | str | None) else repr(value)
