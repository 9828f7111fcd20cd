"""The core alone: numpy, msgspec and click, without any extra."""

import re
from pathlib import Path

from qa.dist.steps import expect, run, timed
from qa.servers import ROOT

CORE = ("click", "colorama", "msgspec", "numpy")
LOCK = ROOT / "requirements" / "web.txt"


def write_core_lock(path: Path) -> None:
    """Write the part of the web image's lock that the core needs, hashes included."""
    pins = re.findall(r"^[^#\s].*?(?=^\S|\Z)", LOCK.read_text(), re.MULTILINE | re.DOTALL)
    path.write_text("".join(pin for pin in pins if pin.split("==")[0] in CORE))


def try_core(python: Path, wheel: Path, folder: Path) -> None:
    """Write an application, and see that other commands name the extra that they need, of the wheel installed here."""
    lockstep = python.parent / "lockstep"
    with timed("core alone: init, and the extras that other commands name"):
        run([lockstep, "init", folder / "core-application"], folder)
        run([lockstep, "--version"], folder)
        for command in (("train",), ("parity", "http://127.0.0.1:9"), ("serve",)):
            expect(f"{wheel}[{command[0]}]", run([lockstep, *command], folder, expected=1))
