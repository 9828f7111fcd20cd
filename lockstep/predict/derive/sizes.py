"""How large the terms are that a linear model adds, by which the error of their sum is judged."""

import msgspec
import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Inputs, Kinds
from lockstep.predict.exact.forms import ExactForm, compile_steps
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor
from lockstep.predict.stages import DECISION, PREDICTION


def measure_sizes(form: ExactForm, kinds: Kinds, inputs: Inputs) -> Array | None:
    """Return for each row (n,) the sum of the magnitudes that a linear model adds, the largest of its classes.

    Returns None for any other model.
    """
    if not isinstance(form.estimator, LinearRegressor | LinearClassifier):
        return None
    first = [] if form.scaler is None else [form.scaler]
    kinds, transforms = compile_steps([*first, *form.steps], kinds)
    for transform in transforms:
        inputs = transform(inputs)
    return _add_magnitudes(form.estimator, np.abs(inputs))


def _add_magnitudes(estimator: LinearRegressor | LinearClassifier, inputs: Array) -> Array:
    """Return what the estimator would answer if every coefficient, intercept and input had a plus sign, (n,)."""
    names = ("coefficients", "intercept" if isinstance(estimator, LinearRegressor) else "intercepts")
    positive = msgspec.structs.replace(estimator, **{name: abs(getattr(estimator, name)) for name in names})
    stages = positive.compile(inputs.shape[1])(inputs)
    sums = stages.get(DECISION, stages[PREDICTION])
    return sums if sums.ndim == 1 else sums.max(axis=1)
