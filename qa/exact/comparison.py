"""An exact form beside scikit-learn's own answers: distances and times."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bits import float_ordinals
from lockstep.predict.derive.model import derive_model, derive_step
from lockstep.predict.exact.composition import AnyStep
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.stages import DECISION, PREDICTION, PROBA, Stages
from qa.exact.instances import Instance

OUTPUTS = {PREDICTION: "predict", PROBA: "predict_proba", DECISION: "decision_function"}
"""The stages that scikit-learn answers as well, and the method that does."""
NOT_COMPARABLE = 2**63 - 1
"""The distance of a number from one that is infinite, or from none."""

Answer = Callable[[Inputs], Stages]


@dataclass(frozen=True)
class Difference:
    """How far two arrays are from each other.

    `ulp` is the largest distance in float64 steps (0 if nothing but labels is compared), `relative` the same over the
    largest magnitude, `labels` how many labels differ.
    """

    ulp: int = 0
    relative: float = 0.0
    labels: int = 0

    def __or__(self, other: "Difference") -> "Difference":
        """Return the larger of each."""
        return Difference(max(self.ulp, other.ulp), max(self.relative, other.relative), max(self.labels, other.labels))


def compare(instance: Instance) -> Difference:
    """Derive the exact form of an instance and return how far its answers are from scikit-learn's."""
    if not hasattr(instance.fitted, "predict"):
        theirs = instance.fitted.transform(instance.cells)
        dense = theirs.toarray() if hasattr(theirs, "toarray") else theirs
        return measure_difference(as_matrix(transform_exactly(instance)), dense)
    stages = derive_answer(instance)(instance.rows)
    methods = {name: method for name, method in OUTPUTS.items() if name in stages and hasattr(instance.fitted, method)}
    difference = Difference()
    for stage, method in methods.items():
        difference |= measure_difference(stages[stage], getattr(instance.fitted, method)(instance.cells))
    return difference


def derive_answer(instance: Instance) -> Answer:
    """Return the compiled exact form of a fitted estimator or Pipeline."""
    return ExactModel(derive_form(instance), instance.kinds, is_table=False).predict


def derive_form(instance: Instance) -> ExactForm:
    """Return the exact form of a fitted estimator or Pipeline."""
    return derive_model(None, instance.fitted).form


def transform_exactly(instance: Instance) -> Inputs:
    """Return what the exact form of a fitted transformer makes of the rows."""
    step: AnyStep = derive_step(instance.fitted).form
    return step.compile(instance.kinds)[1](instance.rows)


def as_matrix(outputs: Inputs) -> NDArray[Any]:
    """Return the outputs of a step as (n, k)."""
    return outputs if isinstance(outputs, np.ndarray) else np.column_stack(outputs)


def measure_difference(ours: NDArray[Any], theirs: NDArray[Any]) -> Difference:
    """Return how far two arrays are from each other; raise AssertionError if their shapes differ."""
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{ours.shape}, scikit-learn's is {theirs.shape}"  # noqa: S101  # a defect
    if ours.dtype.kind == "f" and theirs.dtype.kind == "O":
        theirs = theirs.astype(np.float64)  # numbers beside text are objects to scikit-learn
    if ours.dtype.kind != "f" or theirs.dtype.kind != "f":
        return Difference(labels=int((ours != theirs).sum()))
    ours, theirs = ours.astype(np.float64).ravel(), theirs.astype(np.float64).ravel()
    same = (ours.view(np.int64) == theirs.view(np.int64)) | (np.isnan(ours) & np.isnan(theirs))
    if not (np.isfinite(ours) | same).all() or not (np.isfinite(theirs) | same).all():
        return Difference(NOT_COMPARABLE, np.inf)
    first, second = ours[~same], theirs[~same]
    if not first.size:
        return Difference()
    largest = np.abs(theirs[np.isfinite(theirs)]).max()
    steps = [abs(a - b) for a, b in zip(float_ordinals(first).tolist(), float_ordinals(second).tolist(), strict=True)]
    # 0.0 and -0.0 are other bits, but no step apart
    return Difference(max(1, *steps), float(np.abs(first - second).max() / (largest or 1.0)))


def time_call(call: Callable[[], object], budget_s: float = 0.2) -> float:
    """Return the smallest time in seconds of several calls within a budget, at least three."""
    times: list[float] = []
    until = perf_counter() + budget_s
    while len(times) < 3 or perf_counter() < until:
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)
