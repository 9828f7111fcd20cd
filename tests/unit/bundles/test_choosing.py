from pathlib import Path

import pytest

from lockstep.bundles.choosing import Choice, choose_version
from lockstep.bundles.saving import save_bundle
from lockstep.errors import UnknownModel
from lockstep.training.training import Trained


@pytest.fixture
def application(tmp_path: Path, folder: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application with one model of two versions, as the current folder."""
    save_bundle(folder.parent, trained.manifest, trained.files)
    (tmp_path / "lockstep.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("bundle", "model", "version", "number", "named"),
    [
        (None, None, None, 1, None),
        (None, "tiny", None, 1, None),
        (None, "tiny", "2", 2, 2),
        (None, None, "champion", 1, 1),
        ("models/tiny", None, None, 1, None),
        ("models/tiny", None, "2", 2, 2),
        ("models/tiny/2", None, None, 2, 2),
    ],
)
def test_a_version_is_chosen_and_remembered_if_it_was_named(
    application: Path, bundle: str | None, model: str | None, version: str | None, number: int, named: int | None
) -> None:
    chosen = choose_version(Path(bundle) if bundle else None, model, version)
    assert chosen == Choice(chosen.folder, named)
    assert chosen.folder.resolve() == application / "models" / "tiny" / str(number)


def test_a_model_that_is_not_there_is_refused_naming_those_that_are(application: Path) -> None:
    with pytest.raises(UnknownModel, match=r"no model 'gold' in .*; models: tiny"):
        choose_version(None, "gold", None)


def test_of_several_models_one_has_to_be_named(application: Path, trained: Trained) -> None:
    save_bundle(application / "models" / "other", trained.manifest, trained.files)
    with pytest.raises(UnknownModel, match=r"Set `default` in lockstep\.toml to one of other, tiny"):
        choose_version(None, None, None)
    (application / "lockstep.toml").write_text('default = "other"')
    assert choose_version(None, None, None).folder.parent.name == "other"


def test_a_default_that_is_not_there_is_refused(application: Path) -> None:
    (application / "lockstep.toml").write_text('default = "tyni"')
    with pytest.raises(UnknownModel, match=r"`default` in lockstep\.toml is 'tyni', but the models are tiny"):
        choose_version(None, None, None)


def test_a_folder_and_a_model_are_not_both_meant(application: Path) -> None:
    with pytest.raises(UnknownModel, match="the folder models/tiny and the model 'tiny' are both named"):
        choose_version(Path("models/tiny"), "tiny", None)
