"""`lockstep models`: list, compare, promote and remove the versions of the application's models."""

import datetime
from pathlib import Path

import click

from lockstep.applications import describe_packaged, find_application
from lockstep.bundles.evaluation import EVALUATION_FILE, parse_evaluation
from lockstep.bundles.files import MAX_MANIFEST_BYTES, read_regular
from lockstep.bundles.finding import find_version
from lockstep.bundles.manifest import MANIFEST_FILE, Manifest, PanelManifest, decode_manifest
from lockstep.bundles.scores import AnyScores, LabelScores
from lockstep.bundles.versions import (
    CHAMPION,
    join,
    list_models,
    list_versions,
    read_aliases,
    remove_version,
    set_alias,
)
from lockstep.cli.differences import compare_answers, list_changes, list_members
from lockstep.cli.folders import find_folder, find_writable
from lockstep.cli.models_group import ModelsGroup
from lockstep.cli.reseal import reseal
from lockstep.cli.upgrade import upgrade
from lockstep.errors import BundleError, InvalidBundle, UnknownModel

HEADINGS = ("model", "version", "aliases", "kind", "MAE", "naive MAE", "digest", "kB", "written")
EXAMPLE = "Example: lockstep models promote msft 2"


@click.group(cls=ModelsGroup, invoke_without_command=True, epilog=EXAMPLE)
@click.option("--models", "folder", type=click.Path(file_okay=False, path_type=Path), help="Another models folder.")
@click.pass_context
def models(context: click.Context, folder: Path | None) -> None:
    """List the versions of the models, with the aliases that name them.

    A service answers with the version that the alias `champion` names. To promote or roll back, change the alias here,
    commit the change and deploy; or set LOCKSTEP_ALIASES=NAME@champion=VERSION where it runs.

    `written` is the date on which manifest.json was written on this machine. `git clone` and `pip install` write it
    anew; `models show NAME` has the dates of the rows.
    """
    context.obj = folder
    if context.invoked_subcommand is None:
        application = find_application()
        if folder is None and (note := describe_packaged(application)):
            click.echo(f"note: {note}", err=True)
        _list(folder or application.models)


