"""Bundles whose author states what is not so, sealed so that every digest matches: verify and boot name the lie."""

import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from msgspec import UNSET
from sklearn.linear_model import LogisticRegression, Ridge

from lockstep.applications import Application, find_application
from lockstep.bundles.entries import Step, Window
from lockstep.bundles.evaluation import EVALUATION_FILE, MIN_EVALUATION_ROWS, Column, Evaluation, write_evaluation
from lockstep.bundles.interval_scores import LevelScores, WorstStretch
from lockstep.bundles.loading import Selection, load_registry
from lockstep.bundles.manifest import MANIFEST_FILE, AnyManifest, SeriesManifest
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.bundles.selections import CandidateEntry, choose_candidate
from lockstep.bundles.series_scores import score_series
from lockstep.bundles.stated.form import CLASSES
from lockstep.bundles.verdicts import NaiveComparison
from lockstep.cli.verify import verify
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import BundleError, EvaluationMismatch
from lockstep.predict.derive.model import ESTIMATORS
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import rebuild_learning_targets
from lockstep.training.named_targets import load_target
from lockstep.training.recipe import Recipe
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_training import TrainedTable, train_table
from lockstep.training.training import Trained, train
from qa.servers import ROOT
from tests.small_tables import make_gaps

Sealed = tuple[AnyManifest, Mapping[str, bytes], Evaluation]
Stated = tuple[AnyManifest, Evaluation]
Forge = Callable[[Any, Evaluation], Stated]

NOTHING, LEARNING = "dummy(strategy='constant', constant=1.0)", "ridge(alpha=10.0)"
SELECTION = choose_candidate(
    [
        CandidateEntry(NOTHING, 0.0, NaiveComparison(t=0.0, lag=3, rows=73, mse_ratio=1.0)),
        CandidateEntry(LEARNING, 0.2, NaiveComparison(t=1.0, lag=3, rows=73, mse_ratio=1.1)),
    ]
)

OWN_TARGET = """
import numpy as np

def ahead(bars, horizon):
    gains = np.full(len(bars), np.nan)
    gains[:-horizon] = bars.close[horizon:] - bars.close[:-horizon]
    return gains
"""


@pytest.fixture(scope="module")
def own_application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """An application with a target of its own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "lockstep.toml").write_text("")
    shutil.copytree(ROOT / "preprocessing", folder / "preprocessing", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "preprocessing" / "own.py").write_text(OWN_TARGET)
    return find_application(folder)


@pytest.fixture(scope="module")
def sealed(
    bars: Bars, calendar: Calendar, recipe: Recipe, trained: Trained, own_application: Application
) -> Mapping[str, Sealed]:
    """Small true bundles: of returns, of directions, of a target of one's own, of labels and of numbers."""

    def train_on(target: str, **changes: object) -> Trained:
        named = load_target(target, 1, own_application)
        return train(bars, calendar, msgspec.structs.replace(recipe, target=named, **changes))

    made: dict[str, Trained | TrainedTable] = {
        "returns": trained,
        "selected": train_on("return", selection=SELECTION, estimator=parse_estimator(NOTHING)),
        "directions": train_on("direction"),
        "own": train_on("preprocessing/own.py:ahead", estimator=Ridge(), scaler=None),
        "labels": train_table(make_gaps().without("value"), TableRecipe("sales", "is_dear", LogisticRegression())),
        "numbers": train_table(make_gaps().without("is_dear"), TableRecipe("sales", "value", Ridge())),
    }
    return {name: (each.manifest, each.files, each.evaluation) for name, each in made.items()}


def save(folder: Path, sealed: Sealed, forge: Forge) -> Path:
    manifest, files, evaluation = sealed
    stated, other = forge(manifest, evaluation)
    text = write_evaluation(other).encode()
    stated = msgspec.structs.replace(stated, evaluation=list(other.columns))
    contents = {**files, EVALUATION_FILE: text}
    return save_bundle(folder / manifest.name, seal_manifest(stated, contents), contents)


def check_by_verify(folder: Path) -> None:
    CliRunner().invoke(verify, [str(folder)], catch_exceptions=False)


def check_at_boot(folder: Path) -> None:
    load_registry(Selection((folder,)))


def as_stated(manifest: AnyManifest, evaluation: Evaluation) -> Stated:
    return manifest, evaluation


