import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lockstep.bundles.bundle import BARS_FILE, FILES, Bundle, load_bundle, save_bundle
from lockstep.bundles.manifest import MANIFEST_FILE, installed_libraries
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import BundleError, DigestMismatch, InvalidBundle, VersionMismatch
from lockstep.training.training import Trained, train


def edit_manifest(folder: Path, edit: Callable[[dict], object]) -> None:
    manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes())
    edit(manifest)
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def test_loaded_bundle_is_the_saved_one_to_the_bit(bundle: Bundle, bars: Bars, trained: Trained) -> None:
    assert bundle.manifest == trained.manifest
    assert (bundle.bars.dates.tolist(), bundle.bars.values.tolist()) == (bars.dates.tolist(), bars.values.tolist())
    for name in ("dates", "close", "y_true", "y_pred", "leaf"):
        assert getattr(bundle.evaluation, name).tobytes() == getattr(trained.evaluation, name).tobytes()
    forecast = bundle.forecaster.forecast(bars.select(slice(-120, None)))
    assert forecast.prediction.tobytes() == trained.evaluation.y_pred.tobytes()


@pytest.mark.parametrize("name", FILES)
def test_file_with_one_other_byte_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(DigestMismatch, match=re.escape(f"{folder}: {name} has SHA-256")):
        load_bundle(folder)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_manifest_with_one_other_byte_is_refused(folder: Path, flip: int) -> None:
    content = bytearray((folder / MANIFEST_FILE).read_bytes())
    content[content.index(b"TINY")] ^= flip
    (folder / MANIFEST_FILE).write_bytes(content)
    with pytest.raises(BundleError, match=MANIFEST_FILE):
        load_bundle(folder)


@pytest.mark.parametrize("name", [*FILES, MANIFEST_FILE])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidBundle, match=re.escape(f"{folder}: {name} cannot be read: No such file")):
        load_bundle(folder)


@pytest.mark.parametrize(
    "edit",
    [
        lambda manifest: manifest["scores"]["model"].update(r2=0.9),
        lambda manifest: manifest["calendar"]["holidays"].pop(),
        lambda manifest: manifest.update(feature_set="preprocessing.features:OTHER"),
        lambda manifest: manifest["files"].update({BARS_FILE: "0" * 64}),
        lambda manifest: manifest.update(version="0" * 64),
    ],
    ids=["score", "calendar", "feature set", "file digest", "version"],
)
def test_edited_manifest_is_refused(folder: Path, edit: Callable[[dict], object]) -> None:
    edit_manifest(folder, edit)
    with pytest.raises(DigestMismatch, match=r"manifest\.json was edited"):
        load_bundle(folder)


@pytest.mark.parametrize(("old", "new"), [(b"{", b'{"symbol": "OTHER",'), (b": ", b":  ")], ids=["twice", "spaces"])
def test_manifest_written_otherwise_is_refused(folder: Path, old: bytes, new: bytes) -> None:
    path = folder / MANIFEST_FILE
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(DigestMismatch, match=r"manifest\.json was edited"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["schema_version", "name", "parity", "test", "libraries", "files", "calendar"])
def test_manifest_without_a_member_is_refused(folder: Path, name: str) -> None:
    edit_manifest(folder, lambda manifest: manifest.pop(name))
    with pytest.raises(InvalidBundle, match=name):
        load_bundle(folder)


@pytest.mark.parametrize("changes", [{"extra": 1}, {"schema_version": 2}, {"lookback_bars": "200"}], ids=str)
def test_manifest_with_an_unknown_member_or_value_is_refused(folder: Path, changes: dict[str, object]) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(changes))
    with pytest.raises(InvalidBundle, match=r"manifest\.json: "):
        load_bundle(folder)


