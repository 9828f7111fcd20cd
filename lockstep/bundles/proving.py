"""Prove that a bundle's exact form is that of its pickles: training and `lockstep verify`, never a service."""

from pathlib import Path

from lockstep.bundles.bundle import EXACT_FILE, Bundle
from lockstep.bundles.fitted_state.steps import check_described
from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_parts, make_pickled
from lockstep.bundles.reading import read_files, trusted_for
from lockstep.errors import BundleError, EvaluationMismatch
from lockstep.predict.derive.agreement import Agreement, Fitted, compare_with_sklearn
from lockstep.predict.derive.model import derive_model
from lockstep.predict.derive.sizes import measure_sizes
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.forms import decode_form, encode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.model import ModelInputs
from lockstep.predict.pickled import PickledModel
from lockstep.predict.stages import PREDICTION, PROBA


def prove_exact_form(folder: Path, bundle: Bundle) -> Agreement:
    """Derive the exact form from the pickles again, compare every byte, and its answers with scikit-learn's own.

    The answers are those to the evaluated rows. What the manifest states of the fitted objects is compared as well.
    Raises `EvaluationMismatch` if a byte, an answer or a statement differs, or another `BundleError`.
    """
    manifest, contents = read_files(folder)
    inputs, trusted = bundle.inputs, trusted_for(folder, manifest)
    try:
        scaler, model = load_parts(pick_pickles(contents), trusted.objects)
        check_described(manifest, scaler, model)
        derived = derive_model(scaler, model, inputs.names, decode_form(contents[EXACT_FILE]).layout)
        exact = ExactModel(derived.form, inputs.kinds, inputs.is_table)  # checks every array
        if encode_form(derived.form) != contents[EXACT_FILE]:
            raise EvaluationMismatch(f"{EXACT_FILE} is not what follows from the pickles; train again")
        pickled = make_pickled(scaler, model, inputs.names, inputs.is_table)
        return compare_predictions(exact, pickled, bundle.evaluated_inputs(), inputs, derived.bound)
    except BundleError as error:
        raise type(error)(f"{folder}: {error}") from error


def compare_predictions(
    exact: ExactModel, pickled: PickledModel, inputs: Inputs, columns: ModelInputs, bound: float
) -> Agreement:
    """Return how near an exact form and scikit-learn are on some rows; raise `EvaluationMismatch` beyond the bound."""
    theirs = pickled.predict(inputs)
    sizes = measure_sizes(exact.form, columns.kinds, inputs)
    return compare_with_sklearn(exact.predict(inputs), Fitted(theirs[PREDICTION], theirs.get(PROBA)), bound, sizes)


def describe_agreement(agreement: Agreement) -> str:
    """Return what was shown, for people."""
    farthest = max(agreement.ulp_prediction, agreement.ulp_proba)
    apart = "to the bit" if farthest == 0 else f"within {farthest} ULP"
    undecided = f"; {agreement.undecided} lie on a boundary between labels" if agreement.undecided else ""
    shown = f"{EXACT_FILE} follows from the pickles, and agrees with scikit-learn"
    return f"{shown} {apart} on {agreement.rows} rows{undecided}"
