"""Linear models and baselines as arrays; the families in `qa.exact` compare more of them with scikit-learn."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.svm import LinearSVC

from lockstep.data.bars import Array
from lockstep.data.bits import same_bits
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.agreement import Agreement, Fitted, compare_with_sklearn
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.linear import sum_bound
from lockstep.predict.derive.model import derive_model
from lockstep.predict.derive.sizes import measure_sizes
from lockstep.predict.exact.constant import ConstantClassifier, ConstantRegressor
from lockstep.predict.exact.form import Estimator, numbers
from lockstep.predict.exact.forms import ExactForm, decode_form, encode_form
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor, sum_products
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.stages import DECISION, PREDICTION, PROBA, Stages

ROWS = np.random.default_rng(1).normal(size=(90, 5))
TARGET = ROWS @ [3.0, -2.0, 0.5, 0.0, 100.0] + np.random.default_rng(2).normal(size=90)
THREE = np.array(["mid", "top", "low"])[np.digitize(ROWS[:, 0], [-0.5, 0.5])]


def derive_and_predict(fitted: Any, rows: Array) -> Stages:
    form = decode_form(encode_form(derive_model(None, fitted).form))
    return ExactModel(form, numbers(rows.shape[1]), is_table=False).predict(rows)


def agree(fitted: Any, rows: Array) -> Agreement:
    """Compare a fitted model's answers with those of its exact form, by the bound that it states."""
    derived = derive_model(None, fitted)
    methods = (getattr(fitted, name, None) for name in ("predict_proba", "decision_function"))
    theirs = Fitted(fitted.predict(rows), *(method and method(rows) for method in methods))
    sizes = measure_sizes(derived.form, numbers(rows.shape[1]), rows)
    return compare_with_sklearn(derive_and_predict(fitted, rows), theirs, derived.bound, sizes)


@pytest.mark.parametrize(
    "fitted",
    [
        LinearRegression().fit(ROWS.astype(np.float32), TARGET.astype(np.float32)),
        LinearRegression().fit(ROWS, TARGET[:, None]),
        LinearRegression(positive=True, fit_intercept=False).fit(ROWS, TARGET),
        Ridge().fit(ROWS * 1e150, TARGET),
        SGDClassifier(random_state=1).fit(ROWS, THREE).sparsify(),
        LogisticRegression().fit(ROWS.astype(np.float32), THREE),
        LogisticRegression(solver="liblinear").fit(ROWS, THREE == "low"),
        LogisticRegression(fit_intercept=False, C=1e6).fit(ROWS, THREE.astype(object)),
        LogisticRegression().fit(ROWS, (THREE == "low").astype(np.float32) * 2),
        SGDClassifier(loss="modified_huber", random_state=1).fit(ROWS, THREE == "low"),
        SGDClassifier(loss="log_loss", learning_rate="constant", eta0=60.0, random_state=1).fit(ROWS, THREE),
        LinearSVC(fit_intercept=False).fit(ROWS, THREE),
        RidgeClassifier(fit_intercept=False).fit(ROWS, THREE),
    ],
)
def test_a_fitted_model_is_answered_as_scikit_learn_does(fitted: Any) -> None:
    assert agree(fitted, ROWS).undecided == 0


@pytest.mark.parametrize(
    "fitted",
    [
        DummyRegressor(strategy="quantile", quantile=0.3).fit(ROWS, TARGET),
        DummyRegressor(strategy="constant", constant=3).fit(ROWS, TARGET),
        DummyRegressor(strategy="median").fit(ROWS, TARGET.astype(np.float32)),
        DummyClassifier(strategy="constant", constant="low").fit(ROWS, THREE),
        DummyClassifier(strategy="constant", constant=True).fit(ROWS, THREE == "low"),
        DummyClassifier(strategy="most_frequent").fit(ROWS, THREE),
        DummyClassifier().fit(ROWS, THREE, sample_weight=np.arange(90.0)),
        DummyClassifier().fit(ROWS, np.zeros(90, int)),
    ],
)
def test_a_baseline_gives_the_bits_of_scikit_learn(fitted: Any) -> None:
    assert agree(fitted, ROWS) == Agreement(90, 0, 0, 0)