def state(**members: object) -> Forge:
    return lambda manifest, evaluation: (msgspec.structs.replace(manifest, **members), evaluation)


def state_score(predictor: str, **scores: float) -> Forge:
    def forge(manifest: AnyManifest, evaluation: Evaluation) -> Stated:
        other = msgspec.structs.replace(manifest.scores[predictor], **scores)
        return msgspec.structs.replace(manifest, scores={**manifest.scores, predictor: other}), evaluation

    return forge


def state_intervals(level: int | None = None, **scores: object) -> Forge:
    """State other scores of the intervals of one level, or of all of them together."""

    def forge(manifest: SeriesManifest, evaluation: Evaluation) -> Stated:
        entry: Any = manifest.interval
        levels = [replace_if(each, each.level == level, scores) for each in entry.scores.levels]
        other = msgspec.structs.replace(entry.scores, **(scores if level is None else {"levels": levels}))
        return msgspec.structs.replace(manifest, interval=msgspec.structs.replace(entry, scores=other)), evaluation

    return forge


def replace_if(scores: LevelScores, is_asked: bool, members: Mapping[str, object]) -> LevelScores:
    return msgspec.structs.replace(scores, **members) if is_asked else scores


def state_window(member: str, **changes: object) -> Forge:
    def forge(manifest: SeriesManifest, evaluation: Evaluation) -> Stated:
        window: Window = getattr(manifest, member)
        other = msgspec.structs.replace(window, **changes)
        return msgspec.structs.replace(manifest, **{member: other}), evaluation

    return forge


def state_verdict(**changes: object) -> Forge:
    def forge(manifest: Any, evaluation: Evaluation) -> Stated:
        return msgspec.structs.replace(
            manifest, verdict=msgspec.structs.replace(manifest.verdict, **changes)
        ), evaluation

    return forge


def state_compared(comparison: str, **changes: object) -> Forge:
    def forge(manifest: Any, evaluation: Evaluation) -> Stated:
        other = msgspec.structs.replace(getattr(manifest.verdict, comparison), **changes)
        return state_verdict(**{comparison: other})(manifest, evaluation)

    return forge


def state_selection(**changes: object) -> Forge:
    def forge(manifest: Any, evaluation: Evaluation) -> Stated:
        other = msgspec.structs.replace(manifest.selection, **changes)
        return msgspec.structs.replace(manifest, selection=other), evaluation

    return forge


def state_candidate(place: int, **compared: object) -> Forge:
    def forge(manifest: Any, evaluation: Evaluation) -> Stated:
        candidates = list(manifest.selection.candidates)
        other = msgspec.structs.replace(candidates[place].walk_forward, **compared)
        candidates[place] = msgspec.structs.replace(candidates[place], walk_forward=other)
        return state_selection(candidates=candidates)(manifest, evaluation)

    return forge


def state_learning(**changes: object) -> Forge:
    """State other members of the candidate that was not chosen."""

    def forge(manifest: Any, evaluation: Evaluation) -> Stated:
        nothing, learning = manifest.selection.candidates
        other = msgspec.structs.replace(learning, **changes)
        return state_selection(candidates=[nothing, other])(manifest, evaluation)

    return forge


def state_levels(*levels: int) -> Forge:
    def forge(manifest: Any, evaluation: Evaluation) -> Stated:
        interval = msgspec.structs.replace(manifest.interval, levels=list(levels))
        return msgspec.structs.replace(manifest, interval=interval), evaluation

    return forge


def answer_more(manifest: Any, evaluation: Evaluation) -> Stated:
    """State that a model which looks at the features was selected as one that looks at nothing."""
    nothing = SELECTION.no_change
    changes = {"verdict": "not-better-than-naive", "folds": 4, "walk_forward": nothing.walk_forward}
    stated, _ = state_verdict(**changes)(manifest, evaluation)
    return msgspec.structs.replace(stated, selection=choose_candidate([nothing])), evaluation


def state_parameter(name: str, value: object) -> Forge:
    def forge(manifest: AnyManifest, evaluation: Evaluation) -> Stated:
        last = manifest.estimator[-1]
        other = Step(last.estimator, {**last.parameters, name: value})  # type: ignore[dict-item]  # any value of JSON
        return msgspec.structs.replace(manifest, estimator=[*manifest.estimator[:-1], other]), evaluation

    return forge


