import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lockstep.bundles.finding import find_version, list_version_folders, resolve_version
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.versions import (
    list_models,
    list_versions,
    next_version,
    read_aliases,
    read_removed,
    remove_version,
    set_alias,
    write_aliases,
)
from lockstep.errors import InvalidBundle, OutdatedBundle, UnknownModel
from lockstep.training.training import Trained


@pytest.fixture
def model(folder: Path, trained: Trained) -> Path:
    """A model with two versions; the first is the champion, the second the challenger."""
    save_bundle(folder.parent, trained.manifest, trained.files)
    write_aliases(folder.parent, {"champion": 1, "challenger": 2})
    return folder.parent


@pytest.mark.parametrize(("wanted", "version"), [(None, 1), ("champion", 1), ("challenger", 2), (2, 2), ("2", 2)])
def test_a_version_is_found_by_number_and_by_alias(model: Path, wanted: int | str | None, version: int) -> None:
    assert find_version(model, wanted) == version
    assert resolve_version(model, wanted) == model / str(version)


@pytest.mark.parametrize("wanted", [3, "3", "0", "shadow", "../tiny/1", "1.0"])
def test_a_version_that_is_not_there_is_refused_with_what_is(model: Path, wanted: int | str) -> None:
    with pytest.raises(UnknownModel, match=r"versions: 1, 2; aliases: challenger \(2\), champion \(1\)"):
        find_version(model, wanted)


def test_a_model_without_aliases_has_no_champion(model: Path) -> None:
    (model / "aliases.json").unlink()
    assert read_aliases(model) == {}
    with pytest.raises(UnknownModel, match=r"tiny has no version 'champion'; versions: 1, 2$"):
        find_version(model, None)


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        ('{"champion": 7}', UnknownModel, r"no version 'champion'; versions: 1, 2; aliases: champion \(7\)"),
        ('{"champion": "1"}', InvalidBundle, r"aliases\.json cannot be read"),
        ("{", InvalidBundle, r"aliases\.json cannot be read"),
        ('{"a b": 1}', InvalidBundle, "'a b' is no name"),
    ],
)
def test_aliases_that_lead_nowhere_are_refused(model: Path, content: str, error: type[Exception], reason: str) -> None:
    (model / "aliases.json").write_text(content)
    with pytest.raises(error, match=reason):
        find_version(model, None)


def test_aliases_change_at_once_and_leave_no_other_file(model: Path) -> None:
    write_aliases(model, {"champion": 2})
    assert json.loads((model / "aliases.json").read_text()) == {"champion": 2}
    assert sorted(path.name for path in model.iterdir()) == ["1", "2", "aliases.json"]


def test_a_removed_number_is_not_given_again(model: Path, trained: Trained) -> None:
    write_aliases(model, {"champion": 1})
    remove_version(model, 2)
    assert (list_versions(model), read_removed(model), next_version(model)) == ([1], [2], 3)
    assert save_bundle(model, trained.manifest, trained.files).name == "3"


def test_processes_that_save_and_promote_at_once_wait_for_each_other(model: Path, trained: Trained) -> None:
    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(lambda _: save_bundle(model, trained.manifest, trained.files).name, range(8)))
        list(pool.map(lambda number: set_alias(model, f"a{number}", number), range(1, 9)))
    assert sorted(saved, key=int) == [str(number) for number in range(3, 11)]
    assert read_aliases(model) == {"champion": 1, "challenger": 2, **{f"a{n}": n for n in range(1, 9)}}


def test_an_alias_that_leads_nowhere_can_be_set_anew_and_dropped(model: Path) -> None:
    write_aliases(model, {"champion": 7, "previous": 9})
    set_alias(model, "champion", 1)
    set_alias(model, "previous", None)
    assert read_aliases(model) == {"champion": 1}


def test_a_folder_of_versions_and_of_models_is_refused(model: Path) -> None:
    shutil.copytree(model / "1", model / "inner" / "1")
    with pytest.raises(InvalidBundle, match=r"holds versions and models \(inner, …\)"):
        list(list_version_folders(model))


def test_a_version_and_the_folder_of_another_are_not_both_meant(model: Path) -> None:
    assert resolve_version(model / "2", "challenger") == model / "2"
    with pytest.raises(UnknownModel, match="tiny/2 is version 2, not champion; name the model's folder"):
        resolve_version(model / "2", "champion")


def test_only_folders_with_versions_are_models(model: Path) -> None:
    (model.parent / "notes").mkdir()
    (model.parent / "readme.txt").write_text("")
    assert list_models(model.parent) == [model]
    assert list_models(model.parent / "nowhere") == []


@pytest.mark.parametrize(("path", "found"), [("", ["1", "2"]), ("tiny", ["1", "2"]), ("tiny/2", ["2"])])
def test_every_version_in_a_path_is_listed(model: Path, path: str, found: list[str]) -> None:
    assert list(list_version_folders(model.parent / path)) == [model / name for name in found]


@pytest.mark.parametrize("path", [".", "notes"])
def test_a_path_without_a_model_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnknownModel, match="holds no model; expected a models folder, models/NAME or"):
        list(list_version_folders(tmp_path / path))
    with pytest.raises(UnknownModel, match="holds no version of a model"):
        resolve_version(tmp_path / path)


def test_a_bundle_that_is_no_version_names_the_command_that_makes_it_one(model: Path, tmp_path: Path) -> None:
    (model / "1").rename(tmp_path / "old")
    with pytest.raises(OutdatedBundle, match="expected models/NAME/VERSION; run: lockstep models upgrade"):
        resolve_version(tmp_path / "old")
