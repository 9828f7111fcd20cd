"""The model of a bundle: its exact form, or its pickles where there is none or they are asked for."""

from collections.abc import Mapping

from lockstep.bundles.bundle import EXACT_FILE, MODEL_FILE, SCALER_FILE, Runs
from lockstep.bundles.manifest import Manifest
from lockstep.bundles.promises import promise_of_pickles
from lockstep.bundles.trusted import Trusted
from lockstep.errors import InvalidBundle
from lockstep.predict.exact.forms import decode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.model import Model, ModelInputs

PICKLES = (SCALER_FILE, MODEL_FILE)
Contents = Mapping[str, bytes]
Loaded = tuple[Model, Mapping[str, str]]


def load_model(manifest: Manifest, contents: Contents, inputs: ModelInputs, runs: Runs, trusted: Trusted) -> Loaded:
    """Return the model that `contents` hold, whose digests are checked, and what it guarantees.

    Nothing is unpickled, and scikit-learn is not imported, if the exact form predicts. Fitted objects have to be those
    that the manifest states.
    """
    exact = _load_exact(contents[EXACT_FILE], inputs) if manifest.predictor == "exact" else None
    if exact and runs == "sealed":
        return exact, manifest.guarantees
    from lockstep.bundles.fitted_state.steps import check_described  # imports scikit-learn
    from lockstep.bundles.pickled import load_parts, make_pickled

    fitted = load_parts(pick_pickles(contents), trusted.objects)
    check_described(manifest, *fitted)
    pickled = make_pickled(*fitted, inputs.names, inputs.is_table)
    return pickled, promise_of_pickles(exact.form, manifest) if exact else manifest.guarantees


def _load_exact(content: bytes, inputs: ModelInputs) -> ExactModel:
    try:
        return ExactModel(decode_form(content), inputs.kinds, inputs.is_table)
    except InvalidBundle as error:
        raise InvalidBundle(f"{EXACT_FILE}: {error}") from error


def pick_pickles(contents: Contents) -> dict[str, bytes]:
    """Return the pickles among the files of a bundle."""
    return {name: contents[name] for name in PICKLES if name in contents}
