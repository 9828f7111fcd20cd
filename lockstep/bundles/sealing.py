"""Seal fitted objects: the pickles, the exact form that is derived from them, and the model that answers."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.bundles.bundle import EXACT_FILE, MODEL_FILE, SCALER_FILE
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.form import Kinds
from lockstep.predict.exact.forms import decode_form, encode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.model import Model


@dataclass(frozen=True)
class SealedModel:
    """The files of a fitted model, and what predicts.

    `bound` is how far the exact form may be from scikit-learn's own predict, 0 for the same bits.
    """

    files: Mapping[str, bytes]
    model: Model
    bound: float


def seal_model(scaler: object | None, model: object, kinds: Kinds, is_table: bool = False) -> SealedModel:
    """Return the sealed form of a fitted scaler, if there is one, and model.

    Raises `NoExactForm`, or `InvalidBundle` for objects that are not fitted or do not fit the inputs.
    """
    derived = derive_model(scaler, model)
    exact = encode_form(derived.form)
    pickles = {SCALER_FILE: scaler, MODEL_FILE: model}
    files = {name: pickle.dumps(each, protocol=5) for name, each in pickles.items() if each is not None}
    compiled = ExactModel(decode_form(exact), kinds, is_table)
    return SealedModel({**files, EXACT_FILE: exact}, compiled, derived.bound)
