import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import lockstep.bundles.loading
from lockstep.bundles.choosing import write_models_command
from lockstep.bundles.evaluation import EVALUATION_FILE, write_evaluation
from lockstep.bundles.loading import Selection, load_registry, parse_aliases
from lockstep.bundles.registry import Registry, Served
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.bundles.versions import write_aliases
from lockstep.errors import (
    DigestMismatch,
    EvaluationMismatch,
    InvalidBundle,
    LockstepError,
    UnknownModel,
    UnknownSymbol,
)
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.training.training import Trained
from qa.servers import ROOT
from tests.unit.conftest import Reseal


def save_as(model: Path, trained: Trained, symbol: str) -> Path:
    manifest = msgspec.structs.replace(trained.manifest, name=model.name, symbol=symbol)
    return save_bundle(model, seal_manifest(manifest, trained.files), trained.files)


@pytest.fixture
def models(tmp_path: Path, trained: Trained) -> Path:
    """Two models of one symbol, the first with two versions, and one of another."""
    folder = tmp_path / "models"
    for name, symbol in (("tree", "X"), ("tree", "X"), ("other", "X"), ("gold", "XAU")):
        save_as(folder / name, trained, symbol)
    write_aliases(folder / "tree", {"champion": 1, "challenger": 2})
    return folder


@pytest.fixture
def registry(models: Path) -> Registry:
    return load_registry(Selection([models], default="tree"))


class Counted(tuple[Served, ...]):
    """Versions that count how often they are gone through."""

    passes = 0

    def __iter__(self) -> Iterator[Served]:
        self.passes += 1
        return super().__iter__()


def test_a_request_goes_through_no_list_of_versions(registry: Registry) -> None:
    counted = replace(registry, served=Counted(registry.served))
    asked: list[dict[str, Any]] = [{}, {"model": "tree", "version": 1}, {"symbol": "XAU"}, {"model": "gold"}]
    first = [counted.pick(**each) for each in asked]
    assert first == [registry.pick(**each) for each in asked]
    passes = counted.served.passes  # type: ignore[attr-defined]  # it counts
    assert passes > 0
    for _ in range(3):
        assert [counted.pick(**each) for each in asked] == first
        with pytest.raises(UnknownModel):
            counted.pick("no-such")
        with pytest.raises(UnknownSymbol):
            counted.pick(symbol="NONE")
        assert not counted.faults
    assert counted.served.passes <= passes + 2  # type: ignore[attr-defined]  # the lists for refusals, made once


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "tree/1"),
        ({"model": "tree"}, "tree/1"),
        ({"model": "tree", "version": 2}, "tree/2"),
        ({"model": "tree", "version": "2"}, "tree/2"),
        ({"version": "challenger"}, "tree/2"),
        ({"model": "gold", "version": "champion"}, "gold/1"),
        ({"symbol": "X"}, "tree/1"),
        ({"symbol": "XAU"}, "gold/1"),
        ({"model": "other", "symbol": "X"}, "other/1"),
    ],
)
def test_a_request_picks_a_version(registry: Registry, asked: dict[str, Any], found: str) -> None:
    assert str(registry.pick(**asked)) == found


