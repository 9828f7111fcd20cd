"""`lockstep verify`: prove that this machine reproduces the evaluation of bundles."""

import time
from pathlib import Path

import click
import msgspec

from lockstep.applications import find_application
from lockstep.bundles.bundle import Bundle
from lockstep.bundles.finding import list_version_folders
from lockstep.bundles.manifest import BarsManifest
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.proving import describe_agreement, prove_exact_form
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_whole, describe_reach
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.stated.series import Build
from lockstep.bundles.stated.unproven import list_unproven
from lockstep.cli.tracking import track_series
from lockstep.errors import TrainingError
from lockstep.features.sources import SUFFIX
from lockstep.predict.guarantees import describe_kept
from lockstep.scoring.settings import read_settings
from lockstep.training.named_targets import find_target
from lockstep.training.rejudging import check_walk_forward

WALK_FORWARD_HELP = "Also fit the models of the verdict's walk-forward folds again, and compare their result."


@click.command(epilog="Example: lockstep verify models/msft")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--walk-forward", "refits", is_flag=True, help=WALK_FORWARD_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each version.")
def verify(paths: tuple[Path, ...], refits: bool, as_json: bool) -> None:
    """Check the digests of every version in PATHS and recompute its evaluation, each output as it is guaranteed.

    An exact form is derived from the pickles again, compared byte for byte, and its answers with scikit-learn's own. A
    path is a models folder, a model or a version; without one, LOCKSTEP_MODELS or the application's models folder.
    Exit code 1 with the first difference, file or version that does not match.
    """
    for path in paths or read_settings().models or (find_application().models,):
        for folder in list_version_folders(path):
            _verify(folder, refits, as_json)


def _verify(folder: Path, refits: bool, as_json: bool) -> None:
    started = time.perf_counter()
    loaded = load_bundle(folder)
    build = _find_target(loaded, folder)
    rows = check_whole(loaded, build, track_series)
    fitted = check_walk_forward(folder, loaded) if refits and isinstance(loaded, SeriesBundle) else 0
    unproven = list_unproven(loaded.manifest, are_targets_loaded=build is not None, are_folds_fitted=fitted > 0)
    proof = describe_agreement(prove_exact_form(folder, loaded)) if loaded.manifest.predictor == "exact" else ""
    if as_json:
        result = {"bundle": str(folder), "digest": loaded.manifest.digest, "rows": rows, "equal": True}
        click.echo(msgspec.json.encode({**result, "guarantees": loaded.manifest.guarantees, "stated": unproven}))
        return
    kept = describe_kept(loaded.guarantees)
    of_series = f" of {len(loaded.index)} series" if isinstance(loaded, PanelBundle) else ""
    click.echo(
        f"{folder}: digests match, {rows} rows{of_series} recomputed {kept} in {time.perf_counter() - started:.2f} s"
    )
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    if proof:
        click.echo(proof)
    if refits:
        click.echo(f"walk-forward: {_describe_folds(fitted, loaded)}")
    if isinstance(loaded, SeriesBundle | PanelBundle):
        click.echo(f"a row {describe_reach(loaded.feature_set)}")
    click.echo(f"stated by its author, and not shown by its files: {'; '.join(unproven)}")
    click.echo(f"model digest {loaded.manifest.digest}")


def _describe_folds(fitted: int, bundle: Bundle) -> str:
    if isinstance(bundle, PanelBundle):
        return "the folds of a model of many series are not fitted again"
    if not fitted:
        return "there is no verdict to compute again"
    return f"{fitted} estimator{'s' if fitted > 1 else ''} fitted on the folds again, with the result that is stated"


def _find_target(bundle: Bundle, folder: Path) -> Build | None:
    """Return what makes the targets of a series again, None if they are built in or no function of the application.

    The name comes from the bundle, so an installed module that it names is not imported: its functions may do anything.
    """
    manifest = bundle.manifest
    if not isinstance(manifest, BarsManifest) or not manifest.target.partition(":")[0].endswith(SUFFIX):
        return None
    try:
        return find_target(manifest, folder).build
    except TrainingError as error:
        click.echo(f"warning: {error}; its values are taken as stated", err=True)
        return None
