"""Whether the walk-forward result that a bundle states is found again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from sklearn.linear_model import Ridge

from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.cli.verify import verify
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import EvaluationMismatch
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import build_learning_rows
from lockstep.training.recipe import Recipe
from lockstep.training.rejudging import check_walk_forward
from lockstep.training.selecting import CANDIDATES, select_model
from lockstep.training.training import Trained, train

Made = Mapping[str, Trained]


@pytest.fixture(scope="module")
def made(bars: Bars, calendar: Calendar, recipe: Recipe, trained: Trained) -> Made:
    """Small bundles with a verdict of their own, of a selection, and without one."""
    selection = select_model(build_learning_rows(bars, recipe), recipe, candidates=(CANDIDATES[0], "ridge(alpha=10.0)"))
    selected = {"selection": selection, "estimator": parse_estimator(selection.chosen)}
    return {
        "tree": trained,
        "unscaled": train(bars, calendar, msgspec.structs.replace(recipe, estimator=Ridge(), scaler=None)),
        "selected": train(bars, calendar, msgspec.structs.replace(recipe, **selected)),
        "unjudged": train(bars, calendar, msgspec.structs.replace(recipe, test_rows=202)),
    }


def save(folder: Path, trained: Trained, **members: object) -> Path:
    stated = msgspec.structs.replace(trained.manifest, **members)
    return save_bundle(folder / "models" / "tiny", seal_manifest(stated, trained.files), trained.files)


@pytest.mark.parametrize(("kind", "fitted"), [("tree", 1), ("unscaled", 1), ("selected", 2), ("unjudged", 0)])
def test_what_training_states_is_found_again(made: Made, kind: str, fitted: int, tmp_path: Path) -> None:
    folder = save(tmp_path, made[kind])
    assert check_walk_forward(folder, load_series(folder)) == fitted


def change_verdict(manifest: Any, **changes: object) -> dict[str, object]:
    other = msgspec.structs.replace(manifest.verdict.walk_forward, **changes)
    return {"verdict": msgspec.structs.replace(manifest.verdict, walk_forward=other)}


def test_another_result_is_named_only_by_fitting_again(made: Made, tmp_path: Path) -> None:
    t = made["tree"].manifest.verdict.walk_forward.t * 1.001  # type: ignore[union-attr]  # this one has a verdict
    folder = save(tmp_path, made["tree"], **change_verdict(made["tree"].manifest, t=t))
    assert CliRunner().invoke(verify, [str(folder)], catch_exceptions=False).exit_code == 0
    with pytest.raises(EvaluationMismatch, match=rf"verdict\.walk_forward\.t: stated {t}, recomputed "):
        CliRunner().invoke(verify, [str(folder), "--walk-forward"], catch_exceptions=False)


@pytest.mark.parametrize(("member", "value"), [("shrinkage", 0.9), ("t", 0.5)])
def test_another_candidate_is_named(made: Made, tmp_path: Path, member: str, value: float) -> None:
    selection: Any = made["selected"].manifest.selection
    served, other = selection.candidates
    changed = {member: value}
    if member == "t":
        changed = {"walk_forward": msgspec.structs.replace(other.walk_forward, t=value)}
    candidates = [served, msgspec.structs.replace(other, **changed)]
    stated = msgspec.structs.replace(selection, candidates=candidates)
    folder = save(tmp_path, made["selected"], selection=stated)
    with pytest.raises(EvaluationMismatch, match=rf"selection, ridge\(.*{member}: stated {value}, recomputed"):
        check_walk_forward(folder, load_series(folder))


def test_a_served_model_that_is_not_the_chosen_candidate_is_named(
    made: Made, bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path
) -> None:
    selection: Any = made["selected"].manifest.selection
    other = parse_estimator("dummy(strategy='constant', constant=1.5)")
    served = train(bars, calendar, msgspec.structs.replace(recipe, selection=selection, estimator=other))
    folder = save(tmp_path, served)
    with pytest.raises(EvaluationMismatch, match=r"chosen candidate: stated DummyRegressor\(constant=1\.5.*1\.0"):
        check_walk_forward(folder, load_series(folder))


def test_verify_says_what_it_fitted_and_then_takes_nothing_of_it_as_stated(made: Made, tmp_path: Path) -> None:
    folders = {kind: str(save(tmp_path / kind, each)) for kind, each in made.items()}

    def run(kind: str, *options: str) -> str:
        return CliRunner().invoke(verify, [folders[kind], *options], catch_exceptions=False).output

    assert "walk-forward: 1 estimator fitted on the folds again" in run("tree", "--walk-forward")
    assert "walk-forward: 2 estimators fitted on the folds again" in run("selected", "--walk-forward")
    assert "walk-forward: there is no verdict to compute again" in run("unjudged", "--walk-forward")
    assert "the walk-forward t" in run("selected")
    assert "the walk-forward t" not in run("selected", "--walk-forward")
    assert not any("walk-forward" in stated for stated in json.loads(run("tree", "--walk-forward", "--json"))["stated"])
