"""`lockstep deploy`: push to Heroku, release, prove; what is not proven is rolled back."""

import os
import sys
from pathlib import Path

import click

from lockstep.applications import find_application
from lockstep.bundles.choosing import choose_version
from lockstep.bundles.finding import list_version_folders
from lockstep.bundles.loading import parse_aliases
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_whole
from lockstep.bundles.versions import CHAMPION
from lockstep.checkout import Checkout, read_checkout
from lockstep.cli.heroku import Refused, aliases_command, info_command, read_app, releases_command, show
from lockstep.cli.interrupts import interrupt_once
from lockstep.cli.proving import release_and_prove
from lockstep.cli.release import Release
from lockstep.errors import MAX_LISTED, LockstepError

DOCKERFILE = Path("Dockerfile.web")
KEY_VARIABLE = "LOCKSTEP_API_KEY"
EPILOG = """Exit codes: 0 released and proven; 1 to 4 what `lockstep parity` said of the release, which was rolled back;
5 refused, not pushed or interrupted before the release, the app runs what it ran; 6 the release failed, was not up in
time or was interrupted, and was rolled back; 7 the rollback failed, and the app may run what is not proven.
Example: lockstep deploy my-app --bundle models/msft"""


@click.command(epilog=EPILOG)
@click.argument("app")
@click.option(
    "--bundle", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The model or version that the app has to answer with; default: the champion of the default model.",
)  # fmt: skip
@click.option(
    "--wait-s", default=120, show_default=True, type=click.IntRange(min=1),
    help="Seconds within which the release has to answer; an app with preboot needs more than 180.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the commands and run none.")
def deploy(app: str, bundle: Path | None, wait_s: int, dry_run: bool) -> None:
    """Push Dockerfile.web to the Heroku app APP, release it, and prove that it answers what was evaluated.

    Run it in the application's folder, after `heroku login` and `heroku container:login`, with Docker running and
    LOCKSTEP_API_KEY set to a key that the app takes. Every version of every model is verified first: the image holds
    them all. Each command is printed before it runs. The release is proven once `/version` has BUNDLE's digest and
    this commit, and `lockstep parity` ends with 0; otherwise the app is rolled back to the release before.
    """
    interrupt_once()
    try:
        code = _deploy(app, bundle, wait_s, dry_run)
    except KeyboardInterrupt as error:  # a later one rolls back, and does not come here
        raise Refused("interrupted; nothing was released") from error
    except (LockstepError, OSError) as error:
        raise Refused(f"{error}; nothing was released") from error
    sys.exit(code)


def _deploy(app: str, bundle: Path | None, wait_s: int, dry_run: bool) -> int:
    if not DOCKERFILE.is_file():
        raise Refused(f"no {DOCKERFILE} in {Path.cwd()}: run this in the application's folder")
    models = find_application().models
    folder = choose_version(bundle, None, None).folder.resolve()
    digests = {each.resolve(): _verify(each) for each in list_version_folders(models)}
    if folder not in digests:
        raise Refused(f"{folder} is not in {models}, which is all that the image holds; nothing was pushed")
    checkout = read_checkout(Path())
    release = Release(app, bundle or folder.parent, digests[folder], checkout.described if checkout else None)
    if checkout and checkout.changed:
        click.echo(describe_changes(checkout))
    if dry_run:
        _print_commands(release)
        return 0
    check_dockerfiles(Path())
    if not os.environ.get(KEY_VARIABLE):
        raise Refused(f"{KEY_VARIABLE} is not set: without a key that the app takes, the release cannot be proven")
    before = read_app(app)
    _check_override(release, folder, before.aliases)
    return release_and_prove(release, before, wait_s)


def describe_changes(checkout: Checkout) -> str:
    """Return which files differ from the commit, of which at most `MAX_LISTED` are named, and what `/version` shows."""
    listed = [f"  {path}" for path in checkout.changed[:MAX_LISTED]]
    more = len(checkout.changed) - len(listed)
    first = f"note: {len(checkout.changed)} file(s) differ from the commit; /version will show {checkout.described}"
    return "\n".join([first, *listed, *([f"  and {more} more"] if more else [])])


def _check_override(release: Release, folder: Path, aliases: str) -> None:
    """Raise `Refused` if the app's LOCKSTEP_ALIASES name another champion than the version that is to be proven."""
    name, version = folder.parent.name, int(folder.name)
    try:
        champion = parse_aliases(aliases).get(name, {}).get(CHAMPION, version)
    except ValueError as error:
        raise Refused(
            f"LOCKSTEP_ALIASES of {release.app} cannot be read: {error}; nothing was pushed. "
            f"Run: heroku config:unset LOCKSTEP_ALIASES -a {release.app}"
        ) from error
    if champion != version and release.bundle.resolve() != folder:
        raise Refused(
            f"LOCKSTEP_ALIASES of {release.app} makes version {champion} the champion of {name}, not {version}; "
            f"nothing was pushed. Deploy that one with --bundle {folder.parent / str(champion)}, or run: "
            f"heroku config:unset LOCKSTEP_ALIASES -a {release.app}"
        )


def _verify(folder: Path) -> str:
    """Return the digest of a version that this machine reproduces."""
    loaded = load_bundle(folder)
    check_whole(loaded)
    return loaded.manifest.digest


def check_dockerfiles(folder: Path) -> None:
    """Raise `Refused` naming a second Dockerfile.web below `folder`, outside folders whose name begins with a dot.

    `heroku container:push --recursive` finds those as well, and stops to ask which one it is to build.
    """
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if DOCKERFILE.name in files and (second := Path(parent, DOCKERFILE)) != folder / DOCKERFILE:
            raise Refused(
                f"{second} is a second {DOCKERFILE}, and `heroku container:push --recursive` would stop to ask which "
                "to build; move or delete it, or its folder; nothing was pushed"
            )


def _print_commands(release: Release) -> None:
    told = (info_command(release.app), releases_command(release.app), aliases_command(release.app))
    for command in (*told, release.push_command, release.release_command):
        show(command)
    click.echo(f"then, once WEB_URL/version tells of {release.described}:")
    show(release.parity_command("WEB_URL"))
    click.echo("and, where anything after the push fails:")
    show(release.rollback_command("CURRENT_RELEASE"))