@pytest.mark.parametrize("library", ["numpy", "scikit-learn"])
def test_other_library_version_names_the_command_that_installs_it(folder: Path, library: str, reseal: Callable) -> None:
    reseal(folder, libraries=(pinned := installed_libraries() | {library: "0.1"}))
    command = f"pip install numpy=={pinned['numpy']} scikit-learn=={pinned['scikit-learn']}"
    with pytest.raises(VersionMismatch, match=re.escape(f"{library} {installed_libraries()[library]} instead of 0.1")):
        load_bundle(folder)
    with pytest.raises(VersionMismatch, match=re.escape(command)):
        load_bundle(folder)


def test_other_python_version_is_served(folder: Path, reseal: Callable) -> None:
    reseal(folder, libraries=installed_libraries() | {"python": "3.0.0"})
    assert load_bundle(folder).manifest.libraries["python"] == "3.0.0"


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
    folder: Path, reseal: Callable, edit: Callable[[list[str]], object], expected: str
) -> None:
    lines = (folder / BARS_FILE).read_text().splitlines()
    edit(lines)
    reseal(folder, {BARS_FILE: "\n".join(lines).encode()})
    with pytest.raises(InvalidBundle, match=expected):
        load_bundle(folder)


@pytest.mark.parametrize(
    "members", [{"lookback_bars": 199}, {"features": ["return"]}, {"feature_set": "os:path"}, {"files": {}}], ids=str
)
def test_manifest_that_contradicts_the_code_is_refused(trained: Trained, tmp_path: Path, members: dict) -> None:
    save_bundle(tmp_path / "b", msgspec.structs.replace(trained.manifest, **members).sealed(), trained.files)
    with pytest.raises(InvalidBundle):
        load_bundle(tmp_path / "b")


def fail_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *calls: int) -> None:
    """Let `owner.name` raise at the given calls, counted from 1, and do its work at all others."""
    real, count = getattr(owner, name), iter(range(1, 100))

    def failing(*args: object, **kwargs: object) -> object:
        if next(count) in calls:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, failing)


@pytest.fixture
def other(bars: Bars, calendar: Calendar, trained: Trained, recipe: msgspec.Struct) -> Trained:
    return train(bars, calendar, msgspec.structs.replace(recipe, symbol="OTHER"))


@pytest.mark.parametrize(
    ("owner", "name", "calls"),
    [(os, "fsync", [1]), (os, "fsync", [5]), (Path, "open", [1]), (Path, "open", [3]), (Path, "chmod", [1]),
     (Path, "rename", [1]), (Path, "rename", [2])],
)  # fmt: skip
def test_save_that_fails_leaves_the_old_bundle(
    folder: Path, other: Trained, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, calls: list[int]
) -> None:
    fail_at(monkeypatch, owner, name, *calls)
    with pytest.raises(OSError, match="No space"):
        save_bundle(folder, other.manifest, other.files)
    assert load_bundle(folder).manifest.symbol == "TINY"
    assert list(folder.parent.iterdir()) == [folder]


def test_save_cut_off_between_renames_leaves_the_old_bundle_beside(
    folder: Path, other: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    previous = folder.with_name("tiny.previous")
    fail_at(monkeypatch, Path, "rename", 2, 3)
    with pytest.raises(OSError, match="No space"):
        save_bundle(folder, other.manifest, other.files)
    with pytest.raises(InvalidBundle, match=re.escape(f"the last whole bundle is {previous}")):
        load_bundle(folder)
    assert load_bundle(previous).manifest.symbol == "TINY"
    assert list(folder.parent.iterdir()) == [previous]
    save_bundle(folder, other.manifest, other.files)
    assert load_bundle(folder).manifest.symbol == "OTHER"
    assert list(folder.parent.iterdir()) == [folder]


def test_folder_that_is_no_bundle_is_never_replaced(tmp_path: Path, trained: Trained) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.csv").write_text("precious")
    with pytest.raises(BundleError):
        save_bundle(tmp_path / "data", trained.manifest, trained.files)
    assert (tmp_path / "data" / "prices.csv").read_text() == "precious"
