"""The manifest of a bundle: what it is, how it was made, and the SHA-256 of every file."""

import datetime
import hashlib
import platform
from typing import Literal

import msgspec
import numpy as np
import sklearn

from lockstep.bundles.scores import Scores
from lockstep.data.calendar import Calendar
from lockstep.errors import DigestMismatch, InvalidBundle, VersionMismatch

MANIFEST_FILE = "manifest.json"
MAX_YEARS = 300
PINNED = ("numpy", "scikit-learn")


class CalendarEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Describe a trading calendar; see `lockstep.data.calendar.Calendar`."""

    name: str
    weekmask: str
    first: str
    last: str
    holidays: list[str]

    @classmethod
    def describe(cls, calendar: Calendar) -> "CalendarEntry":
        """Return the entry of a calendar."""
        holidays = calendar.holidays.astype(str).tolist()
        return cls(calendar.name, calendar.weekmask, str(calendar.first), str(calendar.last), holidays)

    def build(self) -> Calendar:
        """Return the calendar of the entry."""
        first, last, *holidays = (datetime.date.fromisoformat(day) for day in (self.first, self.last, *self.holidays))
        if not 0 <= last.year - first.year <= MAX_YEARS:
            raise InvalidBundle(f"the calendar runs from {first} to {last}; expected at most {MAX_YEARS} years")
        days = np.array([first, last, *holidays], "datetime64[D]")
        return Calendar(self.name, self.weekmask, days[0], days[1], days[2:])


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name the first and the last bar of a stretch of bars, and how many there are."""

    first: str
    last: str
    rows: int


class Estimator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name the estimator and what it was made with."""

    name: str
    polynomial_degree: int
    parameters: dict[str, int | float | str | None]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say which price file the bundle was trained from."""

    file: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hold what `manifest.json` holds; `version` is the digest over all the rest."""

    schema_version: Literal[1]
    name: str
    version: str = ""
    symbol: str
    feature_set: str
    features: list[str]
    lookback_bars: int
    horizon_bars: int
    parity: Literal["bits"]
    learning: Window
    test: Window
    estimator: Estimator
    scores: dict[str, Scores]
    up_rate: float
    libraries: dict[str, str]
    source: Source
    files: dict[str, str]
    calendar: CalendarEntry

    def sealed(self) -> "Manifest":
        """Return the manifest with its `version` filled in."""
        return msgspec.structs.replace(self, version=self.digest())

    def digest(self) -> str:
        """Return the SHA-256 over everything but `version`, and so over the digests of all files."""
        content = msgspec.json.encode(msgspec.structs.replace(self, version=""))
        return hashlib.sha256(content).hexdigest()


def installed_libraries() -> dict[str, str]:
    """Return the versions that a bundle's numbers depend on."""
    return {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(content: bytes) -> Manifest:
    """Return the manifest in `content`; raise `InvalidBundle` or, where it was edited, `DigestMismatch`."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidBundle(f"{MANIFEST_FILE}: {error}") from error
    if manifest.digest() != manifest.version or encode_manifest(manifest) != content:
        raise DigestMismatch(
            f"{MANIFEST_FILE} was edited since it was written as version {manifest.version[:12]}…; "
            "restore it or train again"
        )
    return manifest


def check_libraries(manifest: Manifest) -> None:
    """Raise `VersionMismatch` where numpy or scikit-learn differ; another Python gives the same bits."""
    installed = installed_libraries()
    pinned = {name: manifest.libraries.get(name, "unknown") for name in PINNED}
    if wrong := [name for name, version in pinned.items() if installed.get(name) != version]:
        differences = ", ".join(f"{name} {installed.get(name)} instead of {pinned[name]}" for name in wrong)
        command = " ".join(f"{name}=={version}" for name, version in pinned.items())
        raise VersionMismatch(
            f"{manifest.name} was made with other versions: this is {differences}; run: pip install {command}"
        )