@pytest.mark.parametrize(
    ("asked", "error", "reason"),
    [
        ({"model": "tre"}, UnknownModel, "no model 'tre'; models: gold, other, tree"),
        (
            {"version": 3},
            UnknownModel,
            r"no version '3'; versions: 1, 2; aliases: champion \(1\), challenger \(2\)",
        ),
        ({"model": "gold", "version": "challenger"}, UnknownModel, r"gold has no version 'challenger'"),
        ({"version": 0}, UnknownModel, "tree has no version '0'"),
        ({"version": ""}, UnknownModel, "tree has no version ''"),
        ({"model": ""}, UnknownModel, "no model ''; models: gold, other, tree"),
        ({"symbol": "IBM"}, UnknownSymbol, "no model for 'IBM'; this service forecasts XAU, X"),
        ({"model": "gold", "symbol": "X"}, UnknownSymbol, "the model gold forecasts XAU, not 'X'"),
    ],
)
def test_what_is_not_there_is_refused_naming_what_is(
    registry: Registry, asked: dict[str, Any], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        registry.pick(**asked)


def test_a_symbol_of_several_models_that_are_not_the_default_has_to_be_told_apart(models: Path) -> None:
    registry = load_registry(Selection([models], default="gold"))
    with pytest.raises(UnknownSymbol, match="2 models forecast X: other, tree; name one of them in `model`"):
        registry.pick(symbol="X")


@pytest.mark.parametrize(
    ("selection", "loaded"),
    [
        (Selection([Path()], default="tree"), ["gold/1", "other/1", "tree/1", "tree/2"]),
        (Selection([Path("tree")]), ["tree/1", "tree/2"]),
        (Selection([Path("tree/2")]), ["tree/2"]),
        (Selection([Path("tree"), Path("gold")]), ["tree/1", "tree/2", "gold/1"]),
        (Selection([Path("tree")], aliases={"tree": {"champion": 2}}), ["tree/2"]),
    ],
)
def test_versions_that_an_alias_names_are_loaded(models: Path, selection: Selection, loaded: list[str]) -> None:
    registry = load_registry(replace(selection, paths=[models / path for path in selection.paths]))
    assert [str(each) for each in registry.served] == loaded


def test_all_versions_are_loaded_if_asked_for(models: Path) -> None:
    write_aliases(models / "tree", {"champion": 2})
    few, every = (load_registry(Selection([models / "tree"], versions=versions)) for versions in ("aliases", "all"))
    assert ([str(each) for each in few.served], str(few.default)) == (["tree/2"], "tree/2")
    assert ([str(each) for each in every.served], str(every.default)) == (["tree/1", "tree/2"], "tree/2")


def test_a_version_that_is_named_answers_whatever_the_champion_is(models: Path) -> None:
    registry = load_registry(Selection([models / "tree" / "2"]))
    assert (str(registry.pick()), registry.default.aliases) == ("tree/2", ("champion",))


def test_the_first_of_models_that_are_named_one_by_one_is_the_default(models: Path) -> None:
    assert str(load_registry(Selection([models / "other", models / "tree"])).default) == "other/1"


@pytest.mark.parametrize(("default", "answers"), [(None, "gold/1"), ("msft", "gold/1"), ("other", "other/1")])
def test_of_a_folder_that_is_not_the_applications_the_first_model_is_the_default(
    models: Path, default: str | None, answers: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert str(load_registry(Selection([models], default=default, takes_first=True)).default) == answers
    said = "gold answers requests that name no model: it is the first of gold, other, tree"
    assert (said in caplog.messages) == (answers == "gold/1")


def test_the_applications_own_folder_needs_a_default_however_it_is_named(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = tmp_path / "application"
    shutil.copytree(ROOT / "preprocessing", application / "preprocessing")
    (application / "lockstep.toml").write_text("")
    monkeypatch.chdir(application)
    assert str(load_service(Settings(models=(models,))).registry.default) == "gold/1"
    (application / "lockstep.toml").write_text(f'models = "{models}"')
    for named in ((), (models,)):
        with pytest.raises(UnknownModel, match="Set `default`"):
            load_service(Settings(models=named))


def test_without_a_default_several_models_are_refused_naming_the_choices(models: Path) -> None:
    with pytest.raises(UnknownModel, match=r"Set `default` in lockstep\.toml to one of gold, other, tree"):
        load_registry(Selection([models]))


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (Selection([Path("nowhere")]), "no model in .*nowhere; train one with: lockstep train"),
        (Selection([Path("tree"), Path("tree")]), "the model tree is named twice"),
        (
            Selection([Path("tree")], aliases={"gold": {"champion": 1}}),
            "an alias is set for the model gold, but there are tree",
        ),
        (
            Selection([Path("tree/1")], aliases={"tree": {"champion": 2}}),
            "aliases are set for tree, but its version 1 is named; name the model",
        ),
        (Selection([Path("tree")], aliases={"tree": {"champion": 9}}), "tree has no version 9 for the alias champion"),
    ],
)
def test_a_selection_of_nothing_is_refused(models: Path, selection: Selection, reason: str) -> None:
    with pytest.raises(UnknownModel, match=reason):
        load_registry(replace(selection, paths=[models / path for path in selection.paths]))


def test_a_model_without_a_champion_is_refused_with_the_command_that_makes_one(models: Path) -> None:
    (models / "gold" / "aliases.json").unlink()
    for named, command in ((models, f"lockstep models --models {models}"), (ROOT / "models", "lockstep models")):
        assert write_models_command(named) == command
    with pytest.raises(UnknownModel, match=f"gold has no champion; run: {command} --models {models} promote gold VERS"):
        load_registry(Selection([models], default="tree"))


def test_a_model_in_a_folder_of_another_name_is_refused(models: Path) -> None:
    shutil.copytree(models / "gold", models / "silver")
    with pytest.raises(InvalidBundle, match="silver/1 is a version of gold; its folder has to have that name"):
        load_registry(Selection([models], default="tree"))


def test_a_broken_bundle_ends_the_boot_naming_it(models: Path) -> None:
    (models / "gold" / "1" / "model.pkl").write_bytes(b"")
    with pytest.raises(DigestMismatch, match=r"gold/1: model\.pkl has SHA-256"):
        load_registry(Selection([models], default="tree"))


def test_a_broken_bundle_is_left_out_and_named_if_the_setting_says_so(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "gold" / "1" / "model.pkl").write_bytes(b"")
    registry = load_registry(Selection([models], default="tree", broken="skip"))
    assert registry.names == ["other", "tree"]
    assert registry.broken == ("gold/1 was left out: DigestMismatch; the log has the reason",)
    assert f"left out: gold/1: {models}/gold/1: model.pkl has SHA-256" in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("aliases.json", "{", r"gold/aliases\.json cannot be read"),
        ("aliases.json", "{}", "gold has no champion"),
        ("aliases.json", '{"champion": 7}', "no version 7 for the alias champion"),
    ],
)
def test_a_model_without_readable_aliases_is_left_out_the_same_way(
    models: Path, name: str, content: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "gold" / name).write_text(content)
    registry = load_registry(Selection([models], default="tree", broken="skip"))
    assert registry.names == ["other", "tree"]
    assert registry.broken[0].startswith("gold was left out: ")
    assert str(models) not in registry.broken[0]
    assert re.search(reason, caplog.text)
    with pytest.raises(LockstepError, match=reason):
        load_registry(Selection([models], default="tree"))