def _list(folder: Path) -> None:
    rows = [_describe(model, version) for model in list_models(folder) for version in list_versions(model)]
    if not rows:
        click.echo(f"no models in {folder}; train one with: lockstep train PRICES.csv --symbol X --out {folder}/x")
        return
    whole = [HEADINGS, *(row for row in rows if len(row) == len(HEADINGS))]
    widths = [max(len(row[place]) for row in whole) for place in range(len(HEADINGS))]
    for row in (HEADINGS, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


def _describe(model: Path, version: int) -> tuple[str, ...]:
    folder = model / str(version)
    aliases = ", ".join(alias for alias, named in read_aliases(model).items() if named == version) or "-"
    try:
        manifest = _read_manifest(folder)
    except BundleError as error:
        return (model.name, str(version), aliases, f"broken: {error}")
    size_kb = sum(path.stat().st_size for path in folder.iterdir()) / 1000
    written = datetime.date.fromtimestamp((folder / MANIFEST_FILE).stat().st_mtime)
    scores = [_describe_scores(each) for each in list(manifest.scores.values())[:2]]
    return (
        model.name,
        str(version),
        aliases,
        manifest.kind,
        *scores,
        manifest.digest[:12],
        f"{size_kb:.0f}",
        str(written),
    )


def _describe_scores(scores: AnyScores) -> str:
    return f"accuracy {scores.accuracy:.4f}" if isinstance(scores, LabelScores) else f"{scores.mae:.6f}"


def _read_manifest(folder: Path) -> Manifest:
    try:
        return decode_manifest(read_regular(folder / MANIFEST_FILE, MAX_MANIFEST_BYTES))
    except (BundleError, OSError) as error:
        raise InvalidBundle(f"{folder}: {error}") from error


@models.command(epilog="Example: lockstep models show msft --version 1")
@click.argument("name")
@click.option("--version", help="A number or an alias; default: champion.")
@click.option("--json", "as_json", is_flag=True, help="Print manifest.json, whole.")
@click.pass_obj
def show(folder: Path | None, name: str, version: str | None, as_json: bool) -> None:
    """Print what a version of the model NAME was made with, and its scores.

    Digests of files, the columns of the evaluation and what is empty are left out: --json prints them too.
    """
    model = find_folder(folder, name)
    version_folder = model / str(find_version(model, version))
    if as_json:
        click.echo(read_regular(version_folder / MANIFEST_FILE, MAX_MANIFEST_BYTES).decode(), nl=False)
        return
    for line in list_members(_read_manifest(version_folder)):
        click.echo(line)
    click.echo(f"\nmore  lockstep models show {name}{f' --version {version}' if version else ''} --json")


@models.command(epilog=EXAMPLE)
@click.argument("name")
@click.argument("version")
@click.option("--alias", default=CHAMPION, show_default=True, help="The alias that is to name the version.")
@click.pass_obj
def promote(folder: Path | None, name: str, version: str, alias: str) -> None:
    """Let an alias of the model NAME name VERSION from now on; the champion answers.

    VERSION is a number or another alias. It is verified first, as by `lockstep verify`.
    """
    from lockstep.bundles.reading import load_bundle  # slow to import, and listing needs none of it
    from lockstep.bundles.selfcheck import check_whole
    from lockstep.cli.tracking import track_series

    model = find_writable(folder, name)
    number, before = find_version(model, version), read_aliases(model).get(alias, "none")
    check_whole(load_bundle(model / str(number)), track=track_series)
    set_alias(model, alias, number)
    click.echo(f"{name}: {alias} is version {number}, and was {before}")
    click.echo("next  commit aliases.json and deploy; a running `lockstep serve` takes it over on SIGHUP")


@models.command(epilog="Example: lockstep models unalias msft previous")
@click.argument("name")
@click.argument("alias")
@click.pass_obj
def unalias(folder: Path | None, name: str, alias: str) -> None:
    """Drop an ALIAS of the model NAME; never the champion. The version stays."""
    model = find_writable(folder, name)
    if alias == CHAMPION:
        raise UnknownModel(f"a model needs a champion; promote another version: lockstep models promote {name} VERSION")
    if alias not in (aliases := read_aliases(model)):
        raise UnknownModel(f"{name} has no alias {alias!r}; aliases: {join(aliases)}")
    set_alias(model, alias, None)
    click.echo(f"{name}: {alias} was version {aliases[alias]}, and names none any more")


@models.command(epilog="Example: lockstep models remove msft 1")
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@click.pass_obj
def remove(folder: Path | None, name: str, version: int) -> None:
    """Delete VERSION of the model NAME; never one that an alias names."""
    model = find_writable(folder, name)
    find_version(model, version)
    if naming := [alias for alias, named in read_aliases(model).items() if named == version]:
        raise UnknownModel(
            f"{name}/{version} is not removed: it is the {', '.join(naming)}. Promote another version, drop another "
            f"alias with `lockstep models unalias`, or delete the whole model with its folder {model}"
        )
    remove_version(model, version)
    click.echo(f"removed {model / str(version)}; its number will not be given again")


@models.command(epilog="Example: lockstep models diff msft 1 2")
@click.argument("name")
@click.argument("first")
@click.argument("second")
@click.pass_obj
def diff(folder: Path | None, name: str, first: str, second: str) -> None:
    """Compare two versions of the model NAME: what they were made with, their scores and their answers.

    FIRST and SECOND are numbers or aliases. Answers are compared on the dates that both evaluations have.
    """
    model = find_folder(folder, name)
    folders = [model / str(find_version(model, wanted)) for wanted in (first, second)]
    manifests = [_read_manifest(each) for each in folders]
    for line in list_changes(*manifests):
        click.echo(line)
    if any(isinstance(manifest, PanelManifest) for manifest in manifests):
        click.echo("answers: not compared; `lockstep evaluate` scores the series of a panel")
        return
    evaluations = [
        parse_evaluation(read_regular(each / EVALUATION_FILE).decode(), manifest.evaluation)
        for each, manifest in zip(folders, manifests, strict=True)
    ]
    for line in compare_answers(*evaluations):
        click.echo(line)


models.add_command(reseal)
models.add_command(upgrade)
