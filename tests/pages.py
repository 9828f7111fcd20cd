"""What the pages of the documentation show, and a copy of the application in which it is run."""

import re
import shlex
import shutil
from pathlib import Path

from qa.default_bundle import DEFAULT_MODEL
from qa.servers import ROOT
from tests.commands import COMMAND


def read_page(name: str) -> str:
    """Return the text of a page, such as `docs/models.md`."""
    return (ROOT / name).read_text()


def find_blocks(page: str, language: str) -> list[str]:
    """Return the blocks of code of a language, in the page's order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def find_commands(page: str) -> list[list[str]]:
    """Return the arguments of each `lockstep` command of a page, in its order."""
    lines = [line for block in find_blocks(page, "sh") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{COMMAND} ")]


def find_section(page: str, name: str) -> str:
    """Return what stands between the comments `<!-- name -->` and `<!-- end of name -->`."""
    [section] = re.findall(rf"<!-- {name} -->\n(.*?)<!-- end of {name} -->", page, re.DOTALL)
    return section


def copy_application(folder: Path) -> Path:
    """Copy the application with its one model into a new folder, and return that."""
    for name in ("backend", "preprocessing", "data"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(DEFAULT_MODEL, folder / "models" / "msft")
    shutil.copy(ROOT / "lockstep.toml", folder)
    return folder