def state_estimator(*names: str) -> Forge:
    return state(estimator=[Step(name, {}) for name in names])


def with_cells(evaluation: Evaluation, **cells: np.ndarray) -> Evaluation:
    return replace(evaluation, cells={**evaluation.cells, **cells})


def change(name: str, edit: Callable[[np.ndarray], np.ndarray]) -> Forge:
    return lambda manifest, evaluation: (manifest, with_cells(evaluation, **{name: edit(evaluation.cells[name])}))


def keep_last(n_rows: int) -> Forge:
    def forge(manifest: SeriesManifest, evaluation: Evaluation) -> Stated:
        fewer = replace(evaluation, cells={name: cells[-n_rows:] for name, cells in evaluation.cells.items()})
        first, last = (str(day) for day in fewer.dates[[0, -1]])
        return msgspec.structs.replace(manifest, test=Window(first, last, n_rows)), fewer

    return forge


def drop_column(name: str) -> Forge:
    def forge(manifest: AnyManifest, evaluation: Evaluation) -> Stated:
        columns = tuple(column for column in evaluation.columns if column.name != name)
        return manifest, replace(evaluation, columns=columns)

    return forge


def call_predictions_labels(manifest: AnyManifest, evaluation: Evaluation) -> Stated:
    columns = tuple(Column("y_true", "text") if each.name == "y_true" else each for each in evaluation.columns)
    return manifest, replace(with_cells(evaluation, y_true=evaluation.y_true.astype(str)), columns=columns)


def swap_one(labels: np.ndarray) -> np.ndarray:
    return np.where(np.arange(labels.size) == 5, np.where(labels == "up", "down", "up"), labels)


def drop_worst(manifest: AnyManifest, evaluation: Evaluation) -> Stated:
    """State that the outcome furthest from its prediction is not known yet."""
    y_true = evaluation.y_true.copy()
    y_true[np.nanargmax(abs(y_true - evaluation.y_pred))] = np.nan
    return manifest, with_cells(evaluation, y_true=y_true)


