"""The exact form of a whole model, and its bytes: `exact.msgpack`."""

from typing import Any

import msgspec
import numpy as np

from lockstep.errors import InvalidBundle
from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.constant import ConstantClassifier, ConstantRegressor
from lockstep.predict.exact.forest import ForestClassifier, ForestRegressor
from lockstep.predict.exact.form import Estimator, Kinds, Transform
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.exact.scaling import Standard
from lockstep.predict.exact.terms import Terms
from lockstep.predict.exact.tree import TreeClassifier, TreeRegressor

LAYOUT = 1
DTYPES = ("<f8", "<f4", "<i8", "<i4", "|u1", "|b1")

AnyStep = Standard | Terms
AnyTrees = TreeRegressor | TreeClassifier | ForestRegressor | ForestClassifier | BoostingRegressor | BoostingClassifier
AnyEstimator = AnyTrees | LinearRegressor | LinearClassifier | ConstantRegressor | ConstantClassifier


class ExactForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model as arrays: the scaler of a series, if it has one, the steps after it, and the estimator."""

    layout: int
    scaler: AnyStep | None
    steps: list[AnyStep]
    estimator: AnyEstimator


class _PackedArray(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


def encode_form(form: ExactForm) -> bytes:
    """Return the form as MessagePack; the same arrays give the same bytes."""
    return msgspec.msgpack.encode(form, enc_hook=_pack_array)


def decode_form(content: bytes) -> ExactForm:
    """Return the form in `content`; raise `InvalidBundle` for anything else. Nothing is checked beyond its types."""
    try:
        return msgspec.msgpack.decode(content, type=ExactForm, dec_hook=_unpack_array)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, ValueError, TypeError) as error:
        raise InvalidBundle(f"is no exact form that this version reads: {error}") from error


def takes_missing(estimator: Estimator) -> bool:
    """Return whether rows may hold NaN; scikit-learn refuses them for an estimator that takes none."""
    return isinstance(estimator, TreeEstimator) and estimator.takes_missing


def compile_steps(steps: list[AnyStep], kinds: Kinds) -> tuple[Kinds, list[Transform]]:
    """Return the kinds after all steps, and the functions, in order."""
    transforms = []
    for step in steps:
        kinds, transform = step.compile(kinds)
        transforms.append(transform)
    return kinds, transforms


def _pack_array(value: Any) -> _PackedArray:
    if not isinstance(value, np.ndarray):
        raise NotImplementedError(f"a {type(value).__name__} has no place in an exact form")
    little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
    return _PackedArray(little.dtype.str, little.shape, little.tobytes())


def _unpack_array(expected: type, value: Any) -> np.ndarray:
    packed = msgspec.convert(value, _PackedArray)
    if expected is not np.ndarray or packed.dtype not in DTYPES:
        raise ValueError(f"an array of {packed.dtype[:20]}")
    return np.frombuffer(packed.data, packed.dtype).reshape(packed.shape)
