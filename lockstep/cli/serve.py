"""`lockstep serve`: run gunicorn on one or more models."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from lockstep.applications import describe_packaged, find_application
from lockstep.cli.free_port import find_bind_fault, suggest_port
from lockstep.scoring.logs import TEXT
from lockstep.scoring.setting import SettingsError
from lockstep.scoring.settings import Settings, read_settings

RUNTIME = ("-P", "-m", "lockstep.runtimes.gunicorn", "--config", "python:lockstep.runtimes.gunicorn.config")
"""`-P`: nothing is imported from the current folder, whatever its files are called."""
APP = "lockstep.web.wsgi:app"
MODELS = "LOCKSTEP_MODELS"


@click.command(epilog="Example: lockstep serve models/msft --port 8000. docs/settings.md lists the settings.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Port to bind; default: PORT, else 5000.")
@click.option("--host", help="Address to bind; default: LOCKSTEP_HOST, else 127.0.0.1.")
def serve(paths: tuple[Path, ...], port: int | None, host: str | None) -> None:
    """Serve PATHS with gunicorn: models folders, models or versions; by default the application's models.

    An address beyond loopback needs API keys: make one with `lockstep keys new NAME`.
    """
    if odd := [path for path in paths if os.pathsep in str(path.resolve())]:
        raise click.UsageError(f"{odd[0]}: a path with {os.pathsep!r} cannot be served; rename the folder")
    chosen = {
        MODELS: os.pathsep.join(str(path.resolve()) for path in paths),
        "PORT": str(port or ""),
        "LOCKSTEP_HOST": host or "",
    }
    reader = {"LOCKSTEP_LOG": TEXT} if is_terminal() else {}
    environ = {**reader, **os.environ, **{name: value for name, value in chosen.items() if value}}
    if not environ.get(MODELS) and (note := describe_packaged(find_application())):
        click.echo(f"note: {note}", err=True)
    with suppress(SettingsError):  # the boot names them in the log, as for every other start
        refuse_taken_port(read_settings(environ))
    os.execve(sys.executable, [sys.executable, *RUNTIME, APP], environ)  # noqa: S606 -- the point is to become gunicorn


def is_terminal() -> bool:
    """Return whether a person reads the log as it is written."""
    return sys.stdout is not None and sys.stdout.isatty()  # None where it was closed


def refuse_taken_port(settings: Settings) -> None:
    """End the command if nothing can listen at the address."""
    if fault := find_bind_fault(settings):
        raise click.ClickException(
            f"{fault}. Choose another port with --port, such as --port {suggest_port(settings.port)}, or another "
            "address with --host"
        )
