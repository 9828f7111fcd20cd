"""How large the terms are that a linear model adds, by which the error of their sum is judged."""

import msgspec
import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.derive.target import LARGEST_EXPONENT
from lockstep.predict.exact.columns import matrix_of
from lockstep.predict.exact.composition import compile_steps
from lockstep.predict.exact.form import Inputs, Kinds
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor
from lockstep.predict.exact.target import AnyInverse, MinusOver, TimesPlus
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
    encoded = matrix_of(inputs)
    sizes = _add_magnitudes(form.estimator, np.abs(encoded))
    values = form.estimator.compile(len(kinds))(encoded)[PREDICTION]
    for inverse in form.target:
        values = inverse.compile()(values)
        sizes = _pass_inverse(inverse, sizes, values)
    return sizes


def _pass_inverse(inverse: AnyInverse, sizes: Array, values: Array) -> Array:
    """Return the sizes after one inverse of the target's transformer, whose outputs are `values`; all are (n,)."""
    if isinstance(inverse, TimesPlus):
        return sizes * abs(1.0 if inverse.factor is None else inverse.factor) + abs(inverse.plus or 0.0)
    if isinstance(inverse, MinusOver):
        return (sizes + abs(inverse.minus)) / abs(inverse.over)
    # an exponential turns differences into relative ones; `bound_inverse` allows for terms up to the largest exponent
    return np.abs(values) * np.maximum(sizes / LARGEST_EXPONENT, 1.0)


def _add_magnitudes(estimator: LinearRegressor | LinearClassifier, inputs: Array) -> Array:
    """Return what the estimator would answer if every coefficient, intercept and input had a plus sign, (n,)."""
    names = ("coefficients", "intercept" if isinstance(estimator, LinearRegressor) else "intercepts")
    positive = msgspec.structs.replace(estimator, **{name: abs(getattr(estimator, name)) for name in names})
    stages = positive.compile(inputs.shape[1])(inputs)
    sums = stages.get(DECISION, stages[PREDICTION])
    return sums if sums.ndim == 1 else sums.max(axis=1)
