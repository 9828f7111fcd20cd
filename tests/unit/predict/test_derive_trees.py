"""Fitted trees without an exact form are refused by name, and states that no fit leaves behind as invalid."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from scipy.special import logit
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.log_odds import center_logs, log_odds
from lockstep.predict.derive.model import derive_estimator, derive_model
from lockstep.predict.exact.model import ExactModel

ROWS = np.random.default_rng(0).normal(size=(60, 3))
TARGET = ROWS[:, 0] * ROWS[:, 1]
LABELS = np.digitize(TARGET, [-0.3, 0.3])
CODES = np.column_stack([ROWS[:, 0], np.arange(60) % 4])
TWO_TARGETS = np.column_stack([TARGET, TARGET])

WITHOUT_FORM: dict[str, tuple[Callable[[], Any], str]] = {
    "a tree of two outputs": (lambda: DecisionTreeRegressor().fit(ROWS, TWO_TARGETS), "2 outputs"),
    "a forest of two outputs": (lambda: RandomForestRegressor(2).fit(ROWS, TWO_TARGETS), "2 outputs"),
    "a forest of two labels": (
        lambda: RandomForestClassifier(2).fit(ROWS, np.column_stack([LABELS, LABELS])),
        "2 outputs",
    ),
    "boosting from an estimator": (
        lambda: GradientBoostingRegressor(n_estimators=2, init=LinearRegression()).fit(ROWS, TARGET),
        "starts from LinearRegression",
    ),
    "boosting from drawn classes": (
        lambda: GradientBoostingClassifier(n_estimators=2, init=DummyClassifier(strategy="uniform")).fit(ROWS, LABELS),
        "starts from DummyClassifier",
    ),
    "categories of text": (
        lambda: HistGradientBoostingRegressor(max_iter=2, categorical_features=[0]).fit(
            np.array([["a"], ["b"]] * 30, object), TARGET
        ),
        "put an OrdinalEncoder before it",
    ),
    "one class": (lambda: HistGradientBoostingClassifier(max_iter=2).fit(ROWS, np.zeros(60)), "one class"),
}


@pytest.mark.parametrize("name", WITHOUT_FORM)
def test_what_has_no_exact_form_is_named(name: str) -> None:
    make, reason = WITHOUT_FORM[name]
    with pytest.raises(NoExactForm, match=reason):
        derive_estimator(make())


def test_categories_that_are_encoded_before_have_a_form_beside_numbers_passed_on() -> None:
    towns = np.array(["York", "Bath", "Ely", None] * 15, object)
    rows = np.column_stack([ROWS[:, 0].astype(object), towns])
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    encode = ColumnTransformer([("towns", encoder, [1])], remainder="passthrough")
    boosting = HistGradientBoostingRegressor(max_iter=5, categorical_features=[0], min_samples_leaf=2)
    model = make_pipeline(encode, boosting).fit(rows, TARGET + 9.0 * (towns == "Ely"))
    form = derive_model(None, model).form
    predicted = ExactModel(form, ("number", "text"), is_table=True).predict((ROWS[:, 0], towns))["prediction"]
    assert predicted.tobytes() == model.predict(rows).tobytes()


def fit_histogram() -> Any:
    boosting = HistGradientBoostingRegressor(max_iter=2, categorical_features=[1], min_samples_leaf=2)
    return boosting.fit(CODES, TARGET + 9.0 * (CODES[:, 1] % 2.0))


def set_nodes(boosting: Any, field: str, value: int, where: str = "is_categorical") -> None:
    """Write into those nodes of the first tree that have a flag set."""
    nodes = boosting._predictors[0][0].nodes
    places = np.flatnonzero(nodes[where] & (nodes["is_leaf"] == (where == "is_leaf")))
    assert places.size
    nodes[field][places[0]] = value


def hold(name: str, value: object) -> Callable[[Any], None]:
    return lambda estimator: setattr(estimator, name, value)


FOREST = RandomForestClassifier(2, random_state=0).fit(ROWS, LABELS)
BOOSTED = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(ROWS, LABELS)
HISTOGRAM = fit_histogram()
PLAIN = HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=2).fit(CODES, TARGET)

TAMPERED: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "not fitted": (DecisionTreeRegressor(), lambda tree: None),
    "a tree that is none": (DecisionTreeRegressor(), hold("tree_", 3)),
    "a tree of fewer classes": (DecisionTreeClassifier().fit(ROWS, LABELS), hold("classes_", np.array([0, 1]))),
    "a forest without trees": (FOREST, hold("estimators_", [])),
    "a forest of lines": (FOREST, hold("estimators_", [LinearRegression()])),
    "a forest of other classes": (FOREST, hold("classes_", np.array(["a"]))),
    "stages in a row": (BOOSTED, hold("estimators_", BOOSTED.estimators_.ravel())),
    "no stages": (BOOSTED, hold("estimators_", BOOSTED.estimators_[:0])),
    "stages of lines": (BOOSTED, hold("estimators_", np.array([[LinearRegression()] * 3]))),
    "stages of classifiers": (BOOSTED, hold("estimators_", np.array([FOREST.estimators_[:1] * 3]))),
    "shares of other classes": (BOOSTED, lambda boosted: hold("class_prior_", np.array([0.5, 0.5]))(boosted.init_)),
    "no iterations": (HISTOGRAM, hold("_predictors", [])),
    "iterations of two trees": (HISTOGRAM, lambda each: each._predictors[0].append(each._predictors[0][0])),
    "iterations of forests": (HISTOGRAM, hold("_predictors", [[FOREST]])),
    "nodes of another layout": (
        HISTOGRAM,
        lambda each: hold("nodes", np.zeros(3, [("value", float)]))(each._predictors[0][0]),
    ),
    "a column that is not there": (HISTOGRAM, lambda each: set_nodes(each, "feature_idx", 2)),
    "a column before all": (HISTOGRAM, lambda each: set_nodes(each, "feature_idx", -1)),
    "categories in a column of numbers": (HISTOGRAM, lambda each: set_nodes(each, "feature_idx", 1)),
    "a set that is not there": (HISTOGRAM, lambda each: set_nodes(each, "bitset_idx", 1_000)),
    "sets of another size": (
        HISTOGRAM,
        lambda each: hold("raw_left_cat_bitsets", np.zeros((1, 4), np.uint32))(each._predictors[0][0]),
    ),
    "a flag for each tree": (HISTOGRAM, hold("is_categorical_", np.array([True]))),
    "other columns of categories": (HISTOGRAM, hold("is_categorical_", np.array([True, True]))),
    "bins of other categories": (
        HISTOGRAM,
        lambda each: each._bin_mapper.bin_thresholds_.__setitem__(0, np.array([300.0])),
    ),
    "bins without categories": (HISTOGRAM, lambda each: hold("is_categorical_", np.zeros(2, bool))(each._bin_mapper)),
    "categories where none are": (PLAIN, lambda each: set_nodes(each, "is_categorical", 1, "count")),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_state_that_no_fit_leaves_behind_is_refused(name: str) -> None:
    fitted, tamper = TAMPERED[name]
    changed = deepcopy(fitted)
    tamper(changed)
    with pytest.raises(InvalidBundle):
        derive_estimator(changed)


def test_log_odds_are_those_of_scipy() -> None:
    shares = [place / 101 for place in range(1, 101)]
    assert max(abs(log_odds(share) - float(logit(share))) for share in shares) <= 4.5e-16
    assert log_odds(0.5) == 0.0


def test_centred_logarithms_add_up_to_nothing() -> None:
    exact = [Decimal(share).ln() for share in (0.2, 0.3, 0.5)]
    centre = (exact[0] + exact[1] + exact[2]) / 3
    assert center_logs([0.2, 0.3, 0.5]) == pytest.approx([float(each - centre) for each in exact], abs=2e-16)
