"""`lockstep models upgrade`: a bundle of the first version as one of today."""

from pathlib import Path

import click

from lockstep.applications import find_application


@click.command(epilog="Example: lockstep models upgrade old/msft --out models/msft")
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the model.")
@click.option("--features", help="Today's name of its feature set, if it is one of your own.")
def upgrade(bundle: Path, out: Path, features: str | None) -> None:
    """Turn BUNDLE, a folder of the first version, into the next version of the model in --out.

    Its pickles and bars stay as they are, byte for byte, and its predictions to the bit.
    """
    from lockstep.bundles.saving import save_bundle  # what trains is not needed to list models
    from lockstep.features.loading import load_feature_set
    from lockstep.training.upgrading import find_old_name, read_first_version, upgrade_bundle

    members, contents = read_first_version(bundle)
    name = features or find_old_name(members)
    if name is None:
        raise click.UsageError(f"its feature set was {members.get('feature_set')}: pass --features FILE.py:NAME")
    upgraded = upgrade_bundle(members, contents, out.resolve().name, load_feature_set(name, find_application(out)))
    folder = save_bundle(out, upgraded.manifest, upgraded.files)
    click.echo(f"{bundle} -> {folder}, digest {upgraded.manifest.digest[:12]}")