MODEL, MEAN, FREQUENT = "model", "mean of learning returns", "most frequent label"
FORGED: dict[str, tuple[str, Forge, str]] = {
    "a close": ("returns", change("close", lambda close: close * 1.5), "evaluation.csv, close: 120 of 120 rows differ"),
    "a date": ("returns", change("forecast_date", lambda days: days + 1), "evaluation.csv, forecast_date: 120 of 120"),
    "an outcome": ("returns", change("y_true", lambda y_true: y_true + 1e-9), "evaluation.csv, y_true: 119 of 120"),
    "one label": ("directions", change("y_true", swap_one), "y_true: 1 of 120 rows"),
    "outcomes of another type": ("returns", call_predictions_labels, "first columns: stated .*y_true .text"),
    "no closes": ("returns", drop_column("close"), "first columns: stated date .date., forecast_date"),
    "a horizon": ("returns", state(horizon_bars=2), "learning: stated Window.*rows=181.*recomputed .*rows=180"),
    "no horizon": ("returns", state(horizon_bars=0), "horizon_bars is 0; expected 1 or more"),
    "a long horizon": ("returns", state(horizon_bars=10**30), "rows that can be scored; at least"),
    "a short learning": ("returns", state_window("learning", rows=9), "learning: stated Window.*rows=9"),
    "an early learning": ("returns", state_window("learning", first="1999-01-04"), "learning: stated .*1999-01-04"),
    "a late learning": ("returns", state_window("learning", last="2022-01-03"), "learning: stated .*2022-01-03"),
    "an early test": ("returns", state_window("test", first="2021-01-04"), "test: stated .*2021-01-04"),
    "other test rows": ("returns", state_window("test", rows=119), "does not hold the last 119 bars"),
    "negative test rows": (
        "returns",
        state_window("test", rows=-380),
        "test: stated .*rows=-380.*recomputed .*rows=120",
    ),
    "one row": ("returns", keep_last(1), "evaluation.csv has 0 rows that can be scored; at least 10 are needed"),
    "ten rows": ("returns", keep_last(MIN_EVALUATION_ROWS), "evaluation.csv has 9 rows that can be scored"),
    "an R²": ("returns", state_score(MODEL, r2=1.0), "r2 of model: stated 1.0, recomputed -"),
    "an error": ("returns", state_score(MODEL, mae=1e-6), "mae of model: stated 1e-06, recomputed 0.0"),
    "a square": ("returns", state_score(MODEL, mse=1e-9), "mse of model: stated 1e-09, recomputed 0.0"),
    "a direction": (
        "returns",
        state_score(MODEL, directional_accuracy=0.9),
        "directional_accuracy of model: stated 0.9",
    ),
    "a root": ("returns", state_score(MODEL, rmse=1e-6), "rmse of model: stated 1e-06, recomputed 0.0"),
    "a bias": ("returns", state_score(MODEL, bias=0.0), "bias of model: stated 0.0, recomputed "),
    "an error beside no change": ("returns", state_score(MODEL, rmae=0.9), "rmae of model: stated 0.9, recomputed 1"),
    "a scaled error": ("returns", state_score(MEAN, mase=0.1), f"mase of {MEAN}: stated 0.1, recomputed "),
    "a scaled root": ("returns", state_score(MODEL, rmsse=0.1), "rmsse of model: stated 0.1, recomputed "),
    "a bad baseline": ("returns", state_score(MEAN, mae=0.5), "mae of mean of learning returns: stated 0.5"),
    "no baseline": ("returns", state(scores={}), "scores: stated , recomputed model, always 1.0"),
    "a coverage": (
        "returns",
        state_intervals(80, coverage=0.8),
        "interval.scores.levels.1.coverage: stated 0.8, recom",
    ),
    "a wide band": ("returns", state_intervals(50, chance=(0.0, 1.0)), "levels.0.chance.0: stated 0.0, recomputed 0.4"),
    "no band": ("returns", state_intervals(50, chance=None), "levels.0.chance.0: stated nothing, recomputed 0.4"),
    "a side": ("returns", state_intervals(80, below=0.1), "levels.1.below: stated 0.1, recomputed "),
    "another side": ("returns", state_intervals(80, above=0.1), "levels.1.above: stated 0.1, recomputed "),
    "a width": ("returns", state_intervals(95, mean_width=1e-9), "levels.3.mean_width: stated 1e-09, recomputed 0.0"),
    "a Winkler score": ("returns", state_intervals(90, winkler_score=1e-9), "levels.2.winkler_score: stated 1e-09"),
    "a ratio": ("returns", state_intervals(80, to_split_conformal=0.5), "levels.1.to_split_conformal: stated 0.5"),
    "another ratio": ("returns", state_intervals(80, to_gaussian_ewma=0.5), "levels.1.to_gaussian_ewma: stated 0.5"),
    "a worst year": (
        "returns",
        state_intervals(80, worst=WorstStretch("2020-01-01", "2021-01-01", 250, 0.79)),
        "levels.1.worst.first: stated 2020-01-01, recomputed 2021-",
    ),
    "a tercile": ("returns", state_intervals(80, terciles=[0.8, 0.8, 0.8]), "levels.1.terciles.[012]: stated 0.8"),
    "no terciles": ("returns", state_intervals(80, terciles=[]), "levels.1.terciles.0: stated nothing, recomputed"),
    "a WIS": ("returns", state_intervals(wis=1e-9), "interval.scores.wis: stated 1e-09, recomputed 0.0"),
    "a scale": ("returns", state_intervals(scale_r2=0.9), "interval.scores.scale_r2: stated 0.9, recomputed"),
    "a rival's scale": ("returns", state_intervals(ewma_r2=-9.0), "interval.scores.ewma_r2: stated -9.0, recomputed"),
    "no levels": (
        "returns",
        state_intervals(levels=[]),
        "interval.scores.levels.0.level: stated nothing, recomputed 50",
    ),
    "a naive answer": ("returns", state(naive=1.1), "naive: stated 1.1, recomputed 1.0"),
    "a naive label": ("directions", state(naive="sideways"), "naive: stated sideways, recomputed "),
    "a rate": ("returns", state(up_rate=0.99), "up_rate: stated 0.99, recomputed 0"),
    "no rate": ("directions", state(up_rate=None), "up_rate: stated None, recomputed 0"),
    "a verdict": (
        "returns",
        state_verdict(verdict="better-than-naive"),
        "verdict.verdict: stated better-than-naive, recomp",
    ),
    "a walk-forward t": (
        "returns",
        state_compared("walk_forward", t=-9.0, mse_ratio=0.5),
        "recomputed better-than-naive",
    ),
    "a t against its ratio": ("returns", state_compared("walk_forward", t=-9.0), "walk_forward: no rows give .*t=-9.0"),
    "a huge t": ("returns", state_compared("walk_forward", t=1e308), r"walk_forward: no rows give .*t=1e\+308"),
    "a ratio below 0": ("returns", state_compared("walk_forward", mse_ratio=-2.0), "no rows give .*ratio=-2.0"),
    "folds": ("returns", state_verdict(folds=1000), "verdict.folds: stated 1000, recomputed 5"),
    "fewer walk-forward rows": ("returns", state_compared("walk_forward", rows=85), "rows: stated 85, recomputed 91"),
    "a walk-forward lag": ("returns", state_compared("walk_forward", lag=40), "walk_forward.lag: stated 40, recomp"),
    "walk-forward rows": ("returns", state_compared("walk_forward", rows=500), "rows: stated 500, recomputed 91"),
    "no walk-forward row": ("returns", state_compared("walk_forward", rows=0), "Expected `int` >= 1"),
    "a t of the test": ("returns", state_compared("test", t=0.0), "verdict.test.t: stated 0.0, recomputed 4"),
    "a lag of the test": ("returns", state_compared("test", lag=1), "verdict.test.lag: stated 1, recomputed 4"),
    "rows of the test": ("returns", state_compared("test", rows=5), "verdict.test.rows: stated 5, recomputed 119"),
    "a ratio of the test": ("returns", state_compared("test", mse_ratio=0.5), "test.mse_ratio: stated 0.5, recomputed"),
    "no ratio of the test": ("returns", state_compared("test", mse_ratio=None), "test.mse_ratio: stated None, recomp"),
    "no verdict": ("selected", state(verdict=msgspec.UNSET), "selection without a verdict: stated SelectionEntry"),
    "a best candidate": ("selected", state_selection(best=LEARNING), "selection.best: stated ridge.*recomputed dummy"),
    "a chosen candidate": ("selected", state_selection(chosen=LEARNING), "selection.chosen: stated ridge.*recomputed"),
    "no candidate": ("selected", state_selection(candidates=[]), "selection has no candidates"),
    "a candidate": (
        "selected",
        state_candidate(1, t=-9.0, mse_ratio=0.5),
        "selection.best: stated dummy.*recomputed ri",
    ),
    "a candidate's rows": ("selected", state_candidate(1, rows=80), "candidates.1.rows: stated 80, recomputed 73"),
    "a shrinkage": ("selected", state_learning(shrinkage=7.0), "λ of ridge.*: stated 7.0, recomputed a share"),
    "a candidate twice": ("selected", state_learning(estimator=NOTHING), "distinct candidates: stated 2, recomputed 1"),
    "a steering candidate": ("selected", state_learning(estimator="tree\x1b[2J"), "U.001B, which steers a terminal"),
    "many levels": ("returns", state_levels(*range(1, 300)), "interval: stated .*levels=.1, 2, .*expected"),
    "a candidate's t": ("selected", state_candidate(0, t=0.1), "verdict.walk_forward: stated .*recomputed .*t=0.1"),
    "answers of nothing": (
        "returns",
        answer_more,
        "answers of a model that looks at nothing: stated .*recomputed .1.0.;",
    ),
    "a target": ("returns", state(target="direction"), "an interval, but the target is direction"),
    "an accuracy": ("directions", state_score(MODEL, accuracy=1.0), "accuracy of model: stated 1.0, recomputed 0"),
    "a log loss": ("directions", state_score(MODEL, log_loss=0.1), "log_loss of model: stated 0.1, recomputed "),
    "other classes": ("directions", state(classes=["up", "down"]), "classes: stated .'up', 'down'.*, recomputed"),
    "no classes": ("directions", state(classes=[]), r"classes: stated \[\], recomputed"),
    "another family": (
        "directions",
        state_estimator("sklearn.ensemble._forest.RandomForestClassifier"),
        "estimator: stated RandomForestClassifier, recomputed one of DecisionTreeClassifier",
    ),
    "no estimator": ("labels", state(estimator=[]), "estimator: stated none, recomputed one of LogisticRegression"),
    "a weak guarantee": (
        "labels",
        state(guarantees={"prediction": "labels", "proba": "nothing"}),
        "guarantees: stated",
    ),
    "no probability of a class": ("labels", drop_column("proba:dear"), "holds other stages than"),
    "an outcome of my own target": ("own", drop_worst, "y_true"),
    "an R² of my own target": ("own", state_score(MODEL, r2=1.0), "r2 of model: stated 1.0, recomputed"),
    "a rate of my own target": ("own", state(up_rate=0.9), "up_rate: stated 0.9, recomputed None"),
    "a macro F1": ("labels", state_score(MODEL, macro_f1=1.0), "macro_f1 of model: stated 1.0, recomputed"),
    "a Brier score": ("labels", state_score(FREQUENT, brier=2.0), "brier of most frequent label: stated 2.0"),
    "an outcome of a table": ("labels", change("y_true", lambda labels: labels[::-1]), "of model: stated 0"),
    "outcomes that are numbers": ("labels", change("y_true", lambda labels: np.ones(labels.size)), "y_true"),
    "rows of a table": ("labels", state(test_rows=5000), "test_rows: stated 5000, recomputed 60"),
    "learning rows": ("labels", state(learning_rows=-1), "learning_rows -1, .*; expected a number of rows"),
    "shares": ("labels", state(learned_target=[0.9, 0.9]), "learned_target, in all: stated 1.8, recomputed 1.0"),
    "a share": ("labels", state(learned_target=[1.5, -0.5]), "learned_target: stated -0.5, recomputed"),
    "a mean": ("numbers", state(learned_target=[0.0]), "mae of mean of learning rows: stated"),
    "rows that are not learned": ("numbers", state(learning_rows=0), "learned_target: stated"),
    "a square of a table": ("numbers", state_score(MODEL, mse=0.5), "mse of model: stated 0.5, recomputed"),
}
"""What is invented, in which bundle, and how it is named."""


