"""Install the wheel in dist/ into empty environments and use it as its readers would."""

import subprocess
import sys
import tempfile
from pathlib import Path

from qa.dist.clash import try_hostile_project
from qa.dist.core import try_core, write_core_lock
from qa.dist.created import try_created_application
from qa.dist.extras import try_each_extra
from qa.dist.steps import run, timed
from qa.environments import make_environment
from qa.errors import RunFailed
from qa.servers import ROOT

WHEELS = ROOT / "dist"


def main() -> int:
    """Return 0 if everything works, else 1 with the step that does not and what it printed."""
    [wheel] = WHEELS.glob("*.whl")
    with tempfile.TemporaryDirectory(prefix="lockstep-dist-") as name:
        try:
            with timed("all"):
                try_wheel(wheel, Path(name))
        except (RunFailed, subprocess.TimeoutExpired) as error:
            print(f"make dist-test: {error}", file=sys.stderr)
            return 1
    return 0


def try_wheel(wheel: Path, folder: Path) -> None:
    """Try the wheel in environments and folders of their own below `folder`."""
    write_core_lock(folder / "core.txt")
    try_core(install(wheel, folder / "core", folder / "core.txt"), wheel, folder)
    try_each_extra(wheel, folder / "extras")
    python = install(wheel, folder / "installed", ROOT / "requirements" / "local.txt")
    try_hostile_project(python, folder / "hostile")
    try_created_application(python.parent / "lockstep", folder / "application")


def install(wheel: Path, folder: Path, lock: Path) -> Path:
    """Return the Python of a new environment that holds a lock's libraries, by hash, and the wheel."""
    with timed(f"an environment of {lock.name} and the wheel"):
        python = make_environment(folder, Path(sys.executable), lock)
        run([sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel], folder)
    return python


if __name__ == "__main__":
    sys.exit(main())