def test_a_feature_set_that_raises_is_a_broken_bundle(
    models: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def check(bundle: SeriesBundle) -> int:
        if bundle.manifest.name == "gold":
            raise ZeroDivisionError("division by zero")
        return 1

    monkeypatch.setattr(lockstep.bundles.loading, "check_evaluation", check)
    registry = load_registry(Selection([models], default="tree", broken="skip"))
    assert registry.names == ["other", "tree"]
    assert "gold/1: the self-check raised ZeroDivisionError: division by zero (" in caplog.text


@pytest.mark.parametrize("default", ["mfst", "silver"])
def test_a_default_that_is_not_there_is_refused_with_the_models(models: Path, default: str) -> None:
    with pytest.raises(UnknownModel, match=f"is '{default}', but the models are gold, other, tree"):
        load_registry(Selection([models], default=default))


def test_a_default_that_is_not_named_gives_way_to_the_models_that_are(models: Path) -> None:
    for path, default in (("gold", "gold/1"), ("tree/2", "tree/2")):
        assert str(load_registry(Selection([models / path], default="other")).default) == default


def test_a_broken_default_ends_the_boot_all_the_same(models: Path) -> None:
    (models / "tree" / "1" / "model.pkl").write_bytes(b"")
    with pytest.raises(UnknownModel, match="the default model tree has no champion that can be served"):
        load_registry(Selection([models], default="tree", broken="skip"))


@pytest.fixture
def unfaithful(folder: Path, trained: Trained, reseal: Reseal) -> Path:
    """A bundle whose evaluation says something else than its model, resealed so that all digests match."""
    cells = {**trained.evaluation.cells, "y_pred": np.nextafter(trained.evaluation.y_pred, 2.0)}
    text = write_evaluation(replace(trained.evaluation, cells=cells))
    return reseal(folder, {EVALUATION_FILE: text.encode()})


def test_a_bundle_that_is_not_reproduced_does_not_serve(unfaithful: Path) -> None:
    with pytest.raises(EvaluationMismatch, match="stage prediction"):
        load_registry(Selection([unfaithful]))


def test_with_an_open_gate_it_serves_and_says_why_it_is_not_ready(unfaithful: Path) -> None:
    registry = load_registry(Selection([unfaithful], gate="warn"))
    assert "stage prediction" in registry.faults[0]


def test_changed_feature_code_is_told_in_the_log(
    folder: Path, trained: Trained, reseal: Reseal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    reseal(folder, feature_set=msgspec.structs.replace(trained.manifest.feature_set, source_sha256="0" * 64))
    load_registry(Selection([folder]))
    assert "tiny/1: the feature set daily was changed since" in caplog.text


def test_feature_code_is_loaded_once_for_all_versions_of_a_model(models: Path) -> None:
    registry = load_registry(Selection([models / "tree"]))
    assert len({id(as_series(each.bundle).forecaster.feature_set) for each in registry.served}) == 1


def test_aliases_of_the_environment_are_read() -> None:
    text = "msft@champion=3, gold@champion=1,msft@challenger=12"
    assert parse_aliases(text) == {"msft": {"champion": 3, "challenger": 12}, "gold": {"champion": 1}}
    assert parse_aliases("") == {}


@pytest.mark.parametrize(
    "text", ["msft", "msft=3", "msft@champion", "msft@champion=0", "msft@champion=x", "1@champion=1"]
)
def test_an_alias_of_another_form_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"entry 2 is .*; expected a form like msft@champion=3"):
        parse_aliases(f"gold@champion=1,{text}")