@pytest.mark.parametrize("check", [check_by_verify, check_at_boot])
@pytest.mark.parametrize("forged", FORGED)
def test_what_is_invented_is_named_with_what_follows_from_the_files(
    sealed: Mapping[str, Sealed], forged: str, check: Callable[[Path], None], tmp_path: Path
) -> None:
    kind, forge, message = FORGED[forged]
    with pytest.raises(BundleError, match=message):
        check(save(tmp_path, sealed[kind], forge))


@pytest.mark.parametrize("kind", ["returns", "selected", "directions", "own", "labels", "numbers"])
def test_what_is_true_is_taken(sealed: Mapping[str, Sealed], kind: str, tmp_path: Path) -> None:
    folder = save(tmp_path, sealed[kind], as_stated)
    check_by_verify(folder)
    check_at_boot(folder)


@pytest.mark.parametrize("member", ["mae", "mse", "rmse", "bias", "r2"])
def test_a_score_may_differ_by_the_rounding_of_another_cpu_and_no_more(
    sealed: Mapping[str, Sealed], member: str, tmp_path: Path
) -> None:
    true = getattr(sealed["returns"][0].scores[MODEL], member)
    for place, (share, is_taken) in enumerate({1e-13: True, 1e-6: False}.items()):
        forged = state_score(MODEL, **{member: true * (1.0 + share)})
        folder = save(tmp_path / str(place), sealed["returns"], forged)
        with nullcontext() if is_taken else pytest.raises(EvaluationMismatch, match=f"{member} of model: stated"):
            check_at_boot(folder)


