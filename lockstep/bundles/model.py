"""The model of a bundle: its exact form, or its pickles where there is none or they are asked for."""

from collections.abc import Mapping

from lockstep.bundles.bundle import EXACT_FILE, MODEL_FILE, SCALER_FILE, Runs
from lockstep.bundles.manifest import Manifest
from lockstep.bundles.pickled import load_fitted
from lockstep.errors import InvalidBundle
from lockstep.predict.exact.form import Kinds
from lockstep.predict.exact.forms import decode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.model import Model


def load_model(manifest: Manifest, contents: Mapping[str, bytes], kinds: Kinds, runs: Runs) -> Model:
    """Return the model that `contents` hold, whose digests are checked; `kinds` are those of its inputs.

    Nothing is unpickled if the exact form predicts.
    """
    if manifest.predictor == "exact" and runs == "sealed":
        try:
            return ExactModel(decode_form(contents[EXACT_FILE]), kinds, manifest.kind == "table")
        except InvalidBundle as error:
            raise InvalidBundle(f"{EXACT_FILE}: {error}") from error
    raise InvalidBundle("pickles")


def unpickle_model(contents: Mapping[str, bytes]) -> tuple[object | None, object]:
    """Return the scaler, None if there is none, and the model; see `load_fitted`."""
    scaler = load_fitted(contents[SCALER_FILE], SCALER_FILE) if SCALER_FILE in contents else None
    return scaler, load_fitted(contents[MODEL_FILE], MODEL_FILE)
