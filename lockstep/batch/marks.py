"""What is noted of a finished partition, after its files are there: a partition without a mark is done again."""

import hashlib
from pathlib import Path

import msgspec

from lockstep.batch.files import write_file
from lockstep.data.panel.sources import BadSeries


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finished partition: the key that its bytes follow from, the SHA-256 of its file, and what was bad.

    The file is missing, and its digest empty, if every series was bad. `models` holds the digest of each model that
    was trained, by name.
    """

    key: str
    sha256: str
    series: int
    rows: int
    bad: list[BadSeries]
    models: dict[str, str]


def read_mark(path: Path) -> Mark | None:
    """Return a mark; None if there is none, or none that was written as a whole."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_mark(path: Path, mark: Mark) -> None:
    """Note a partition as finished."""
    write_file(path, msgspec.json.format(msgspec.json.encode(mark), indent=1) + b"\n")


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file; empty if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
