"""What a family of estimators brings, and how far its exact form is from scikit-learn's own predict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lockstep.errors import InvalidBundle, LockstepError

Form = TypeVar("Form")

BITS = 0.0


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

UNFITTED = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What scikit-learn and numpy say of an object that was not fitted, or whose state no fit leaves behind."""


def derive_from(families: Mapping[type, Derive[Form]], fitted: object) -> Derived[Form]:
    """Return the form of a fitted object by the function that its class has in `families`."""
    derive = families.get(type(fitted))  # not isinstance: a subclass may predict in another way
    if derive is None:
        raise NoExactForm(f"{type(fitted).__module__}.{type(fitted).__qualname__} has no exact form")
    try:
        return derive(fitted)
    except UNFITTED as error:
        raise InvalidBundle(f"{type(fitted).__qualname__} is not a fitted one: {error}") from error
