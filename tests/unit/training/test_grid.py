import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.preprocessing import StandardScaler

from lockstep.data.bars import Bars
from lockstep.errors import TrainingError
from lockstep.training import grid
from lockstep.training.estimators import CLASSIFIER, REGRESSOR, parse_estimator
from lockstep.training.grid_files import read_grid
from lockstep.training.learning import LearningRows
from lockstep.training.recipe import Unfitted, default_model

RELATIVE = 1e-12
"""Means may be added in another order."""
DEFAULT = Unfitted(StandardScaler(), default_model())


@pytest.fixture(scope="module")
def learning(market: Bars) -> LearningRows:
    """Rows whose target is their number, and whose first feature is a signal."""
    features = np.random.default_rng(6).normal(size=(200, 3)) * [1.0, 5.0, 9.0] + [0.0, 3.0, -7.0]
    return LearningRows(market.select(slice(200)), features, np.arange(200.0))


def test_grid_reports_every_candidate_once_and_sorts_by_mse(learning: LearningRows) -> None:
    noisy = replace(learning, targets=1.0 + learning.features[:, 0] * 0.01)
    reported: list[grid.Candidate] = []
    found = grid.search(noisy, DEFAULT, grid.GRID, reported.append)
    assert [candidate.parameters for candidate in reported] == grid.candidates(grid.GRID)
    assert len({msgspec.json.encode(parameters) for parameters in grid.candidates(grid.GRID)}) == 27
    errors = [candidate.scores["mse"] for candidate in found]
    assert errors == sorted(candidate.scores["mse"] for candidate in reported)
    assert errors[0] < errors[-1]
    assert found == grid.search(noisy, DEFAULT, grid.GRID, lambda _: None)


def test_labels_are_searched_by_their_accuracy(learning: LearningRows) -> None:
    labelled = replace(learning, targets=np.where(np.abs(learning.features[:, 0]) > 0.7, "up", "down"))
    unfitted = Unfitted(None, parse_estimator("tree(random_state=1)", CLASSIFIER))
    found = grid.search(labelled, unfitted, {"max_depth": [1, 2]}, lambda _: None)
    assert [candidate.loss for candidate in found] == sorted(candidate.loss for candidate in found)
    assert found[0].loss < found[-1].loss
    assert set(json.loads(msgspec.json.encode(found[0]))) == {"parameters", "accuracy", "macro_f1"}


class Recorder(DummyRegressor):  # type: ignore[misc] # scikit-learn ships no types
    """Remember what it was fitted on, in a list that clones share."""

    seen: list[tuple[np.ndarray, np.ndarray]] = []  # noqa: RUF012 -- shared on purpose

    def fit(self, features: np.ndarray, targets: np.ndarray) -> "Recorder":
        self.seen.append((features, targets))
        return super().fit(features, targets)


def test_folds_learn_from_the_past_only_scaler_included(learning: LearningRows) -> None:
    Recorder.seen.clear()
    mse = grid._score(learning, Unfitted(StandardScaler(), Recorder()), {}).scores["mse"]
    for (scaled, targets), first in zip(Recorder.seen, (50, 100, 150), strict=True):
        assert targets.tolist() == list(range(first))
        assert np.abs(scaled.mean(axis=0)).max() < 1e-12  # so it was the fold's rows that the scaler was fitted on
    errors = [row - (first - 1) / 2 for first in (50, 100, 150) for row in range(first, first + 50)]
    assert mse == pytest.approx(sum(error**2 for error in errors) / 150, rel=RELATIVE)


def test_no_fold_learns_a_target_that_reads_beyond_its_first_validation_bar(learning: LearningRows) -> None:
    Recorder.seen.clear()
    grid._score(replace(learning, horizon_bars=5), Unfitted(None, Recorder()), {})
    assert [int(targets[-1]) + 5 for _, targets in Recorder.seen] == [50, 100, 150]


def test_a_plain_name_is_a_parameter_of_the_last_step() -> None:
    assert grid.name_parameters(default_model(), {"max_depth": 3}) == {"tree__max_depth": 3}
    assert grid.name_parameters(default_model(), {"polynomial__degree": 1}) == {"polynomial__degree": 1}
    assert grid.name_parameters(parse_estimator("ridge", REGRESSOR), {"alpha": 2.0}) == {"alpha": 2.0}
    with pytest.raises(TrainingError, match="no parameter depth; it has alpha, copy_X"):
        grid.name_parameters(parse_estimator("ridge", REGRESSOR), {"depth": 2})


def test_a_grid_is_json_or_a_file(tmp_path: Path) -> None:
    expected = {"max_depth": [3, 6], "criterion": ["squared_error"]}
    (tmp_path / "grid.json").write_text(json.dumps(expected))
    (tmp_path / "grid.toml").write_text('max_depth = [3, 6]\ncriterion = ["squared_error"]\n')
    for text in (json.dumps(expected), str(tmp_path / "grid.json"), str(tmp_path / "grid.toml")):
        assert read_grid(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("prices.csv", "'prices.csv' is no grid; expected"),
        ("no.json", "cannot be read: .*No such file"),
        ("{max_depth: 3}", "cannot be read"),
        ("{}", "names no parameters"),
        ('{"max_depth": 3}', "max_depth is 3, not a list of values"),
        ('{"max_depth": []}', r"max_depth is \[\], not a list"),
    ],
)
def test_what_is_no_grid_is_refused(text: str, reason: str) -> None:
    with pytest.raises(TrainingError, match=reason):
        read_grid(text)
