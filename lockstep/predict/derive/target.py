"""The inverse of a target's transformer, as a TransformedTargetRegressor applies it to what it predicts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.composition import is_identity
from lockstep.predict.derive.families import UNFITTED, NoExactForm
from lockstep.predict.derive.scaling import STEPS
from lockstep.predict.exact.composition import MAX_DEPTH
from lockstep.predict.exact.scaling import MinMax, Standard
from lockstep.predict.exact.target import AnyInverse, Exponential, MinusOver, TimesPlus

EXPONENTIAL = 4.5e-16
"""How far, relatively, our exponential is from numpy's: each is within a step of the true one."""

LARGEST_EXPONENT = 710.0
"""From here on the exponential is infinite."""


def derive_inverse(regressor: TransformedTargetRegressor) -> list[AnyInverse]:
    """Return what the predictions of the inner regressor pass, in order."""
    try:
        if regressor._training_dim != 1:
            raise NoExactForm("TransformedTargetRegressor of several targets")
        return _invert(regressor.transformer_, 0)
    except UNFITTED as error:
        raise InvalidBundle(f"TransformedTargetRegressor is not a fitted one: {error}") from error


def bound_inverse(inverses: Sequence[AnyInverse], bound: float) -> float:
    """Return how far from scikit-learn's the predictions are when the regressor's own are within `bound`."""
    for inverse in inverses:
        if isinstance(inverse, Exponential):
            bound = bound * LARGEST_EXPONENT + EXPONENTIAL
    return bound


def _invert(fitted: Any, depth: int) -> list[AnyInverse]:
    if depth > MAX_DEPTH:
        raise InvalidBundle(f"the target's transformer is nested more than {MAX_DEPTH} deep")
    if type(fitted) is Pipeline:
        return [inverse for _, step in reversed(fitted.steps) for inverse in _invert(step, depth + 1)]
    if type(fitted) is FunctionTransformer and fitted.inverse_func is not None:
        return _invert_function(fitted)
    if is_identity(fitted):
        return []
    if type(fitted) not in STEPS:
        raise NoExactForm(f"TransformedTargetRegressor with a {type(fitted).__qualname__} has no exact form")
    form = STEPS[type(fitted)](fitted).form
    if isinstance(form, MinMax):
        return [MinusOver(_number(form.shift), _number(form.factor))]
    if not isinstance(form, Standard):
        raise TypeError("a scaler's form scales")
    factor, plus = (None if numbers is None else _number(numbers) for numbers in (form.scale, form.center))
    return [TimesPlus(factor, plus)]


def _invert_function(fitted: FunctionTransformer) -> list[AnyInverse]:
    if fitted.inverse_func is not np.exp or fitted.inv_kw_args:
        name = getattr(fitted.inverse_func, "__name__", "a function")
        raise NoExactForm(f"TransformedTargetRegressor with inverse_func={name}; numpy.exp has an exact form")
    return [Exponential()]


def _number(numbers: np.ndarray | None) -> float:
    if numbers is None or numbers.shape != (1,):
        raise InvalidBundle("the target's scaler does not scale one column")
    return float(numbers[0])