@pytest.mark.parametrize(
    "transformation",
    [
        {"transformer": StandardScaler()},
        {"transformer": MinMaxScaler((-3.0, 5.0))},
        {"func": np.log, "inverse_func": np.exp},
        {"transformer": make_pipeline(FunctionTransformer(np.log, np.exp), StandardScaler())},
    ],
)
def test_a_transformed_target_is_answered_as_scikit_learn_does(transformation: dict[str, Any]) -> None:
    rows = np.concatenate([ROWS, ROWS[:, :1] + 1e-9 * ROWS[:, 1:2]], axis=1)
    model = TransformedTargetRegressor(LinearRegression(), **transformation).fit(rows, np.exp(TARGET / 20.0))
    model.regressor_.coef_[[0, 5]] = 1e7, -1e7  # terms that cancel
    assert agree(model, rows).ulp_prediction > 0


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_columns=st.integers(1, 40),
    n_classes=st.integers(2, 5),
    scale=st.sampled_from([1e-6, 1.0, 1e4]),
)
def test_any_weights_give_the_answers_of_scikit_learn(seed: int, n_columns: int, n_classes: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(64, n_columns)) * scale
    regressor = LinearRegression().fit(rows[:2], [0.0, 1.0])
    regressor.coef_, regressor.intercept_ = random.normal(size=n_columns), random.normal() / scale
    assert agree(regressor, rows).rows == 64
    classifier = LogisticRegression()
    classifier.fit(random.normal(size=(64, n_columns)), np.arange(64) % n_classes)
    classifier.coef_ = random.normal(size=classifier.coef_.shape) / scale
    assert agree(classifier, rows).rows == 64


@pytest.mark.parametrize("shape", [(1, 1, 1), (200, 3, 1), (30, 5000, 2), (3, 70_000, 3), (40, 17, 12)])
def test_a_row_has_the_same_bits_alone_in_any_company_and_in_any_layout(shape: tuple[int, int, int]) -> None:
    n_rows, n_columns, n_values = shape
    random = np.random.default_rng(3)
    rows, weights = random.normal(size=(n_rows, n_columns)), random.normal(size=(n_columns, n_values))
    sums = sum_products(rows, weights, random.normal(size=n_values) * 0.0)
    order = random.permutation(n_rows)
    for other in (rows[order], np.asfortranarray(rows[order])):
        assert same_bits(sum_products(other, weights, np.zeros(n_values)), sums[order]).all()
    alone = [sum_products(rows[place : place + 1], weights, np.zeros(n_values)) for place in range(min(n_rows, 30))]
    assert same_bits(np.concatenate(alone), sums[:30]).all()
    singly = [sum_products(rows, weights[:, [value]], np.zeros(1)) for value in range(n_values)]
    assert same_bits(np.concatenate(singly, axis=1), sums).all()
    sizes = np.abs(rows) @ np.abs(weights)
    assert (np.abs(sums - rows @ weights) <= sum_bound(n_columns) * sizes).all()


def test_the_intercept_is_added_last() -> None:
    sums = sum_products(np.array([[1e16, -1e16, 1.0]]), np.ones((3, 1)), np.array([0.25]))
    assert sums.item() == (1e16 - 1e16) + 1.0 + 0.25


def test_huge_inputs_give_infinite_sums() -> None:
    assert sum_products(np.full((1, 2), 1e308), np.full((2, 1), 10.0), np.zeros(1)).item() == np.inf


def test_of_equal_decisions_the_first_class_is_predicted() -> None:
    rows = np.zeros((1, 2))
    two = LinearClassifier(np.zeros((2, 1)), np.zeros(1), ["a", "b"], "logistic").compile(2)(rows)
    three = LinearClassifier(np.zeros((2, 3)), np.zeros(3), ["a", "b", "c"], "softmax").compile(2)(rows)
    assert (two[PREDICTION].tolist(), two[PROBA].tolist()) == (["a"], [[0.5, 0.5]])
    assert three[PREDICTION].tolist() == ["a"]


def test_classes_that_no_decision_favors_share_the_probability() -> None:
    form = LinearClassifier(np.zeros((1, 3)), np.array([-710.0, -800.0, -1e9]), [1, 2, 3], "one_vs_rest")
    assert form.compile(1)(np.zeros((1, 1)))[PROBA].tolist() == [[1 / 3, 1 / 3, 1 / 3]]


def test_stages_end_with_the_prediction() -> None:
    assert list(derive_and_predict(LogisticRegression().fit(ROWS, THREE), ROWS)) == [DECISION, PROBA, PREDICTION]
    assert list(derive_and_predict(LinearSVC().fit(ROWS, THREE), ROWS)) == [DECISION, PREDICTION]
    assert list(derive_and_predict(Lasso().fit(ROWS, TARGET), ROWS)) == [PREDICTION]


TWICE = np.stack([TARGET, TARGET], axis=1)