def test_what_a_bundle_does_not_state_is_not_compared(sealed: Mapping[str, Sealed], tmp_path: Path) -> None:
    newer = ("rmse", "bias", "rmae", "mase", "rmsse")
    manifest: Any = sealed["returns"][0]
    without = dict.fromkeys(newer, UNSET)
    old = {name: msgspec.structs.replace(each, **without) for name, each in manifest.scores.items()}
    interval = msgspec.structs.replace(manifest.interval, scores=UNSET)
    folder = save(tmp_path, sealed["returns"], state(scores=old, interval=interval))
    assert not {b"rmsse", b"winkler_score"} & set(re.findall(rb"\w+", (folder / MANIFEST_FILE).read_bytes()))
    check_by_verify(folder)
    check_at_boot(folder)


@pytest.mark.parametrize("kind", ["returns", "directions"])
def test_outcomes_that_equal_the_predictions_are_found_whatever_the_scores(
    sealed: Mapping[str, Sealed], kind: str, bars: Bars, tmp_path: Path
) -> None:
    def make_perfect(manifest: SeriesManifest, evaluation: Evaluation) -> Stated:
        y_true = np.where(evaluation.realised, evaluation.y_pred, evaluation.y_true)
        perfect = with_cells(evaluation, y_true=y_true)
        learned = rebuild_learning_targets(manifest, bars, load_target(manifest.target, 1, find_application(ROOT)))
        scored = score_series(perfect, manifest.target, learned, manifest.classes)
        stated = msgspec.structs.replace(manifest, scores=scored.scores, naive=scored.naive, up_rate=scored.up_rate)
        return stated, perfect

    folder = save(tmp_path, sealed[kind], make_perfect)
    for check in (check_by_verify, check_at_boot):
        with pytest.raises(EvaluationMismatch, match=r"evaluation\.csv, y_true: \d+ of 120 rows differ; first 2021-"):
            check(folder)


