"""`lockstep init`: write an application of one's own."""

import shlex
from pathlib import Path

import click

from lockstep.scaffold.writing import write_application

NEXT = """next   cd {folder}
       make test    serve it on this machine and prove that it answers what was evaluated
       make run     serve it at http://127.0.0.1:5000
       .venv/bin/lockstep train PRICES.csv --symbol X --out models/x"""


@click.command(epilog="Example: lockstep init my-service")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Write an application into DIR, a new or empty folder: ready to run, test and deploy.

    An application is what you edit and deploy: backend/ (the web application, where you add routes),
    preprocessing/ (feature sets), models/ (with one model, trained on MSFT), and what Heroku builds from. The
    library comes along as a wheel in vendor/, pinned by its SHA-256. The folder's name becomes the application's
    name, which you can change in lockstep.toml.
    """
    written = write_application(folder)
    click.echo(f"wrote  {len(written)} files into {folder}")
    for path in written:
        click.echo(f"       {path}")
    click.echo(NEXT.format(folder=shlex.quote(str(folder))))
