import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lockstep.bundles.evaluation import EVALUATION_FILE, Evaluation, write_evaluation
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import MANIFEST_FILE, encode_manifest
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.series import BARS_FILE, SeriesBundle
from lockstep.data.bars import Bars
from lockstep.errors import (
    BundleError,
    DigestMismatch,
    EvaluationMismatch,
    InvalidBundle,
    OutdatedBundle,
    VersionMismatch,
)
from lockstep.training.training import Trained
from qa.default_bundle import FILES
from qa.servers import ROOT
from tests.unit.conftest import Reseal

Members = dict[str, Any]


def edit_manifest(folder: Path, edit: Callable[[Members], object]) -> None:
    manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes())
    edit(manifest)
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def test_loaded_bundle_is_the_saved_one_to_the_bit(bundle: SeriesBundle, bars: Bars, trained: Trained) -> None:
    assert bundle.manifest == trained.manifest
    assert (bundle.bars.dates.tolist(), bundle.bars.values.tolist()) == (bars.dates.tolist(), bars.values.tolist())
    assert bundle.evaluation.columns == trained.evaluation.columns
    for name, cells in trained.evaluation.cells.items():
        assert bundle.evaluation.cells[name].tobytes() == cells.tobytes()
    assert bundle.warnings == ()
    forecast = bundle.forecaster.forecast(bars.select(slice(-120, None)))
    assert forecast.prediction.tobytes() == trained.evaluation.y_pred.tobytes()


@pytest.mark.parametrize("name", FILES)
def test_file_with_one_other_byte_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(DigestMismatch, match=re.escape(f"{folder}: {name} has SHA-256")):
        load_series(folder)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_manifest_with_one_other_byte_is_refused(folder: Path, flip: int) -> None:
    content = bytearray((folder / MANIFEST_FILE).read_bytes())
    content[content.index(b"TINY")] ^= flip
    (folder / MANIFEST_FILE).write_bytes(content)
    with pytest.raises(BundleError, match=MANIFEST_FILE):
        load_series(folder)


@pytest.mark.parametrize("name", [*FILES, MANIFEST_FILE])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidBundle, match=re.escape(f"{folder}: {name} cannot be read: No such file")):
        load_series(folder)


@pytest.mark.parametrize(
    "edit",
    [
        lambda manifest: manifest["scores"]["model"].update(r2=0.9),
        lambda manifest: manifest["schema"]["calendar"]["holidays"].pop(),
        lambda manifest: manifest["feature_set"].update(name="other"),
        lambda manifest: manifest["files"].update({BARS_FILE: "0" * 64}),
        lambda manifest: manifest.update(digest="0" * 64),
    ],
    ids=["score", "calendar", "feature set", "file digest", "digest"],
)
def test_edited_manifest_is_refused(folder: Path, edit: Callable[[Members], object]) -> None:
    edit_manifest(folder, edit)
    with pytest.raises(DigestMismatch, match=r"manifest\.json was edited"):
        load_series(folder)


@pytest.mark.parametrize(("old", "new"), [(b"{", b'{"symbol": "OTHER",'), (b": ", b":  ")], ids=["twice", "spaces"])
def test_manifest_written_otherwise_is_refused(folder: Path, old: bytes, new: bytes) -> None:
    path = folder / MANIFEST_FILE
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(DigestMismatch, match=r"manifest\.json was edited"):
        load_series(folder)


@pytest.mark.parametrize("name", ["schema_version", "name", "guarantees", "test", "libraries", "files", "schema"])
def test_manifest_without_a_member_is_refused(folder: Path, name: str) -> None:
    edit_manifest(folder, lambda manifest: manifest.pop(name))
    with pytest.raises(InvalidBundle, match=name):
        load_series(folder)


@pytest.mark.parametrize("changes", [{"extra": 1}, {"schema_version": 3}, {"up_rate": "0.5"}], ids=str)
def test_manifest_with_an_unknown_member_or_value_is_refused(folder: Path, changes: dict[str, object]) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(changes))
    with pytest.raises(InvalidBundle, match=r"manifest\.json: "):
        load_series(folder)


@pytest.mark.parametrize(
    "guarantees", [{}, {"leaf": "bits"}, {"prediction": "tolerance"}, {"prediction": "nearly"}], ids=str
)
def test_a_guarantee_that_nothing_can_be_held_to_is_refused(
    folder: Path, guarantees: dict[str, str], reseal: Reseal
) -> None:
    reseal(folder, guarantees=guarantees)
    with pytest.raises(InvalidBundle, match="guarantee"):
        load_series(folder)


@pytest.mark.parametrize("library", ["numpy", "scikit-learn"])
def test_other_library_version_names_the_command_that_installs_it(folder: Path, library: str, reseal: Reseal) -> None:
    reseal(folder, libraries=(pinned := installed_libraries() | {library: "0.1"}))
    command = f"pip install numpy=={pinned['numpy']} scikit-learn=={pinned['scikit-learn']}"
    with pytest.raises(VersionMismatch, match=re.escape(f"{library} {installed_libraries()[library]} instead of 0.1")):
        load_series(folder)
    with pytest.raises(VersionMismatch, match=re.escape(command)):
        load_series(folder)


