"""What a family of estimators brings, and how far its exact form is from scikit-learn's own predict."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lockstep.errors import LockstepError

Form = TypeVar("Form")

BITS = 0.0
BLAS = 2e-13
"""How far, relative to the largest term of the sum, a sum in a fixed order is from the one of a BLAS."""


class NoExactForm(LockstepError):
    """A fitted object without an exact form; the message names it and why."""


@dataclass(frozen=True)
class Derived(Generic[Form]):
    """A form, and the largest difference of its numbers from scikit-learn's: `BITS` for none, else relative."""

    form: Form
    bound: float = BITS


Derive = Callable[[Any], Derived[Form]]
"""Takes the fitted object, of exactly the class it is registered for; raises `NoExactForm` for parameters that have no
exact form and `InvalidBundle` for a state that no fit leaves behind."""
