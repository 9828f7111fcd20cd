import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, mean_squared_error, r2_score

from lockstep.bundles.baselines import LEARNED_MEAN, MODEL, MOST_FREQUENT, Baseline, compare_with_baseline
from lockstep.bundles.scores import score_labels, score_numbers
from lockstep.bundles.shown_scores import show_scores
from lockstep.predict.stages import PREDICTION, PROBA

CLASSES = np.array(["a", "b", "c"])
ROUNDING = 1e-12  # the sums of two libraries, in another order


def test_scores_of_numbers_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.normal(size=50), rng.normal(size=50)
    found = score_numbers(y_true, y_pred)
    expected = [metric(y_true, y_pred) for metric in (mean_absolute_error, mean_squared_error, r2_score)]
    assert [found.mae, found.mse, found.r2] == pytest.approx(expected, rel=ROUNDING)


def test_scores_of_labels_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    y_true, y_pred, proba = rng.choice(CLASSES, 60), rng.choice(CLASSES, 60), rng.dirichlet(np.ones(3), 60)
    found = score_labels(y_true, y_pred, CLASSES, proba)
    assert found.accuracy == pytest.approx(accuracy_score(y_true, y_pred), rel=ROUNDING)
    assert found.macro_f1 == pytest.approx(f1_score(y_true, y_pred, average="macro"), rel=ROUNDING)
    assert found.log_loss == pytest.approx(log_loss(y_true, proba), rel=ROUNDING)
    indicator = (y_true[:, None] == CLASSES).astype(float)
    assert found.brier == pytest.approx(((proba - indicator) ** 2).sum(axis=1).mean(), rel=ROUNDING)


def test_labels_without_probabilities_have_no_scores_of_them() -> None:
    found = score_labels(np.array(["a", "b"]), np.array(["a", "a"]), CLASSES, None)
    assert (found.accuracy, found.log_loss, found.brier) == (0.5, None, None)
    shown = {"accuracy": "0.5000", "macro F1": "0.3333", "log loss": "-", "Brier": "-"}
    assert show_scores({"model": found}) == {"model": shown}


def test_a_certain_mistake_has_a_finite_log_loss() -> None:
    loss = score_labels(np.array(["a"]), np.array(["b"]), CLASSES, np.array([[0.0, 1.0, 0.0]])).log_loss
    assert loss == pytest.approx(34.5, abs=0.1)


def test_the_baseline_of_labels_answers_the_most_frequent() -> None:
    y_true = np.array(["b", "b", "a"])
    stages = {PROBA: np.eye(3)[[1, 1, 0]], PREDICTION: y_true}
    scores = compare_with_baseline(y_true, stages, Baseline(["a", "b", "c"], [0.2, 0.7, 0.1]))
    assert list(scores) == [MODEL, MOST_FREQUENT]
    assert [shown["accuracy"] for shown in show_scores(scores).values()] == ["1.0000", "0.6667"]


def test_the_baseline_of_numbers_answers_the_mean() -> None:
    y_true = np.array([1.0, 3.0])
    scores = compare_with_baseline(y_true, {PREDICTION: y_true}, Baseline([], [2.0]))
    assert list(scores) == [MODEL, LEARNED_MEAN]
    assert [shown["MAE"] for shown in show_scores(scores).values()] == ["0.000000", "1.000000"]


def test_equal_targets_have_no_r2() -> None:
    assert score_numbers(np.array([2.0, 2.0]), np.array([1.0, 2.0])).r2 == 0.0
