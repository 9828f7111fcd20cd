"""The name under which the library is published; `lockstep` itself is another project's on the public index."""

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

DISTRIBUTION = "lockstep-sklearn"
ORIGIN_FILE = "direct_url.json"
"""What installers write beside a library that came from a file, a checkout or an address, not from an index."""


def install_command(*extras: str) -> str:
    """Return the command that adds the named extras, `serve`, `train`, `parity`, from where the library came from."""
    names, (url, is_editable) = f"[{','.join(extras)}]", read_origin()
    if url.startswith("file:"):
        return f"pip install {'-e ' if is_editable else ''}{shlex.quote(url2pathname(urlsplit(url).path) + names)}"
    return f"pip install {shlex.quote(DISTRIBUTION + names + (url and f' @ {url}'))}"


def read_origin() -> tuple[str, bool]:
    """Return the address that the library was installed from, empty for an index, and whether as an editable one."""
    try:
        written = distribution(DISTRIBUTION).read_text(ORIGIN_FILE)
    except PackageNotFoundError:
        written = None
    origin = json.loads(written or "{}")
    return origin.get("url", ""), origin.get("dir_info", {}).get("editable", False)
