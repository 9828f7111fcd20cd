"""The exact form of a whole model, and its bytes: `exact.msgpack`."""

import msgspec

from lockstep.errors import InvalidBundle
from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.composition import AnyStep
from lockstep.predict.exact.constant import ConstantClassifier, ConstantRegressor
from lockstep.predict.exact.forest import ForestClassifier, ForestRegressor
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor
from lockstep.predict.exact.packing import pack_array, unpack_array
from lockstep.predict.exact.target import AnyInverse, Exponential
from lockstep.predict.exact.tree import TreeClassifier, TreeRegressor

__all__ = [
    "LAYOUT",
    "LAYOUTS",
    "AnyEstimator",
    "AnyStep",
    "ExactForm",
    "decode_form",
    "encode_form",
]

LAYOUT = 1
LAYOUTS = (LAYOUT,)
"""What this version reads, and derives again for a bundle that has it."""

AnyTrees = TreeRegressor | TreeClassifier | ForestRegressor | ForestClassifier | BoostingRegressor | BoostingClassifier
AnyEstimator = AnyTrees | LinearRegressor | LinearClassifier | ConstantRegressor | ConstantClassifier


class ExactForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A model as arrays: the scaler of a series, if it has one, the steps after it, and the estimator.

    `target` is what the prediction passes in the end, if the estimator was trained on a transformed target.
    """

    layout: int
    scaler: AnyStep | None
    steps: list[AnyStep]
    estimator: AnyEstimator
    target: list[AnyInverse] = []

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits."""
        return self.estimator.has_sklearn_bits and not any(isinstance(each, Exponential) for each in self.target)


def encode_form(form: ExactForm) -> bytes:
    """Return the form as MessagePack; the same arrays give the same bytes."""
    return msgspec.msgpack.encode(form, enc_hook=pack_array)


def decode_form(content: bytes) -> ExactForm:
    """Return the form in `content`; raise `InvalidBundle` for anything else.

    The bytes must be the ones that `encode_form` writes. The arrays are checked by `compile`, not here.
    """
    try:
        form = msgspec.msgpack.decode(content, type=ExactForm, dec_hook=unpack_array)
        is_canonical = encode_form(form) == content
    except (msgspec.DecodeError, ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise InvalidBundle(f"is no exact form that this version reads: {error}") from error
    if form.layout not in LAYOUTS:
        raise InvalidBundle(f"has layout {form.layout}; this version reads {', '.join(map(str, LAYOUTS))}")
    if not is_canonical:
        raise InvalidBundle("is no exact form that this version writes: its bytes are not in the one order")
    return form