STEPS = {
    "parameter": (state_parameter("max_depth", 3), "max_depth of step 3 of estimator: stated 3, recomputed 18"),
    "new parameter": (state_parameter("depth", 3), "depth of step 3 of estimator: stated 3, recomputed None"),
    "step": (
        state_estimator("sklearn.tree._classes.DecisionTreeRegressor"),
        "steps of estimator: stated 1, recomputed 3",
    ),
    "class": (
        state_estimator("a.B", "c.D", "sklearn.tree._classes.ExtraTreeRegressor"),
        "step 1 of estimator: stated a.B, recomputed sklearn.preprocessing._data.StandardScaler",
    ),
}


@pytest.mark.parametrize("stated", STEPS)
def test_steps_and_parameters_are_those_of_the_fitted_objects(
    sealed: Mapping[str, Sealed], stated: str, tmp_path: Path
) -> None:
    forge, message = STEPS[stated]
    folder = save(tmp_path, sealed["returns"], forge)
    with pytest.raises(EvaluationMismatch, match=message):
        check_by_verify(folder)
    with pytest.raises(EvaluationMismatch, match=message):
        load_bundle(folder, runs="pickles")


def test_labels_are_those_of_the_fitted_objects(sealed: Mapping[str, Sealed], tmp_path: Path) -> None:
    folder = save(tmp_path, sealed["directions"], state(classes=["up", "down"]))
    with pytest.raises(EvaluationMismatch, match="classes: stated"):
        load_bundle(folder, runs="pickles")


def test_verify_recomputes_with_the_target_of_the_application(
    sealed: Mapping[str, Sealed], own_application: Application
) -> None:
    true = save(own_application.models, sealed["own"], as_stated)
    printed = CliRunner().invoke(verify, [str(true)], catch_exceptions=False).output
    assert "was not loaded" not in printed
    doubled = save(own_application.models, sealed["own"], change("y_true", lambda y_true: y_true * 2.0))
    with pytest.raises(EvaluationMismatch, match=r"evaluation\.csv, y_true: 119 of 120 rows differ"):
        check_by_verify(doubled)


def test_verify_lists_what_no_file_shows(sealed: Mapping[str, Sealed], tmp_path: Path) -> None:
    expected = {
        "returns": (
            "the source tiny.csv (SHA-256 000000000000…)",
            "which rows",
            "prices of TINY",
            "sessions of file",
            "the walk-forward t of the verdict",
        ),
        "own": ("y_true, since the target preprocessing/own.py:ahead was not loaded", "the scores of the baseline"),
        "labels": ("the source without a file", "y_true, the is_dear of the test rows", "what the baseline"),
        "numbers": ("y_true, the value of the test rows, and the intervals that are made of it",),
    }
    for kind, statements in expected.items():
        printed = CliRunner().invoke(verify, [str(save(tmp_path / kind, sealed[kind], as_stated))]).output
        [line] = [line for line in printed.splitlines() if line.startswith("stated by its author")]
        assert [statement for statement in statements if statement not in line] == []


def test_every_class_with_an_exact_form_is_known_to_the_check_at_boot() -> None:
    listed = " ".join(CLASSES.values()).split()
    assert sorted(listed) == sorted(made.__qualname__ for made in ESTIMATORS)
