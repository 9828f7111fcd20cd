"""Prove that a bundle's exact form is that of its pickles: `lockstep verify`, never a service."""

from pathlib import Path

from lockstep.bundles.bundle import EXACT_FILE, Bundle
from lockstep.bundles.model import unpickle_model
from lockstep.bundles.reading import read_files
from lockstep.errors import BundleError, EvaluationMismatch
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.forms import encode_form
from lockstep.predict.exact.model import ExactModel


def prove_exact_form(folder: Path, bundle: Bundle) -> str:
    """Unpickle the scaler and the model, derive their exact form again, and compare every byte; return what was shown.

    Raises `EvaluationMismatch` if a byte differs, or another `BundleError`.
    """
    _, contents = read_files(folder)
    try:
        scaler, model = unpickle_model(contents)
        form = derive_model(scaler, model).form
        ExactModel(form, bundle.kinds, bundle.manifest.kind == "table")  # checks every array
    except BundleError as error:
        raise type(error)(f"{folder}: {error}") from error
    if encode_form(form) != contents[EXACT_FILE]:
        raise EvaluationMismatch(f"{folder}: {EXACT_FILE} is not what follows from the pickles; train again")
    return f"{EXACT_FILE} is what follows from the pickles, in every byte"
