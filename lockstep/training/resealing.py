"""Give a bundle the exact form that this version writes; its pickles, rows and evaluation stay as they are."""

from pathlib import Path

from lockstep.bundles.bundle import EXACT_FILE, Bundle
from lockstep.bundles.manifest import AnyManifest, PanelManifest
from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_parts
from lockstep.bundles.proving import prove_exact_form
from lockstep.bundles.reading import read_files, trusted_for
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.selfcheck import compare_stages
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.forms import LAYOUT, decode_form, encode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.stages import OF_BARS


def reseal_bundle(folder: Path, bundle: Bundle) -> tuple[AnyManifest, dict[str, bytes]]:
    """Return the manifest and the files of the bundle in `folder` with the exact form of today's layout.

    The form that it has is proven first, and the new one has to reproduce the evaluation to the bit. Raises
    `InvalidBundle` if there is nothing to do, or another `BundleError`.
    """
    manifest, contents = read_files(folder)
    if isinstance(manifest, PanelManifest):
        raise InvalidBundle(f"{folder} is a model of many series, which is not sealed again; train it again")
    if manifest.predictor != "exact":
        raise InvalidBundle(f"{folder} has no exact form: scikit-learn predicts; train again to look for one")
    if (layout := decode_form(contents[EXACT_FILE]).layout) == LAYOUT:
        raise InvalidBundle(f"{folder} has layout {layout} already, the newest that this version writes")
    prove_exact_form(folder, bundle)
    trusted = trusted_for(folder, manifest).objects
    scaler, model = load_parts(pick_pickles(contents), trusted)
    inputs, rows = bundle.inputs, bundle.evaluated_inputs()
    form = derive_model(scaler, model, inputs.names, LAYOUT).form
    stages = ExactModel(form, inputs.kinds, inputs.is_table).predict(rows)
    known = bundle.predict_evaluated().stages
    compare_stages(bundle, {**{stage: known[stage] for stage in OF_BARS if stage in known}, **stages})
    files = {**contents, EXACT_FILE: encode_form(form)}
    return seal_manifest(manifest, files), files
