"""Commands and scripts as a user calls them, run in this process: no start of a new one, and no second import."""

import os
import runpy
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from lockstep.cli.main import main
from qa.servers import ROOT, make_environ

COMMAND, PYTHON = ".venv/bin/lockstep", ".venv/bin/python"
"""What pages call the command and the interpreter."""

TIMEOUT_S = 120
OF_APPLICATIONS = "preprocessing"
"""The package that each application has under the same name."""


@dataclass(frozen=True)
class Ended:
    """The exit code of a command, and what it printed."""

    returncode: int
    stdout: str
    stderr: str

    def check_output(self) -> str:
        """Return the standard output, and assert that the command ended with 0."""
        assert self.returncode == 0, self.stdout + self.stderr
        return self.stdout


def run_command(*arguments: object, folder: Path = ROOT, environ: Mapping[str, str] | None = None) -> Ended:
    """Return how `lockstep ARGUMENTS` ends in a folder; `environ` is added to an environment without settings."""
    return _run(main, ["lockstep", *map(str, arguments)], folder, environ or {})


def run_script(script: str, *arguments: str, folder: Path = ROOT) -> Ended:
    """Return how a script ends that is called in a folder; it can import what stands beside it."""

    def run() -> None:
        with _imports_beside(folder / script):
            runpy.run_path(script, run_name="__main__")

    return _run(run, [script, *arguments], folder, {})


def run_block(block: str, folder: Path = ROOT) -> str:
    """Return what a block of a page prints; its lines are commands, scripts or lines of the shell, or it is a curl."""
    if block.startswith("curl"):
        return run_shell(block, folder)
    printed = ""
    for line in block.splitlines():
        program, *arguments = shlex.split(line)
        if program == COMMAND:
            printed += run_command(*arguments, folder=folder).check_output()
        elif program == PYTHON and arguments[0].endswith(".py"):
            printed += run_script(*arguments, folder=folder).check_output()
        else:
            printed += run_shell(line.replace(PYTHON, sys.executable), folder)
    return printed


def run_shell(script: str, folder: Path = ROOT) -> str:
    """Return what a script of the shell prints, and assert that it ends with 0."""
    shell = ["/bin/bash", "-e", "-c", script]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _run(call: Callable[[], None], argv: list[str], folder: Path, environ: Mapping[str, str]) -> Ended:
    printed, complained, code = TextIOWrapper(BytesIO(), "utf-8"), TextIOWrapper(BytesIO(), "utf-8"), 0
    with (
        chdir(folder),
        patch.dict(os.environ, make_environ(environ), clear=True),
        patch.object(sys, "argv", argv),
        redirect_stdout(printed),
        redirect_stderr(complained),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")  # shown and no errors, as in a process of its own
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            call()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            if isinstance(ended.code, str):  # which the interpreter prints
                complained.write(f"{ended.code}\n")
    return Ended(code, _read(printed), _read(complained))


def _read(written: TextIOWrapper) -> str:
    written.seek(0)
    return written.read()


@contextmanager
def _imports_beside(script: Path) -> Iterator[None]:
    others = _forget_application()
    try:
        with patch.object(sys, "path", [str(script.parent), *sys.path]):
            yield
    finally:
        _forget_application()
        sys.modules.update(others)


def _forget_application() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == OF_APPLICATIONS]
    return {name: sys.modules.pop(name) for name in names}