@pytest.mark.parametrize(
    ("fitted", "reason"),
    [
        (LinearRegression().fit(ROWS, TWICE), "LinearRegression of 2 outputs"),
        (RidgeClassifier().fit(ROWS, TWICE > 0), "RidgeClassifier of several outputs"),
        (SGDClassifier(loss="modified_huber").fit(ROWS, THREE), "more than two classes"),
        (DummyRegressor().fit(ROWS, TWICE), "DummyRegressor of 2 outputs"),
        (DummyClassifier().fit(ROWS, TWICE > 0), "several outputs"),
        (DummyClassifier(strategy="uniform").fit(ROWS, THREE), "at random"),
        (DummyClassifier(strategy="stratified").fit(ROWS, THREE), "at random"),
        (DummyClassifier().fit(ROWS, THREE.astype("S")), "labels are not all"),
    ],
)
def test_what_has_no_exact_form_is_named(fitted: Any, reason: str) -> None:
    with pytest.raises(NoExactForm, match=reason):
        derive_model(None, fitted)


@pytest.mark.parametrize("unfitted", [Ridge(), LogisticRegression(), DummyRegressor(), DummyClassifier()])
def test_what_is_not_fitted_is_refused(unfitted: Any) -> None:
    with pytest.raises(InvalidBundle, match="not a fitted one"):
        derive_model(None, unfitted)


REGRESSOR = LinearRegressor(np.ones(5), 1.0)
CLASSIFIER = LinearClassifier(np.ones((5, 3)), np.ones(3), ["a", "b", "c"], "softmax")
BINARY = LinearClassifier(np.ones((5, 1)), np.ones(1), [0, 1], "logistic")
CONSTANT = ConstantClassifier(np.array([0.25, 0.75]), 1, [0, 1])


@pytest.mark.parametrize(
    ("form", "changes"),
    [
        (REGRESSOR, {"coefficients": np.ones(4)}),
        (REGRESSOR, {"coefficients": np.ones((5, 1))}),
        (REGRESSOR, {"coefficients": np.ones(5, np.float32)}),
        (REGRESSOR, {"coefficients": np.full(5, np.nan)}),
        (REGRESSOR, {"intercept": np.inf}),
        (CLASSIFIER, {"coefficients": np.ones((5, 2))}),
        (CLASSIFIER, {"coefficients": np.full((5, 3), np.inf)}),
        (CLASSIFIER, {"intercepts": np.ones(1)}),
        (CLASSIFIER, {"intercepts": np.full(3, np.nan)}),
        (CLASSIFIER, {"classes": ["a", "b", "c", "d"]}),
        (CLASSIFIER, {"classes": ["a", "b"]}),
        (CLASSIFIER, {"classes": ["a", "b", "b"]}),
        (CLASSIFIER, {"classes": ["a", "b", 3]}),
        (CLASSIFIER, {"classes": ["a", "b", "b\0"]}),
        (CLASSIFIER, {"classes": ["a", "b", "b" * 4_000_000]}),
        (CLASSIFIER, {"classes": [1, 2, 2**64]}),
        (CLASSIFIER, {"classes": [1.0, 2.0, np.nan]}),
        (CLASSIFIER, {"classes": []}),
        (CLASSIFIER, {"link": "logistic"}),
        (CLASSIFIER, {"link": "huber"}),
        (BINARY, {"link": "softmax"}),
        (BINARY, {"link": "one_vs_rest"}),
        (BINARY, {"classes": [0], "coefficients": np.ones((5, 0)), "intercepts": np.ones(0)}),
        (ConstantRegressor(1.0), {"value": np.nan}),
        (CONSTANT, {"proba": np.ones(3)}),
        (CONSTANT, {"proba": np.array([0.5, np.nan])}),
        (CONSTANT, {"proba": np.array([-0.5, 1.5])}),
        (CONSTANT, {"chosen": 2}),
        (CONSTANT, {"chosen": -1}),
    ],
)
def test_arrays_that_do_not_fit_are_refused(form: Estimator, changes: dict[str, Any]) -> None:
    form.compile(5)
    with pytest.raises(InvalidBundle):
        msgspec.structs.replace(form, **changes).compile(5)


@pytest.mark.parametrize(
    "form", [LinearRegressor(np.ones(0), 1.0), LinearClassifier(np.ones((0, 1)), np.ones(1), [0, 1], "none")]
)
def test_a_linear_model_of_no_column_is_refused(form: Estimator) -> None:
    with pytest.raises(InvalidBundle, match="no column"):
        form.compile(0)


def test_a_link_that_is_not_known_is_not_read() -> None:
    form = ExactForm(1, None, [], msgspec.structs.replace(BINARY, link="cubic"), [])
    with pytest.raises(InvalidBundle):
        decode_form(encode_form(form))
