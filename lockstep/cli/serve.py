"""`lockstep serve`: run gunicorn on one or more bundles."""

import os
import sys
from pathlib import Path

import click

from lockstep.applications import find_application

RUNTIME = ("-P", "-m", "lockstep.runtimes.gunicorn", "--config", "python:lockstep.runtimes.gunicorn.config")
"""`-P`: nothing is imported from the current folder, whatever its files are called."""
APP = "lockstep.web.wsgi:app"
BUNDLES = "LOCKSTEP_BUNDLES"


@click.command(epilog="Example: lockstep serve bundles/msft --port 8000. docs/deploy.md lists the settings.")
@click.argument("bundles", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Port to bind; default: PORT, else 5000.")
@click.option("--host", help="Address to bind; default: LOCKSTEP_HOST, else 127.0.0.1.")
def serve(bundles: tuple[Path, ...], port: int | None, host: str | None) -> None:
    """Serve BUNDLES with gunicorn, the default bundle without any; the first answers `/forecast`.

    An address beyond loopback needs API keys: make one with `lockstep keys new NAME`.
    """
    chosen = {
        BUNDLES: os.pathsep.join(str(folder.resolve()) for folder in bundles),
        "PORT": str(port or ""),
        "LOCKSTEP_HOST": host or "",
    }
    # sys.stdout is None where it was closed
    reader = {"LOCKSTEP_LOG": "text"} if sys.stdout and sys.stdout.isatty() else {}
    environ = {**reader, **os.environ, **{name: value for name, value in chosen.items() if value}}
    if not environ.get(BUNDLES):
        _tell_whose_models()
    os.execve(sys.executable, [sys.executable, *RUNTIME, APP], environ)  # noqa: S606 -- the point is to become gunicorn


def _tell_whose_models() -> None:
    folder = find_application().folder.resolve()
    if not Path.cwd().is_relative_to(folder):
        click.echo("No lockstep.toml here or above: serving the model that comes with Lockstep.", err=True)
        click.echo("`lockstep init DIR` writes an application of your own.", err=True)
