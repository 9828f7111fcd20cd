"""Bundles of the first version, made here by the first version's own description of the tiny bundle."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lockstep.bundles.evaluation import EVALUATION_FILE
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import DigestMismatch, EvaluationMismatch, InvalidBundle
from lockstep.training.recipe import Recipe
from lockstep.training.training import Trained, train
from lockstep.training.upgrading import FILES, find_old_name, read_first_version, upgrade_bundle

OLD_COLUMNS = ("date", "close", "y_true", "y_pred", "leaf", "features")


def write_first_version(folder: Path, trained: Trained, **changed: Any) -> Path:
    """Write the bundle as the first version did."""
    today = msgspec.to_builtins(trained.manifest)
    rows = list(csv.DictReader(io.StringIO(trained.files[EVALUATION_FILE].decode())))
    lines = [",".join(OLD_COLUMNS), *(",".join(row[name] for name in OLD_COLUMNS) for row in rows)]
    files = {name: trained.files[name] for name in FILES} | {EVALUATION_FILE: "\n".join([*lines, ""]).encode()}
    members = {
        "schema_version": 1,
        "name": "old",
        "version": "",
        "symbol": today["symbol"],
        "feature_set": "preprocessing.features:DAILY",
        "features": today["feature_set"]["columns"],
        "lookback_bars": 200,
        "horizon_bars": 1,
        "parity": "bits",
        **{name: today[name] for name in ("learning", "test")},
        "estimator": {"name": "DecisionTreeRegressor", "polynomial_degree": 2, "parameters": {}},
        **{name: today[name] for name in ("scores", "up_rate", "libraries", "source")},
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in FILES},
        "calendar": today["schema"]["calendar"],
        **changed,
    }
    version = hashlib.sha256(msgspec.json.encode(members)).hexdigest()
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode({**members, "version": version})))
    return folder


def test_an_upgraded_bundle_is_the_one_that_training_makes_today(
    tmp_path: Path, bars: Bars, calendar: Calendar, recipe: Recipe
) -> None:
    trained = train(bars, calendar, msgspec.structs.replace(recipe, interval="none"))
    members, contents = read_first_version(write_first_version(tmp_path / "old", trained))
    assert find_old_name(members) == "daily"
    upgraded = upgrade_bundle(members, contents, "tiny", recipe.feature_set)
    unjudged = msgspec.structs.replace(trained.manifest, verdict=msgspec.UNSET).sealed()
    assert (upgraded.manifest, upgraded.files) == (unjudged, trained.files)
    load_series(save_bundle(tmp_path / "models" / "tiny", upgraded.manifest, upgraded.files))


def test_a_feature_set_that_is_not_ours_has_to_be_named(tmp_path: Path, trained: Trained) -> None:
    members, _ = read_first_version(write_first_version(tmp_path / "old", trained, feature_set="own.module:OWN"))
    assert find_old_name(members) is None


def test_a_bundle_that_was_edited_is_refused(tmp_path: Path, trained: Trained) -> None:
    folder = write_first_version(tmp_path / "old", trained)
    for name in ("manifest.json", "model.pkl"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole.replace(b"TINY", b"TINX").replace(b"sklearn", b"sklearm"))
        with pytest.raises(DigestMismatch, match="was edited since it was written"):
            read_first_version(folder)
        (folder / name).write_bytes(whole)


@pytest.mark.parametrize(
    ("changed", "reason"), [({"schema_version": 2}, "schema_version 2"), ({"schema_version": 0}, "schema_version 0")]
)
def test_what_is_not_of_the_first_version_is_refused(
    tmp_path: Path, trained: Trained, changed: dict[str, int], reason: str
) -> None:
    with pytest.raises(InvalidBundle, match=reason):
        read_first_version(write_first_version(tmp_path / "old", trained, **changed))


def test_predictions_of_another_evaluation_are_refused(tmp_path: Path, trained: Trained, recipe: Recipe) -> None:
    members, contents = read_first_version(write_first_version(tmp_path / "old", trained))
    first = contents[EVALUATION_FILE].decode().splitlines()[1].split(",")
    other = contents[EVALUATION_FILE].replace(first[3].encode(), b"1.5", 1)
    with pytest.raises(EvaluationMismatch, match="does not reproduce the old evaluation"):
        upgrade_bundle(members, {**contents, EVALUATION_FILE: other}, "tiny", recipe.feature_set)


@pytest.mark.parametrize("changed", [{"test": {}}, {"calendar": "XNYS"}, {"scores": 3}, {"symbol": None}])
def test_a_resealed_manifest_that_lacks_something_is_refused(
    tmp_path: Path, trained: Trained, recipe: Recipe, changed: dict[str, Any]
) -> None:
    members, contents = read_first_version(write_first_version(tmp_path / "old", trained, **changed))
    with pytest.raises(InvalidBundle, match=r"no whole bundle of the first version: .*; train again"):
        upgrade_bundle(members, contents, "tiny", recipe.feature_set)
