import os
import shutil
from pathlib import Path

import msgspec
import pytest
from sklearn.tree import DecisionTreeClassifier

from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.bundles.versions import list_versions, read_aliases
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import InvalidBundle
from lockstep.training.recipe import Recipe
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_training import train_table
from lockstep.training.training import Trained, train
from tests.small_tables import TARGET, load_table


def fail_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *calls: int) -> None:
    """Let `owner.name` raise at the given calls, counted from 1, and do its work at all others."""
    real, count = getattr(owner, name), iter(range(1, 100))

    def failing(*args: object, **kwargs: object) -> object:
        if next(count) in calls:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, failing)


@pytest.fixture(scope="module")
def other(bars: Bars, calendar: Calendar, recipe: Recipe) -> Trained:
    return train(bars, calendar, msgspec.structs.replace(recipe, test_rows=90))


def test_each_save_makes_the_next_version_and_the_first_is_the_champion(
    folder: Path, trained: Trained, other: Trained
) -> None:
    model = folder.parent
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert save_bundle(model, other.manifest, other.files) == model / "2"
    assert save_bundle(model, trained.manifest, trained.files) == model / "3"
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert [load_series(model / str(v)).manifest.test.rows for v in list_versions(model)] == [120, 90, 120]
    assert read_aliases(model) == {"champion": 1}


def test_the_number_of_a_removed_version_is_not_given_again_while_a_later_one_is_there(
    folder: Path, other: Trained
) -> None:
    model = folder.parent
    for _ in range(2):
        save_bundle(model, other.manifest, other.files)
    shutil.rmtree(model / "2")
    assert save_bundle(model, other.manifest, other.files).name == "4"


def test_only_the_first_version_becomes_the_champion_by_itself(folder: Path, other: Trained) -> None:
    (folder.parent / "aliases.json").unlink()
    save_bundle(folder.parent, other.manifest, other.files)
    assert read_aliases(folder.parent) == {}


@pytest.mark.parametrize("name", ["", "tiny/..", "tiny/../other/.."])
def test_a_models_folder_does_not_become_a_model(folder: Path, other: Trained, name: str) -> None:
    models = folder.parents[1]
    with pytest.raises(InvalidBundle, match=r"is a models folder; name a model in it|is no folder of a model"):
        save_bundle(models / name, other.manifest, other.files)
    assert [path.name for path in models.iterdir()] == ["tiny"]


def test_the_empty_models_folder_of_an_application_does_not_become_a_model(tmp_path: Path, other: Trained) -> None:
    (tmp_path / "lockstep.toml").write_text("")
    with pytest.raises(InvalidBundle, match=r"models is a models folder; name a model in it, such as .*models/x"):
        save_bundle(tmp_path / "models", other.manifest, other.files)


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [(os, "fsync", 1), (os, "fsync", 5), (Path, "open", 2), (Path, "open", 5), (Path, "chmod", 1), (Path, "rename", 1)],
)
def test_a_save_that_fails_leaves_the_model_as_it_was(
    folder: Path, other: Trained, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int
) -> None:
    before = sorted(folder.parent.rglob("*"))
    fail_at(monkeypatch, owner, name, call)
    with pytest.raises(OSError, match="No space"):
        save_bundle(folder.parent, other.manifest, other.files)
    assert sorted(folder.parent.rglob("*")) == before


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path, trained: Trained) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.csv").write_text("precious")
    save_bundle(tmp_path / "data", trained.manifest, trained.files)
    assert (tmp_path / "data" / "prices.csv").read_text() == "precious"


@pytest.mark.parametrize("name", ["1", "-x", "a b", ".hidden", "x" * 65])
def test_a_name_that_no_model_can_have_is_refused(tmp_path: Path, trained: Trained, name: str) -> None:
    with pytest.raises(InvalidBundle, match="is no name; expected a letter"):
        save_bundle(tmp_path / name, trained.manifest, trained.files)
    assert list(tmp_path.iterdir()) == []


def test_a_model_takes_versions_of_its_own_kind_alone(folder: Path) -> None:
    trained = train_table(load_table("iris"), TableRecipe("tiny", TARGET, DecisionTreeClassifier(max_depth=2)))
    with pytest.raises(InvalidBundle, match=r"holds versions of a series, and this is one of a table; name another"):
        save_bundle(folder.parent, trained.manifest, dict(trained.files))
    assert list_versions(folder.parent) == [1]


def test_another_symbol_does_not_get_into_the_folder_of_a_model(folder: Path, trained: Trained) -> None:
    model = folder.parent
    other = seal_manifest(msgspec.structs.replace(trained.manifest, symbol="OTHER"), trained.files)
    with pytest.raises(InvalidBundle, match="holds versions of TINY, and this is one of OTHER; name another model"):
        save_bundle(model, other, trained.files)
    assert list_versions(model) == [1]
