"""The library as a wheel: made from the installed files, or by the build back end from a checkout."""

import base64
import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from pathlib import Path

from lockstep.applications import LIBRARY
from lockstep.distribution import DISTRIBUTION
from lockstep.errors import PackagingError
from lockstep.scaffold.archive import write_zip

PACKAGE = "lockstep"
METADATA_FILES = ("METADATA", "WHEEL", "entry_points.txt")
LICENSES = "licenses"
"""What of `.dist-info` belongs to the wheel; the rest is an installer's, and may name paths of this machine."""


@dataclass(frozen=True)
class Wheel:
    """A wheel: its file name and its bytes."""

    name: str
    content: bytes


def build_wheel() -> Wheel:
    """Return the running library as a wheel; the same library gives the same bytes. Raises `PackagingError`."""
    installed = find_installed()
    return build_from_checkout(LIBRARY.parent) if installed is None else pack_installed(installed)


def find_installed() -> Distribution | None:
    """Return the installation that the running library is; None if it runs from a checkout."""
    try:
        installed = distribution(DISTRIBUTION)
    except PackageNotFoundError:
        return None
    library = Path(str(installed.locate_file(PACKAGE)))
    return installed if library.resolve() == LIBRARY.resolve() else None


def pack_installed(installed: Distribution) -> Wheel:
    """Return the wheel of installed files, each compared with its digest in RECORD."""
    packed = [path for path in installed.files or () if belongs_to_wheel(path)]
    contents = {path.as_posix(): read_recorded(path) for path in packed}
    [metadata] = [path for path in packed if path.name == "METADATA" and path.parent.suffix == ".dist-info"]
    folder = metadata.parent.as_posix()
    return Wheel(f"{folder.removesuffix('.dist-info')}-py3-none-any.whl", write_wheel(contents, f"{folder}/RECORD"))


def belongs_to_wheel(path: PackagePath) -> bool:
    """Return whether an installed file came from the wheel, and was not written by the installer or by Python."""
    top, *inner = path.parts
    if top == PACKAGE:
        return "__pycache__" not in inner
    return top.endswith(".dist-info") and (inner[0] == LICENSES or path.name in METADATA_FILES)


def read_recorded(path: PackagePath) -> bytes:
    """Return the content of an installed file; raise `PackagingError` unless it is what RECORD says."""
    content = path.read_binary()
    if path.hash is None or path.hash.value != encode_digest(content):
        raise PackagingError(f"{path.locate()} is not the file that was installed; install {DISTRIBUTION} again")
    return content


def encode_digest(content: bytes) -> str:
    """Return the SHA-256 of `content` as RECORD writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def write_wheel(contents: dict[str, bytes], record: str) -> bytes:
    """Return the archive of `contents` by path, with a RECORD of them."""
    lines = [f"{path},sha256={encode_digest(contents[path])},{len(contents[path])}\n" for path in sorted(contents)]
    return write_zip({**contents, record: "".join([*lines, f"{record},,\n"]).encode()})


def build_from_checkout(checkout: Path) -> Wheel:
    """Return the wheel that the build back end makes of a checkout."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out]
        ended = subprocess.run(command, cwd=checkout, check=False, capture_output=True, text=True)  # noqa: S603 -- ours
        if ended.returncode:
            raise PackagingError(f"no wheel could be built from {checkout}: {ended.stderr.strip().splitlines()[-1]}")
        [path] = Path(out).glob("*.whl")
        return Wheel(path.name, path.read_bytes())
