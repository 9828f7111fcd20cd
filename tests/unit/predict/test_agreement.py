from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from lockstep.errors import EvaluationMismatch
from lockstep.predict.derive.agreement import Agreement, Fitted, compare_with_sklearn, find_undecided
from lockstep.predict.derive.model import derive_model
from lockstep.predict.derive.sizes import measure_sizes
from lockstep.predict.exact.form import numbers
from lockstep.predict.stages import DECISION, PREDICTION, PROBA, Stages

BOUND = 1e-14
LABELS = np.array(["a", "b", "b"])
DECIDED: Stages = {
    DECISION: np.array([-2.0, 1.0, 3.0]),
    PROBA: np.array([[0.9, 0.1], [0.3, 0.7], [0.05, 0.95]]),
    PREDICTION: LABELS,
}
NEARLY = 1.0 + 2.0**-52


def as_fitted(stages: Stages, **changes: Any) -> Fitted:
    return Fitted(
        **{"prediction": stages[PREDICTION], "proba": stages.get(PROBA), "decision": stages.get(DECISION)} | changes
    )


@pytest.mark.parametrize("bound", [0.0, BOUND])
def test_equal_answers_agree(bound: float) -> None:
    assert compare_with_sklearn(DECIDED, as_fitted(DECIDED), bound) == Agreement(3, 0, 0, 0)


def test_numbers_within_the_bound_agree_and_their_distance_is_told() -> None:
    near = as_fitted(DECIDED, decision=DECIDED[DECISION] * NEARLY, proba=np.nextafter(DECIDED[PROBA], 1.0))
    assert compare_with_sklearn(DECIDED, near, BOUND).ulp_proba == 1
    regression = {PREDICTION: np.array([1.0, -2.0])}
    assert compare_with_sklearn(regression, Fitted(np.array([NEARLY, -2.0])), BOUND) == Agreement(2, 1, 0, 0)


@pytest.mark.parametrize(
    ("changes", "bound", "message"),
    [
        (
            {"decision": DECIDED[DECISION] * NEARLY},
            0.0,
            r"decision, row 0: -2.0 by the exact form, -2\.0\d+4 by scikit",
        ),
        ({"proba": DECIDED[PROBA] * NEARLY}, 0.0, "proba, row 0, column 0: "),
        (
            {"decision": np.array([-2.0, 1.0, 3.1])},
            BOUND,
            r"decision, row 2: 3\.0 by the exact form, 3\.1 by scikit-learn",
        ),
        ({"proba": DECIDED[PROBA] + [[0.0, 0.0], [0.0, 1e-12], [0.0, 0.0]]}, BOUND, "proba, row 1, column 1: "),
        ({"prediction": np.array(["a", "b", "a"])}, BOUND, "prediction, row 2: b by the exact form, a by scikit-learn"),
        ({"prediction": np.array(["a", "b", "a"])}, 0.0, "prediction, row 2: "),
        ({"prediction": LABELS[:2]}, 0.0, "prediction: shape"),
        ({"proba": DECIDED[PROBA][:, :1]}, BOUND, "proba: shape"),
        ({"decision": np.array([-2.0, 1.0, np.nan])}, BOUND, "decision, row 2: "),
    ],
)
def test_the_first_row_beyond_the_bound_is_named(changes: dict[str, Any], bound: float, message: str) -> None:
    with pytest.raises(EvaluationMismatch, match=message):
        compare_with_sklearn(DECIDED, as_fitted(DECIDED, **changes), bound)


@pytest.mark.parametrize("theirs", [np.array([1.0, 2.0 + 1e-9]), np.array([1.0, np.nan]), np.array([1.0, -2.0])])
def test_a_regression_beyond_the_bound_is_refused(theirs: np.ndarray) -> None:
    with pytest.raises(EvaluationMismatch, match="prediction, row 1: "):
        compare_with_sklearn({PREDICTION: np.array([1.0, 2.0])}, Fitted(theirs), BOUND)


def test_a_regression_is_judged_by_its_largest_prediction_whatever_its_raw_values_are() -> None:
    stages = {DECISION: np.array([-690.0, 2.0]), PREDICTION: np.array([1e-300, 7.0])}
    theirs = np.array([1.0000000001e-300, 7.0])
    assert compare_with_sklearn(stages, Fitted(theirs), BOUND).undecided == 0
    with pytest.raises(EvaluationMismatch, match="prediction, row 1: "):
        compare_with_sklearn(stages, Fitted(np.array([1e-300, 7.0 + 1e-13])), BOUND)


