"""The manifest of a bundle: what it is, how it was made, and the SHA-256 of every file."""

import datetime
import hashlib
import platform
from typing import Literal

import msgspec
import numpy as np
import sklearn

from lockstep.bundles.evaluation import Column
from lockstep.bundles.scores import Scores
from lockstep.data.bars import Adjusts
from lockstep.data.calendar import Calendar
from lockstep.errors import DigestMismatch, InvalidBundle, OutdatedBundle, VersionMismatch

MANIFEST_FILE = "manifest.json"
MAX_YEARS = 300
PINNED = ("numpy", "scikit-learn")
UPGRADE = "lockstep models upgrade FOLDER --out models/NAME"


class CalendarEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A description of a trading calendar; see `lockstep.data.calendar.Calendar`."""

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
    """The first and the last bar of a stretch of bars, and how many there are."""

    first: str
    last: str
    rows: int


class SchemaEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A description of what the model reads; see `lockstep.data.schema.BarsSchema`."""

    kind: Literal["bars"]
    adjusts: Adjusts
    calendar: CalendarEntry

    @classmethod
    def describe(cls, calendar: Calendar, adjusts: Adjusts) -> "SchemaEntry":
        """Return the entry of a schema of bars."""
        return cls("bars", adjusts, CalendarEntry.describe(calendar))


class FeatureSetEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identity of a feature set (name, columns, look-back), what it reads, and the digest of its source."""

    name: str
    columns: list[str]
    lookback_bars: int
    whole_history: bool
    source_sha256: str


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fitted object of the model, in the order of use: its class and what it was made with."""

    estimator: str
    parameters: dict[str, int | float | str | bool | None]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The price file that a bundle was trained from."""

    file: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `manifest.json` holds; `digest` covers all the rest, and so identifies the bundle.

    `guarantees` says for each output what parity demands of it: `bits`. `evaluation` describes the columns of
    `evaluation.csv`.
    """

    schema_version: Literal[2]
    kind: Literal["series"]
    name: str
    digest: str = ""
    symbol: str
    schema: SchemaEntry
    feature_set: FeatureSetEntry
    target: Literal["gross_return"]
    horizon_bars: Literal[1]
    learning: Window
    test: Window
    estimator: list[Step]
    scores: dict[str, Scores]
    up_rate: float
    guarantees: dict[str, Literal["bits"]]
    evaluation: list[Column]
    libraries: dict[str, str]
    source: Source
    files: dict[str, str]

    def sealed(self) -> "Manifest":
        """Return the manifest with its `digest` filled in."""
        return msgspec.structs.replace(self, digest=self.compute_digest())

    def compute_digest(self) -> str:
        """Return the SHA-256 over everything but `digest`, and so over the digests of all files."""
        content = msgspec.json.encode(msgspec.structs.replace(self, digest=""))
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
        if msgspec.json.decode(content, type=_SchemaVersion).schema_version == 1:
            raise OutdatedBundle(f"{MANIFEST_FILE} is of the first version; run: {UPGRADE}")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidBundle(f"{MANIFEST_FILE}: {error}") from error
    if manifest.compute_digest() != manifest.digest or encode_manifest(manifest) != content:
        raise DigestMismatch(
            f"{MANIFEST_FILE} was edited since it was written with the digest {manifest.digest[:12]}…; "
            "restore it or train again"
        )
    return manifest


class _SchemaVersion(msgspec.Struct):
    schema_version: int = 0


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
