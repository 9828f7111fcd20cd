"""What a manifest says of fitted objects: each step, in the order of use, and the labels of a classifier."""

import math
import re
from collections.abc import Iterator

from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from lockstep.bundles.comparing import require_classes, require_same
from lockstep.bundles.entries import Step
from lockstep.bundles.manifest import Manifest
from lockstep.features.sources import PRIVATE
from lockstep.predict.exact.form import Labels

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""What the text of a function ends with, and what no two processes have in common."""
OWN = PRIVATE.format("")


def describe_steps(*fitted: BaseEstimator | None) -> list[Step]:
    """Return the class of each step and what it was made with; of a composition, what it is made of."""
    return [_describe(step) for each in fitted if each is not None for step in _walk(each)]


def list_classes(model: BaseEstimator) -> Labels:
    """Return the labels of a fitted classifier in the order of its probabilities, none for a regressor."""
    return list(model.classes_.tolist()) if is_classifier(model) else []


def check_described(manifest: Manifest, *fitted: BaseEstimator | None) -> None:
    """Raise `EvaluationMismatch` if a manifest states other steps, parameters or labels than those of a fitted model.

    The fitted objects are a scaler, None if there is none, and a model. A class of the application's own is known by
    its name alone: where it was imported from differs between processes.
    """
    described = describe_steps(*fitted)
    require_same(manifest.name, "steps of estimator", len(manifest.estimator), len(described))
    for place, (was, now) in enumerate(zip(manifest.estimator, described, strict=True), 1):
        is_own = now.estimator.startswith(OWN)
        names = [step.estimator.rpartition(".")[2] if is_own else step.estimator for step in (was, now)]
        require_same(manifest.name, f"step {place} of estimator", *names)
        for parameter in {**was.parameters, **now.parameters}:
            values = [_without_address(step.parameters.get(parameter)) for step in (was, now)]
            require_same(manifest.name, f"{parameter} of step {place} of estimator", *values)
    require_classes(manifest.name, manifest.classes, list_classes(fitted[-1]))


def _without_address(value: object) -> object:
    return ADDRESS.sub("", value) if isinstance(value, str) else value


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
        # JSON has no NaN, and a float64 of numpy, such as the default `eps` of LassoLars, cannot be encoded
        return float(value) if math.isfinite(value) else repr(value)
    return value if isinstance(value, int | str | None) else ADDRESS.sub("", repr(value))