def test_other_python_version_is_served(folder: Path, reseal: Reseal) -> None:
    reseal(folder, libraries=installed_libraries() | {"python": "3.0.0"})
    assert load_series(folder).manifest.libraries["python"] == "3.0.0"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda lines: lines.pop(50), "bars.csv has a gap"),
        (lambda lines: lines.insert(1, lines[1].replace("2020-01-01", "2019-12-31")), "is not a session"),
        (lambda lines: lines.append(lines[-1]), "is there twice"),
    ],
    ids=["gap", "before the calendar", "duplicate"],
)
def test_stored_bars_that_are_no_consecutive_sessions_are_refused(
    folder: Path, reseal: Reseal, edit: Callable[[list[str]], object], expected: str
) -> None:
    lines = (folder / BARS_FILE).read_text().splitlines()
    edit(lines)
    reseal(folder, {BARS_FILE: "\n".join(lines).encode()})
    with pytest.raises(InvalidBundle, match=expected):
        load_series(folder)


@pytest.mark.parametrize(
    "members", [{"lookback_bars": 199}, {"columns": ["return"]}, {"whole_history": True}, {"name": "os:path"}], ids=str
)
def test_a_feature_set_that_is_not_the_one_trained_with_is_refused(
    folder: Path, trained: Trained, reseal: Reseal, members: Members
) -> None:
    reseal(folder, feature_set=msgspec.structs.replace(trained.manifest.feature_set, **members))
    with pytest.raises(InvalidBundle):
        load_series(folder)


def test_a_schema_that_adjusts_otherwise_than_the_feature_set_is_refused(
    folder: Path, trained: Trained, reseal: Reseal
) -> None:
    reseal(folder, schema=msgspec.structs.replace(trained.manifest.schema, adjusts="close"))
    with pytest.raises(InvalidBundle, match="not the one trained with"):
        load_series(folder)


@pytest.mark.parametrize("dropped", ["leaf", "scaled", "features"])
def test_an_evaluation_without_a_stage_is_refused(folder: Path, trained: Trained, reseal: Reseal, dropped: str) -> None:
    columns = tuple(column for column in trained.evaluation.columns if column.name != dropped)
    fewer = write_evaluation(Evaluation(columns, trained.evaluation.cells)).encode()
    bundle = load_series(reseal(folder, {EVALUATION_FILE: fewer}, evaluation=list(columns)))
    with pytest.raises(
        EvaluationMismatch, match=r"holds other stages than features, scale, half_width, scaled, leaf, prediction"
    ):
        check_evaluation(bundle)


def test_an_evaluation_of_other_columns_than_the_manifest_says_is_refused(
    folder: Path, trained: Trained, reseal: Reseal
) -> None:
    reseal(folder, evaluation=[column for column in trained.manifest.evaluation if column.name != "y_pred"])
    with pytest.raises(InvalidBundle, match=r"evaluation\.csv: expected the columns"):
        load_series(folder)


def test_feature_code_that_changed_since_training_is_a_warning_that_names_the_file(
    folder: Path, trained: Trained, reseal: Reseal
) -> None:
    reseal(folder, feature_set=msgspec.structs.replace(trained.manifest.feature_set, source_sha256="0" * 64))
    (warning,) = load_series(folder).warnings
    assert f"see {ROOT / 'preprocessing' / 'daily.py'}" in warning


def test_the_default_bundle_was_trained_with_the_code_that_is_here(default_bundle: SeriesBundle) -> None:
    assert default_bundle.warnings == ()


def test_a_bundle_finds_its_feature_set_in_the_application_above_it(
    tmp_path: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lockstep.toml").write_text("")
    folder = save_bundle(tmp_path / "models" / "tiny", trained.manifest, trained.files)
    monkeypatch.chdir(ROOT)
    with pytest.raises(InvalidBundle, match=f"there is no file {tmp_path}/preprocessing/daily.py"):
        load_series(folder)
    (tmp_path / "preprocessing").mkdir()
    (tmp_path / "preprocessing" / "daily.py").write_text("from lockstep.errors import LockstepError as DAILY")
    with pytest.raises(InvalidBundle, match=r"daily\.py holds 0 feature sets"):
        load_series(folder)


def test_a_manifest_that_pins_no_file_is_refused(folder: Path, trained: Trained) -> None:
    sealed = msgspec.structs.replace(trained.manifest, files={}).sealed()
    (folder / MANIFEST_FILE).write_bytes(encode_manifest(sealed))
    with pytest.raises(InvalidBundle, match="pins"):
        load_series(folder)


def test_a_bundle_of_the_first_version_names_the_command_that_reads_it(folder: Path) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(schema_version=1))
    with pytest.raises(OutdatedBundle, match="run: lockstep models upgrade FOLDER --out models/NAME"):
        load_series(folder)