def test_other_zeros_are_refused_where_bits_are_promised() -> None:
    with pytest.raises(EvaluationMismatch):
        compare_with_sklearn({PREDICTION: np.zeros(1)}, Fitted(-np.zeros(1)), 0.0)


def test_a_label_that_the_bound_could_change_may_differ_and_is_counted() -> None:
    stages = DECIDED | {DECISION: np.array([-2.0, 1e-15, 3.0])}
    theirs = as_fitted(stages, decision=np.array([-2.0, -1e-15, 3.0]), prediction=np.array(["a", "a", "b"]))
    assert compare_with_sklearn(stages, theirs, BOUND, np.ones(3)).undecided == 1
    with pytest.raises(EvaluationMismatch, match="prediction, row 1: "):
        compare_with_sklearn(stages, as_fitted(stages, prediction=theirs.prediction), BOUND, np.full(3, 0.01))


def test_numeric_labels_are_labels() -> None:
    stages = DECIDED | {PREDICTION: np.array([0.5, 1.5, 1.5])}
    with pytest.raises(EvaluationMismatch, match="prediction, row 0: "):
        compare_with_sklearn(stages, as_fitted(stages, prediction=np.array([0.5 * NEARLY, 1.5, 1.5])), BOUND)


@pytest.mark.parametrize(
    ("stages", "undecided"),
    [
        ({DECISION: np.array([0.0, 0.1, -0.1, 0.2])}, [True, True, True, False]),
        (
            {DECISION: np.array([[0.0, 0.2, -5.0], [0.0, 0.21, 0.1], [0.0, 0.3, 0.0], [1.0, 1.0, -1.0]])},
            [True, True, False, True],
        ),
        ({PROBA: np.array([[0.5, 0.5], [0.3, 0.7], [1.0, 0.0], [0.45, 0.55]])}, [True, False, False, True]),
        ({PROBA: np.ones((4, 1))}, [False] * 4),
        ({PREDICTION: np.zeros(4)}, [False] * 4),
    ],
)
def test_undecided_rows_are_those_that_an_error_could_turn(stages: Stages, undecided: list[bool]) -> None:
    assert find_undecided(stages, np.full(4, 0.1)).tolist() == undecided
    assert not find_undecided(stages, np.zeros(4)).any()


def test_sizes_are_the_sums_of_the_magnitudes_after_all_steps() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 3))
    scaler = StandardScaler().fit(rows)
    model = make_pipeline(PolynomialFeatures(2), LinearRegression()).fit(scaler.transform(rows), rows[:, 0])
    terms = np.abs(model[0].transform(scaler.transform(rows)))
    sizes = measure_sizes(derive_model(scaler, model).form, numbers(3), rows)
    assert sizes is not None
    np.testing.assert_allclose(sizes, terms @ np.abs(model[1].coef_) + abs(model[1].intercept_), rtol=1e-12)
    classifier = LogisticRegression().fit(rows, np.arange(50) % 3)
    largest = (np.abs(rows) @ np.abs(classifier.coef_.T) + np.abs(classifier.intercept_)).max(axis=1)
    sizes = measure_sizes(derive_model(None, classifier).form, numbers(3), rows)
    assert sizes is not None
    np.testing.assert_allclose(sizes, largest, rtol=1e-12)


def test_terms_that_cancel_are_judged_by_their_size() -> None:
    rows = np.random.default_rng(4).normal(size=(200, 3)) * 1e-3
    model = LinearRegression().fit(rows, rows[:, 0])
    model.coef_, model.intercept_ = np.array([1e9, -1e9, 1.0]), 0.5
    rows[:, 1] = rows[:, 0]
    derived = derive_model(None, model)
    stages = {PREDICTION: derived.form.estimator.compile(3)(rows)[PREDICTION]}
    theirs = Fitted(model.predict(rows))
    sizes = measure_sizes(derived.form, numbers(3), rows)
    assert compare_with_sklearn(stages, theirs, derived.bound, sizes).rows == 200
