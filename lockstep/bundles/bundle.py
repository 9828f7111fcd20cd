"""A bundle: the folder that holds everything the service and the parity suite need."""

import hashlib
import os
import pickle
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from lockstep.bundles.evaluation import Evaluation, parse_evaluation, write_evaluation
from lockstep.bundles.manifest import MANIFEST_FILE, Manifest, check_libraries, decode_manifest, encode_manifest
from lockstep.bundles.unpickle import unpickle
from lockstep.data.bars import Adjusts, Bars
from lockstep.data.calendar import Calendar, fits_exactly
from lockstep.data.price_csv import parse_price_csv, write_price_csv
from lockstep.errors import BundleError, DigestMismatch, InvalidBundle, LockstepError
from lockstep.features.feature_set import load_feature_set
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History

SCALER_FILE = "scaler.pkl"
MODEL_FILE = "model.pkl"
BARS_FILE = "bars.csv"
EVALUATION_FILE = "evaluation.csv"
FILES = (SCALER_FILE, MODEL_FILE, BARS_FILE, EVALUATION_FILE)
DEFAULT_BUNDLE = Path(__file__).parents[2] / "models" / "msft"


@dataclass(frozen=True)
class Bundle:
    """Hold a loaded bundle: its manifest, its bars (oldest first), its evaluation and its forecaster."""

    manifest: Manifest
    bars: Bars
    evaluation: Evaluation
    forecaster: Forecaster

    @property
    def calendar(self) -> Calendar:
        """Return the calendar whose sessions the bars are."""
        return self.forecaster.history.calendar

    @property
    def adjusts(self) -> Adjusts:
        """Return what an adjusted close beside raw prices adjusts; see `FeatureSet`."""
        return self.forecaster.feature_set.adjusts


def load_bundle(folder: Path) -> Bundle:
    """Return the bundle in `folder`.

    Nothing is unpickled before every digest matches and the library versions are the manifest's. Raises a
    `BundleError` that names the folder and the reason.
    """
    try:
        manifest = decode_manifest(_read_file(folder, MANIFEST_FILE))
        contents = {name: _read_file(folder, name) for name in FILES}
        _check_digests(manifest, contents)
        check_libraries(manifest)
        return _assemble_bundle(manifest, contents)
    except BundleError as error:
        raise type(error)(f"{folder}: {error}") from error
    except (LockstepError, LookupError, ValueError) as error:
        raise InvalidBundle(f"{folder}: {error}") from error


def _assemble_bundle(manifest: Manifest, contents: dict[str, bytes]) -> Bundle:
    calendar = manifest.calendar.build()
    feature_set = load_feature_set(manifest.feature_set)
    bars = parse_price_csv(contents[BARS_FILE].decode(), BARS_FILE, calendar, feature_set.adjusts)
    if not fits_exactly(calendar, bars.dates):
        raise InvalidBundle(f"{BARS_FILE} has a gap: sessions of {calendar.name} are missing")
    if list(feature_set.columns) != manifest.features or feature_set.lookback_bars != manifest.lookback_bars:
        raise InvalidBundle(f"the code's feature set {manifest.feature_set} is not the one trained with; train again")
    scaler = unpickle(contents[SCALER_FILE], SCALER_FILE)
    model = unpickle(contents[MODEL_FILE], MODEL_FILE)
    evaluation = parse_evaluation(contents[EVALUATION_FILE].decode())
    return Bundle(manifest, bars, evaluation, Forecaster(History(bars, calendar), feature_set, scaler, model))


def _read_file(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        previous = _previous(folder)
        hint = f"; a save was cut off, the last whole bundle is {previous}" if previous.exists() else ""
        raise InvalidBundle(f"{name} cannot be read: {error.strerror}{hint}") from error


def _check_digests(manifest: Manifest, contents: dict[str, bytes]) -> None:
    if set(manifest.files) != set(contents):
        raise InvalidBundle(f"{MANIFEST_FILE} pins {sorted(manifest.files)}; expected {sorted(contents)}")
    for name, content in contents.items():
        if (found := hashlib.sha256(content).hexdigest()) != manifest.files[name]:
            raise DigestMismatch(
                f"{name} has SHA-256 {found[:12]}…, but {manifest.files[name][:12]}… was evaluated; "
                "restore the file or train again"
            )


def bundle_files(scaler: StandardScaler, model: Pipeline, bars: Bars, evaluation: Evaluation) -> dict[str, bytes]:
    """Return the content of every file but the manifest."""
    return {
        SCALER_FILE: pickle.dumps(scaler, protocol=5),
        MODEL_FILE: pickle.dumps(model, protocol=5),
        BARS_FILE: write_price_csv(bars).encode(),
        EVALUATION_FILE: write_evaluation(evaluation).encode(),
    }


def seal_manifest(manifest: Manifest, files: dict[str, bytes]) -> Manifest:
    """Return the manifest with the digests of `files` and its version."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return msgspec.structs.replace(manifest, files=digests).sealed()


def save_bundle(folder: Path, manifest: Manifest, files: dict[str, bytes]) -> None:
    """Write a bundle so that `folder` never holds half of it.

    The files are written and synced beside `folder` first, then the folders change places. Should the machine
    stop between the two renames, the old bundle is whole under the name with `.previous`. A folder that holds
    something else than a bundle is refused.
    """
    folder = folder.resolve()
    for replaced in (folder, _previous(folder)):
        _refuse_other_files(replaced)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        for name, content in {**files, MANIFEST_FILE: encode_manifest(manifest)}.items():
            _write_synced(fresh / name, content)
        _swap(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _refuse_other_files(folder: Path) -> None:
    if folder.exists() and (other := sorted({path.name for path in folder.iterdir()} - {*FILES, MANIFEST_FILE})):
        raise InvalidBundle(f"{folder} is not replaced: it holds {other[0]!r}, which no bundle does")


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Path, folder: Path) -> None:
    previous = _previous(folder)
    if folder.exists():
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
    try:
        fresh.rename(folder)
    except OSError:
        if previous.exists():
            previous.rename(folder)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _previous(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.previous")
