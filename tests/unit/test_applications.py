from pathlib import Path

import pytest

from lockstep import applications
from lockstep.applications import find_application, packaged_application, read_application
from lockstep.errors import InvalidApplication

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lockstep.toml").write_text('name = "prices"\n')
    (tmp_path / "notebooks" / "old").mkdir(parents=True)
    return tmp_path


def test_the_application_is_found_from_any_folder_below_it(folder: Path) -> None:
    found = find_application(folder / "notebooks" / "old")
    assert (found.folder, found.name, found.models) == (folder.resolve(), "prices", folder.resolve() / "models")
    assert (found.default, found.is_packaged, found.feature_sets.name) == (None, False, "preprocessing")


def test_without_a_start_the_current_folder_is_the_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "notebooks")
    assert find_application().name == "prices"


def test_the_first_start_that_is_in_an_application_decides(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert find_application(elsewhere, folder).name == "prices"


def test_elsewhere_it_is_the_packaged_one(tmp_path: Path) -> None:
    assert find_application(tmp_path) == packaged_application()


def test_in_a_checkout_the_packaged_application_is_the_checkout() -> None:
    assert packaged_application().folder == ROOT
    assert packaged_application().is_packaged
    assert not find_application(ROOT / "tests").is_packaged


def test_in_a_wheel_the_packaged_application_lies_in_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "application").mkdir()
    (tmp_path / "application" / "lockstep.toml").write_text("")
    monkeypatch.setattr(applications, "LIBRARY", tmp_path)
    assert (packaged_application().folder, packaged_application().is_packaged) == (tmp_path / "application", True)


def test_models_and_the_default_can_be_named(folder: Path) -> None:
    (folder / "lockstep.toml").write_text('models = "trained"\ndefault = "msft"\n')
    read = read_application(folder)
    assert (read.models, read.default, read.name) == (folder / "trained", "msft", folder.name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('modles = "x"', "unknown member 'modles'; expected name, models, default"),
        ("default = 3", "default is 3; expected a text"),
        ('name = ""', "name is ''; expected a text"),
        ("name", "cannot be read"),
    ],
)
def test_what_a_lockstep_toml_cannot_say_is_refused(folder: Path, text: str, reason: str) -> None:
    (folder / "lockstep.toml").write_text(text)
    with pytest.raises(InvalidApplication, match=r"lockstep\.toml") as refused:
        find_application(folder)
    assert reason in str(refused.value)
