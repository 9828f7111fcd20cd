"""`python -P -m lockstep.runtimes.ray FILE…`: check configs of Serve, for `lockstep ray check`."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lockstep.errors import LockstepError
from lockstep.runtimes.ray.config_file import Fault, read_config
from lockstep.runtimes.ray.import_paths import find_import_faults
from lockstep.runtimes.ray.rules import find_offences
from lockstep.runtimes.ray.schema import find_misfits

UNCHECKED = "secrets, settings, addresses, replicas, shares and import paths are checked once this is mended"


def check_config(path: Path) -> list[str]:
    """Return a line for each thing that is wrong with a file; raise `InvalidConfig` or OSError."""
    read = read_config(path)
    faults = [*read.faults, *find_misfits(read.values)]
    more = [] if not faults else [f"{path}: {UNCHECKED}"]
    if not faults:
        folders = list(dict.fromkeys((Path.cwd(), path.resolve().parent)))
        faults = [*find_offences(read.values), *find_import_faults(read.values, folders), *find_refusals(read.values)]
    return [*(f"{path}, {read.describe(fault)}" for fault in dict.fromkeys(faults)), *more]


def find_refusals(values: Any) -> Iterator[Fault]:
    """Yield what Ray itself refuses in a config that fits its schema, if Ray is installed."""
    if find_spec("ray") is None:
        return
    from pydantic import ValidationError  # Ray's
    from ray.serve.schema import ServeDeploySchema  # takes two seconds

    try:
        ServeDeploySchema.model_validate(values)
    except ValidationError as error:
        yield from (Fault(tuple(each["loc"]), each["msg"]) for each in error.errors())


def _list_lines(path: Path) -> list[str]:
    """Return what is wrong with a file, also if it cannot be read: other files are checked all the same."""
    try:
        return check_config(path)
    except (LockstepError, OSError) as error:
        return [str(error)]


def main(paths: list[str]) -> int:
    """Print what is wrong with some files; return the exit code."""
    lines = [line for path in paths for line in _list_lines(Path(path))]
    for line in lines:
        print(f"Error: {line}", file=sys.stderr)
    if not lines:
        print(f"{', '.join(paths)}: Serve takes every key")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
