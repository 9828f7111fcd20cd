"""A bundle: the folder that holds everything the service and the parity suite need."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lockstep.applications import find_application
from lockstep.bundles.evaluation import EVALUATION_FILE, Evaluation, parse_evaluation
from lockstep.bundles.manifest import MANIFEST_FILE, FeatureSetEntry, Manifest, check_libraries, decode_manifest
from lockstep.bundles.unpickle import unpickle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar, fits_exactly
from lockstep.data.price_csv import parse_price_csv
from lockstep.data.schema import BarsSchema
from lockstep.errors import BundleError, DigestMismatch, InvalidBundle, LockstepError
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.features.loading import load_feature_set
from lockstep.predict.forecast import STAGES, Forecaster
from lockstep.predict.history import History

SCALER_FILE = "scaler.pkl"
MODEL_FILE = "model.pkl"
BARS_FILE = "bars.csv"
FILES = (SCALER_FILE, MODEL_FILE, BARS_FILE, EVALUATION_FILE)

FindFeatures = Callable[[str], NamedFeatureSet]


@dataclass(frozen=True)
class Bundle:
    """A loaded bundle: its manifest, its bars (oldest first), its evaluation and its forecaster.

    `warnings` are what a reader of the log should know, such as feature code that changed since training.
    """

    manifest: Manifest
    schema: BarsSchema
    bars: Bars
    evaluation: Evaluation
    forecaster: Forecaster
    warnings: tuple[str, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """Return the calendar whose sessions the bars are."""
        return self.forecaster.history.calendar


def load_bundle(folder: Path, find_features: FindFeatures | None = None) -> Bundle:
    """Return the bundle in `folder`, a version of a model.

    Its feature set is found by `find_features`, or through the application in or above the folder, else the current
    one. Nothing is unpickled before every digest matches and the library versions are the manifest's. Raises a
    `BundleError` that names the folder and the reason.
    """
    try:
        manifest = decode_manifest(_read_file(folder, MANIFEST_FILE))
        contents = {name: _read_file(folder, name) for name in FILES}
        _check_digests(manifest, contents)
        check_libraries(manifest)
        found = (find_features or finder_for(folder))(manifest.feature_set.name)
        return _assemble_bundle(manifest, contents, found)
    except BundleError as error:
        raise type(error)(f"{folder}: {error}") from error
    except (LockstepError, LookupError, ValueError) as error:
        raise InvalidBundle(f"{folder}: {error}") from error


def finder_for(folder: Path) -> FindFeatures:
    """Return what finds the feature sets of the bundle in `folder`, through its application, else the current one.

    A model and its versions hold no application: files beside a bundle's own are never run.
    """
    return partial(load_feature_set, application=find_application(folder.resolve().parents[1], Path.cwd()))


def _assemble_bundle(manifest: Manifest, contents: dict[str, bytes], found: NamedFeatureSet) -> Bundle:
    calendar = manifest.schema.calendar.build()
    schema = BarsSchema(calendar, manifest.schema.adjusts)
    bars = parse_price_csv(contents[BARS_FILE].decode(), BARS_FILE, schema)
    if not fits_exactly(calendar, bars.dates):
        raise InvalidBundle(f"{BARS_FILE} has a gap: sessions of {calendar.name} are missing")
    if not _is_trained_with(manifest, found):
        raise InvalidBundle(f"the feature set {found.name} of the code is not the one trained with; train again")
    if [column.stage for column in manifest.evaluation if column.stage] != [STAGES[-1], *STAGES[:-1]]:
        raise InvalidBundle(f"{MANIFEST_FILE} describes an evaluation of other stages than {', '.join(STAGES)}")
    scaler = unpickle(contents[SCALER_FILE], SCALER_FILE)
    model = unpickle(contents[MODEL_FILE], MODEL_FILE)
    evaluation = parse_evaluation(contents[EVALUATION_FILE].decode(), manifest.evaluation)
    forecaster = Forecaster(History(bars, calendar), found.features, scaler, model)
    return Bundle(manifest, schema, bars, evaluation, forecaster, _warn_of_source(manifest.feature_set, found))


def _is_trained_with(manifest: Manifest, found: NamedFeatureSet) -> bool:
    entry, features = manifest.feature_set, found.features
    trained = (entry.columns, entry.lookback_bars, entry.whole_history, manifest.schema.adjusts)
    return trained == (list(features.columns), features.lookback_bars, features.whole_history, features.adjusts)


def _warn_of_source(entry: FeatureSetEntry, found: NamedFeatureSet) -> tuple[str, ...]:
    if entry.source_sha256 == found.source_sha256:
        return ()
    changed = " or ".join(found.sources) or found.name
    return (
        f"the feature set {entry.name} was changed since this bundle was trained: see {changed}. "
        "The self-check compares its numbers",
    )


def _read_file(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise InvalidBundle(f"{name} cannot be read: {error.strerror}") from error


def _check_digests(manifest: Manifest, contents: dict[str, bytes]) -> None:
    if set(manifest.files) != set(contents):
        raise InvalidBundle(f"{MANIFEST_FILE} pins {sorted(manifest.files)}; expected {sorted(contents)}")
    for name, content in contents.items():
        if (found := hashlib.sha256(content).hexdigest()) != manifest.files[name]:
            raise DigestMismatch(
                f"{name} has SHA-256 {found[:12]}…, but {manifest.files[name][:12]}… was evaluated; "
                "restore the file or train again"
            )
