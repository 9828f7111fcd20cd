"""`lockstep serve`: run gunicorn on one or more bundles."""

import os
import sys
from pathlib import Path

import click

from lockstep.applications import describe_packaged, find_application

CONFIG = Path(__file__).parents[2] / "backend" / "gunicorn.conf.py"


@click.command(epilog="Example: lockstep serve models/msft --port 8000; the settings are in backend/settings.py")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Port to bind; default: PORT, else 5000.")
@click.option("--host", help="Address to bind; default: LOCKSTEP_HOST, else 127.0.0.1.")
def serve(paths: tuple[Path, ...], port: int | None, host: str | None) -> None:
    """Serve PATHS with gunicorn: models folders, models or versions; by default the application's models.

    An address beyond loopback needs API keys: make one with `lockstep keys new NAME`.
    """
    if not paths and (note := describe_packaged(find_application())):
        click.echo(f"note: {note}", err=True)
    chosen = {
        "LOCKSTEP_MODELS": os.pathsep.join(str(path.resolve()) for path in paths),
        "PORT": str(port or ""),
        "LOCKSTEP_HOST": host or "",
    }
    # sys.stdout is None where it was closed
    reader = {"LOCKSTEP_LOG": "text"} if sys.stdout and sys.stdout.isatty() else {}
    environ = {**reader, **os.environ, **{name: value for name, value in chosen.items() if value}}
    command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG), "backend.wsgi:app"]
    os.execve(sys.executable, command, environ)  # noqa: S606 -- the point is to become gunicorn
