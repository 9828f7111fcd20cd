"""The commit that a service shows: the setting, else that of the application's checkout, else `unknown`."""

from pathlib import Path

import pytest

from lockstep.scoring.booting import read_boot_settings
from lockstep.scoring.settings import SettingsError
from lockstep.web.app import boot_app, create_app
from qa.default_bundle import DEFAULT_MODEL
from tests.unit.test_checkout import git


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application in a checkout of its own, in which the test works."""
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "lockstep.toml").write_text('name = "mine"\n')
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    monkeypatch.chdir(folder)
    return folder


def test_the_commit_is_that_of_the_application_s_checkout(application: Path) -> None:
    commit = git(application, "rev-parse", "HEAD")
    assert read_boot_settings({}).commit == commit
    (application / "new").touch()
    assert read_boot_settings({}).commit == f"{commit}-dirty"


@pytest.mark.usefixtures("application")
def test_the_setting_comes_first() -> None:
    assert read_boot_settings({"LOCKSTEP_COMMIT": "mine"}).commit == "mine"
    with pytest.raises(SettingsError):
        read_boot_settings({"PORT": "none"})


def test_an_application_that_git_does_not_know_has_no_commit(application: Path) -> None:
    """As a library that is installed in an environment inside somebody's checkout."""
    (application / "inside").mkdir()
    (application / "lockstep.toml").rename(application / "inside" / "lockstep.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(application / "inside")
        assert read_boot_settings({}).commit == "unknown"


@pytest.mark.parametrize("spoil", ["toml", "git"])
def test_nothing_that_is_wrong_with_a_checkout_is_a_reason_not_to_serve(application: Path, spoil: str) -> None:
    if spoil == "toml":
        (application / "lockstep.toml").write_text("name = ")
    else:
        (application / ".git" / "HEAD").write_text("nonsense")
    assert read_boot_settings({}).commit == "unknown"


def test_the_version_page_shows_it(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKSTEP_MODELS", str(DEFAULT_MODEL))
    monkeypatch.delenv("LOCKSTEP_COMMIT", raising=False)
    told = boot_app(create_app).test_client().get("/version").get_json()
    assert told["commit"] == git(application, "rev-parse", "HEAD")
