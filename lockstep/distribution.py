"""The name under which the library is published; `lockstep` itself is another project's on the public index."""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

DISTRIBUTION = "lockstep-sklearn"
ORIGIN_FILE = "direct_url.json"
"""What installers write beside a library that came from a file, a checkout or an address, not from an index."""


def install_command(*extras: str) -> str:
    """Return the command that adds the named extras, `serve`, `train`, `parity`, from where the library came from."""
    names, (url, is_editable) = f"[{','.join(extras)}]", read_origin()
    if url.startswith("file:"):
        return write_install(*["-e"] * is_editable, url2pathname(urlsplit(url).path) + names)
    return write_install(DISTRIBUTION + names + (url and f" @ {url}"))


def describe_install(*extras: str) -> str:
    """Return how readers on other machines add the named extras, without a path of this machine."""
    names, (url, is_editable) = f"[{','.join(extras)}]", read_origin()
    if not url.startswith("file:"):
        return shlex.join(["pip", "install", DISTRIBUTION + names + (url and f" @ {url}")])
    path = Path(url2pathname(urlsplit(url).path))
    wheel = path.name if path.suffix == ".whl" else ""
    command = shlex.join(["pip", "install", *["-e"] * is_editable, (wheel or ".") + names])
    return f"{command}, in {'the folder of that wheel' if wheel else 'a checkout of Lockstep'}"


def write_install(*words: str) -> str:
    """Return the command that installs into the environment of this Python, wherever the pip of the shell installs."""
    python = Path(sys.executable)  # not resolved: the link in .venv is what names the environment
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return shlex.join([str(shown), "-m", "pip", "install", *words])


def read_origin() -> tuple[str, bool]:
    """Return the address that the library was installed from, empty for an index, and whether as an editable one."""
    try:
        written = distribution(DISTRIBUTION).read_text(ORIGIN_FILE)
    except PackageNotFoundError:
        written = None
    origin = json.loads(written or "{}")
    return origin.get("url", ""), origin.get("dir_info", {}).get("editable", False)
