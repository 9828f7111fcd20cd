"""What the pickles of a bundle can promise that was evaluated by its exact form."""

from lockstep.bundles.manifest import Manifest
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.guarantees import BITS, LABELS
from lockstep.predict.stages import PREDICTION, PROBA

NEAR = "tolerance 1e-09"
"""What the pickles promise beside an exact form that is not theirs to the bit: sums of a BLAS, after cancellation."""


def promise_of_pickles(form: ExactForm, manifest: Manifest) -> dict[str, str]:
    """Return what the pickles of an exact form can promise."""
    if form.has_sklearn_bits:
        return dict.fromkeys(manifest.guarantees, BITS)
    promised = {PROBA: NEAR, PREDICTION: LABELS if manifest.classes else NEAR}
    return {output: promised[output] for output in manifest.guarantees}
