"""`lockstep ray check`: find in a config of Ray Serve what Serve would ignore, and what must not be deployed."""

import os
import sys
from pathlib import Path

import click

CHECKER = ("-P", "-m", "lockstep.runtimes.ray")
"""`-P`: nothing is imported from the current folder, whatever its files are called."""


@click.group(epilog="Example: lockstep ray check serve.yaml")
def ray() -> None:
    """Help with the app on Ray Serve: docs/ray.md."""


@ray.command(epilog="Example: lockstep ray check serve.yaml")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check configs of Serve, such as serve.yaml: keys, types, secrets, import paths, and addresses without keys.

    Serve ignores a key that it does not know. Where Ray is installed, Ray validates the file as well.
    """
    command = [sys.executable, *CHECKER, *map(str, paths)]
    os.execve(sys.executable, command, dict(os.environ))  # noqa: S606 -- the point is to become the checker
