"""`lockstep verify`: prove that this machine reproduces a bundle's evaluation."""

import time
from pathlib import Path

import click
import msgspec

from lockstep.bundles.bundle import load_bundle
from lockstep.bundles.selfcheck import check_evaluation, describe_reach
from lockstep.scoring.settings import read_settings


@click.command(epilog="Example: lockstep verify models/msft")
@click.argument("bundles", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(bundles: tuple[Path, ...], as_json: bool) -> None:
    """Check the digests of BUNDLES and recompute their evaluations to the bit.

    Without BUNDLES, every bundle in LOCKSTEP_BUNDLES is verified, or the default one. Exit code 1 with the
    first difference, file or version that does not match.
    """
    for folder in bundles or read_settings().bundles:
        started = time.perf_counter()
        loaded = load_bundle(folder)
        rows = check_evaluation(loaded)
        result = {"bundle": str(folder), "digest": loaded.manifest.version, "rows": rows, "equal": True}
        if as_json:
            click.echo(msgspec.json.encode(result))
        else:
            duration_s = time.perf_counter() - started
            click.echo(f"{folder}: digests match, {rows} rows recomputed to the bit in {duration_s:.2f} s")
            click.echo(f"a row {describe_reach(loaded.forecaster.feature_set)}")
            click.echo(f"model digest {loaded.manifest.version}")
