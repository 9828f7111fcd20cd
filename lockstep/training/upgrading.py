"""Turn a bundle of the first version into one of today: the same pickles, bars and predictions, described anew."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.entries import RETURN, CalendarEntry, FeatureSetEntry, SchemaEntry
from lockstep.bundles.evaluation import EVALUATION_FILE, Evaluation, lay_out_stages, write_evaluation
from lockstep.bundles.files import MAX_MANIFEST_BYTES, read_regular
from lockstep.bundles.fitted_state.steps import describe_steps
from lockstep.bundles.libraries import check_libraries
from lockstep.bundles.manifest import MANIFEST_FILE, SeriesManifest
from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_parts
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.scores import NO_CHANGE
from lockstep.bundles.sealing import seal_model
from lockstep.bundles.series import BARS_FILE, list_features
from lockstep.data.price_csv import parse_price_csv
from lockstep.errors import DigestMismatch, EvaluationMismatch, InvalidBundle
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.predict.forecast import Forecaster
from lockstep.predict.guarantees import BITS
from lockstep.predict.history import History
from lockstep.predict.stages import PREDICTION
from lockstep.training.evaluation import record_evaluation
from lockstep.training.target import NEXT_RETURN
from lockstep.training.training import Trained

FILES = (SCALER_FILE, MODEL_FILE, BARS_FILE, EVALUATION_FILE)
RENAMED = {"preprocessing.features:DAILY": "daily"}
"""Feature sets of the first version that have another name today."""

Members = dict[str, Any]


def read_first_version(folder: Path) -> tuple[Members, dict[str, bytes]]:
    """Return the manifest and the files of a bundle of the first version; raise a `BundleError` if one was changed."""
    try:
        members = msgspec.json.decode(read_regular(folder / MANIFEST_FILE, MAX_MANIFEST_BYTES), type=Members)
        contents = {name: read_regular(folder / name) for name in FILES}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidBundle(f"{folder} is no bundle: {error}") from error
    if members.get("schema_version") != 1:
        raise InvalidBundle(f"{folder} is not of the first version: schema_version {members.get('schema_version')}")
    digest = hashlib.sha256(msgspec.json.encode({**members, "version": ""})).hexdigest()
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    if digest != members.get("version") or digests != members.get("files"):
        raise DigestMismatch(f"{folder} was edited since it was written; restore it or train again")
    return members, contents


def find_old_name(members: Members) -> str | None:
    """Return today's name of the feature set of an old bundle, None if it is not one of ours."""
    return RENAMED.get(str(members.get("feature_set")))


def upgrade_bundle(members: Members, contents: dict[str, bytes], name: str, found: NamedFeatureSet) -> Trained:
    """Return the bundle of today, called `name`, with the feature set that was found for it.

    Raises `InvalidBundle` if its manifest or its evaluation lacks something, `EvaluationMismatch` if its predictions
    are not those of the old evaluation, to the bit.
    """
    try:
        return _upgrade(members, contents, name, found)
    except (LookupError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise InvalidBundle(f"no whole bundle of the first version: {error!r}; train again") from error


def _upgrade(members: Members, contents: dict[str, bytes], name: str, found: NamedFeatureSet) -> Trained:
    schema = SchemaEntry("bars", found.features.adjusts, msgspec.convert(members["calendar"], CalendarEntry))
    calendar = schema.calendar.build()
    bars = parse_price_csv(contents[BARS_FILE].decode(), BARS_FILE, schema.build(calendar))
    scaler, model = load_parts(pick_pickles(contents))
    sealed = seal_model(scaler, model, list_features(found.features))
    forecaster = Forecaster(History(bars, calendar), found.features, sealed.model)
    forecast = forecaster.forecast(bars.select(slice(-members["test"]["rows"], None)))
    evaluation = record_evaluation(forecaster, bars, NEXT_RETURN, lay_out_stages(forecast.stages, []))
    _compare(evaluation, contents[EVALUATION_FILE].decode())
    written = write_evaluation(evaluation).encode()
    files = {**sealed.files, SCALER_FILE: contents[SCALER_FILE], MODEL_FILE: contents[MODEL_FILE]}
    files |= {BARS_FILE: contents[BARS_FILE], EVALUATION_FILE: written}
    manifest = _describe(members, name, found, evaluation, schema)
    check_libraries(manifest)
    described = msgspec.structs.replace(manifest, estimator=describe_steps(scaler, model))
    return Trained(seal_manifest(described, files), files, evaluation)


def _compare(evaluation: Evaluation, old: str) -> None:
    rows = list(csv.DictReader(io.StringIO(old)))
    was = np.array([float(row["y_pred"]) for row in rows])
    if [row["date"] for row in rows] != evaluation.dates.astype(
        str
    ).tolist() or was.tobytes() != evaluation.y_pred.tobytes():
        raise EvaluationMismatch("this machine does not reproduce the old evaluation.csv; upgrade where it was made")


def _describe(
    members: Members, name: str, found: NamedFeatureSet, evaluation: Evaluation, schema: SchemaEntry
) -> SeriesManifest:
    kept = ("symbol", "horizon_bars", "learning", "test", "up_rate", "libraries", "source")
    features = found.features
    described = {
        **{member: members[member] for member in kept},
        "schema_version": 2,
        "kind": "series",
        "name": name,
        "schema": schema,
        "feature_set": FeatureSetEntry(
            found.name, list(features.columns), features.lookback_bars, features.whole_history, found.source_sha256
        ),
        "target": RETURN,
        "naive": NO_CHANGE,
        "estimator": [],
        "predictor": "exact",
        "guarantees": {PREDICTION: BITS},
        "scores": {predictor: {"type": "returns", **scores} for predictor, scores in dict(members["scores"]).items()},
        "evaluation": list(evaluation.columns),
        "files": {},
    }
    return msgspec.convert(msgspec.to_builtins(described), SeriesManifest)
