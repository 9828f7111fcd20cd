"""What an exact form is: arrays that compile to functions, or are refused.

A form holds no code. `compile` checks every array before it is used (shapes, finite values, indices that stay inside),
since a form comes from a file. What it returns uses elementwise operations, comparisons and sums in a fixed order.
"""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data import column
from lockstep.data.bars import Array
from lockstep.errors import InvalidBundle
from lockstep.predict.stages import Stages

Kind = column.Kind
Kinds = column.Kinds
Inputs = column.Inputs

Labels = list[str | int | float | bool]
"""The classes of a classifier, in the order of `classes_`, all of one type."""

MAX_CHARACTERS = 10_000_000
"""More characters than the labels of any sensible classifier have, each as long as the longest; they take 40 MB."""

MAX_COLUMNS = 100_000
"""More columns than the outputs of any sensible step; a row of them is 0.8 MB."""

Transform = Callable[[Inputs], Inputs]
Estimate = Callable[[Array], Stages]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """A fitted transformer as arrays."""

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them from inputs of these kinds.

        Raises `InvalidBundle` for arrays that do not fit the inputs or each other.
        """
        raise NotImplementedError


class Estimator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """A fitted regressor or classifier as arrays."""

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits: it adds in the same order."""
        return False

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to stages, the last of them the prediction.

        Raises `InvalidBundle` for arrays that do not fit the inputs or each other.
        """
        raise NotImplementedError


def require(holds: bool | np.bool_, message: str) -> None:
    """Raise `InvalidBundle` with the message unless the condition holds."""
    if not holds:
        raise InvalidBundle(message)


def require_numbers(kinds: Kinds, what: str) -> int:
    """Return how many columns there are; raise `InvalidBundle` if one of them holds text."""
    require("text" not in kinds, f"{what} reads numbers, but a column before it holds text")
    return len(kinds)


def check_floats(values: np.ndarray, shape: tuple[int, ...], what: str) -> None:
    """Raise `InvalidBundle` unless `values` are finite float64 of this shape."""
    require(values.dtype == np.float64 and values.shape == shape, f"{what}: {values.dtype} {values.shape}, not {shape}")
    require(np.isfinite(values).all(), f"{what}: not finite")


def label_array(classes: Labels) -> NDArray[np.generic]:
    """Return the classes as an array (n_classes,); raise `InvalidBundle` unless there are some, of one type, once."""
    types = {type(label) for label in classes}
    require(len(types) == 1 and len(set(classes)) == len(classes), "the classes are not different labels of one type")
    longest = max(len(label) if isinstance(label, str) else 1 for label in classes)
    require(longest * len(classes) <= MAX_CHARACTERS, f"{len(classes)} classes of up to {longest} characters")
    labels = np.array(classes)  # each takes the room of the longest
    require(labels.dtype.kind in "Uifb" and labels.tolist() == classes, "a class is not a label that an array can hold")
    return labels


def numbers(n_columns: int) -> Kinds:
    """Return the kinds of columns of numbers."""
    number: Kind = "number"
    return (number,) * n_columns
