from pathlib import Path

import pytest

from lockstep.bundles.choosing import Choice, choose_version, find_named_version
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


@pytest.mark.parametrize(
    ("named", "version", "number"),
    [
        ("tiny", None, 1),
        ("tiny", "2", 2),
        ("tiny/2", None, 2),
        ("tiny/champion", None, 1),
        ("models/tiny", None, 1),
        ("models/tiny", "2", 2),
        ("models/tiny/2", None, 2),
        ("./models/tiny/2", "2", 2),
    ],
)
def test_one_text_names_a_model_of_the_application_a_version_of_it_or_a_folder(
    application: Path, named: str, version: str | None, number: int
) -> None:
    (application / "tiny").mkdir()  # a folder without a version is not what is meant
    assert find_named_version(named, version).resolve() == application / "models" / "tiny" / str(number)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("tyni", "models: tiny; did you mean 'tiny'"),
        ("models/tyni", "no model 'tyni' in models; models: tiny; did you mean 'tiny'"),
        ("tiny/9", "tiny has no version '9'; versions: 1, 2"),
        ("models/tiny/9", "tiny has no version '9'; versions: 1, 2"),
        ("nowhere/tiny", "no model 'nowhere' in "),
        ("models", "models holds no version of a model"),
        ("", "holds no version of a model"),
    ],
)
def test_a_text_that_names_nothing_is_refused_with_what_there_is(application: Path, named: str, said: str) -> None:
    with pytest.raises(UnknownModel, match=said):
        find_named_version(named)


def test_two_versions_are_not_both_meant(application: Path) -> None:
    with pytest.raises(UnknownModel, match="is version 2, not 1"):
        find_named_version("tiny/2", "1")
