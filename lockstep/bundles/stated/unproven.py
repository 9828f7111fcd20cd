"""What of a bundle no file of it shows: its author states it, and a reader has to trust the author."""

from lockstep.bundles.entries import DIRECTION, RETURN
from lockstep.bundles.manifest import BarsManifest, Manifest, SeriesManifest, TableManifest
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.verdicts import VerdictEntry
from lockstep.predict.guarantees import NOTHING


def list_unproven(manifest: Manifest, are_targets_loaded: bool = False, are_folds_fitted: bool = False) -> list[str]:
    """Return what is stated and not recomputed, for people.

    `are_targets_loaded` says whether targets of a series that are not built in were made anew; `are_folds_fitted`
    whether the models of its walk-forward folds were.
    """
    source = f"the source {manifest.source.file or 'without a file'} (SHA-256 {manifest.source.sha256[:12]}…)"
    unproven = [source, "which rows the model has learned from"]
    if isinstance(manifest, BarsManifest):
        symbols = manifest.symbol if isinstance(manifest, SeriesManifest) else f"its {manifest.series} symbols"
        calendar = manifest.schema.calendar.name
        unproven += [f"that the bars are prices of {symbols}", f"the future sessions of {calendar}"]
        if manifest.target not in (RETURN, DIRECTION) and not are_targets_loaded:
            unproven += [f"y_true, since the target {manifest.target} was not loaded", "the scores of the baseline"]
        if isinstance(manifest.verdict, VerdictEntry) and not are_folds_fitted:
            unproven.append(f"the walk-forward t of the verdict, {manifest.verdict.walk_forward.t:.1f}")
    if isinstance(manifest, SeriesManifest) and isinstance(manifest.selection, SelectionEntry) and not are_folds_fitted:
        unproven.append(f"the walk-forward t of the {len(manifest.selection.candidates)} candidates")
    if isinstance(manifest, TableManifest):
        made_of_it = "" if manifest.classes else ", and the intervals that are made of it"
        unproven += [f"y_true, the {manifest.target} of the test rows{made_of_it}"]
        unproven.append("what the baseline and the schema learned")
    promised = manifest.guarantees.items()
    return [*unproven, *(f"{output}, of which nothing is guaranteed" for output, each in promised if each == NOTHING)]
