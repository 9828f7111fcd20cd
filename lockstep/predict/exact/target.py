"""From what a regressor predicts to the target that it was trained on: the inverse of the target's transformer."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.exponential import exponential
from lockstep.predict.exact.form import require

Inverse = Callable[[Array], Array]


class TimesPlus(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="times_plus"):
    """Times the factor, plus the term, in this order; None where the scaler leaves that out."""

    factor: float | None
    plus: float | None

    def compile(self) -> Inverse:
        """Return the function from numbers (n,) to numbers (n,)."""
        for number in (self.factor, self.plus):
            require(number is None or np.isfinite(number), "the target's scaler is not finite")

        def invert(values: Array) -> Array:
            scaled = values if self.factor is None else values * self.factor
            return scaled if self.plus is None else scaled + self.plus

        return invert


class MinusOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="minus_over"):
    """Less the term, over the divisor, in this order."""

    minus: float
    over: float

    def compile(self) -> Inverse:
        """Return the function from numbers (n,) to numbers (n,)."""
        require(np.isfinite(self.minus) and np.isfinite(self.over), "the target's scaler is not finite")
        require(self.over != 0.0, "the target's scaler divides by 0")
        return lambda values: (values - self.minus) / self.over


class Exponential(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="exponential"):
    """e to the power of each number: the inverse of a logarithm."""

    def compile(self) -> Inverse:
        """Return the function from numbers (n,) to numbers (n,)."""
        return exponential


AnyInverse = TimesPlus | MinusOver | Exponential


def compile_target(inverses: Sequence[AnyInverse]) -> Inverse:
    """Return the one function of all inverses, in order."""
    compiled = [inverse.compile() for inverse in inverses]

    def invert(values: Array) -> Array:
        for inverse in compiled:
            values = inverse(values)
        return values

    return invert
