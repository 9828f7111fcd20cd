import copy
import hashlib
import struct
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import Tree

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.unpickle import unpickle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.form import numbers
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.forecast import Forecast, Forecaster
from lockstep.predict.history import History
from lockstep.predict.trace import trace_digests, trace_values
from preprocessing.daily import DAILY
from qa.default_bundle import DEFAULT_BUNDLE, MODEL_STAGES, STAGES

FIRST = DAILY.lookback_bars - 1
N_FEATURES = len(DAILY.columns)
LEARNING = np.random.default_rng(11).normal(size=(300, N_FEATURES))
TARGETS = 1.0 + 0.01 * LEARNING[:, 0] * LEARNING[:, 5] + 0.01 * LEARNING[:, 3]
LEVELS = (80, 95)

FIRST_ROW, MANY_ROWS, MAX_BYTES_OF_ROW = 200, 8_000, 1_500
"""1,250 are measured: the features, their scaled values, and the terms with their factors."""


def fit_model(degree: int = 2, polynomial: dict[str, Any] | None = None, **tree: int) -> Pipeline:
    steps = [
        ("polynomial", PolynomialFeatures(degree, **(polynomial or {}))),
        ("tree", DecisionTreeRegressor(random_state=1, **tree)),
    ]
    return Pipeline(steps).fit(LEARNING, TARGETS)


def compile_model(scaler: object, model: object, n_features: int = N_FEATURES) -> ExactModel:
    return ExactModel(derive_model(scaler, model).form, numbers(n_features), False)


def edit_tree(model: Pipeline, node: int, **changes: float) -> Pipeline:
    """Return a copy of the model with members of one node, or its `values`, overwritten."""
    edited = copy.deepcopy(model)
    tree = edited["tree"].tree_
    state = {name: np.copy(part) if name in ("nodes", "values") else part for name, part in tree.__getstate__().items()}
    for name, value in changes.items():
        (state["values"] if name == "values" else state["nodes"][name])[node] = value
    edited["tree"].tree_ = Tree(tree.n_features, np.ones(1, dtype=np.intp), 1)
    edited["tree"].tree_.__setstate__(state)
    return edited


def assert_same_as_scikit_learn(
    forecast: Forecast, features: np.ndarray, scaler: StandardScaler, model: Pipeline
) -> None:
    scaled = scaler.transform(features)
    leaf = model["tree"].apply(model["polynomial"].transform(scaled))
    expected = {"features": features, "scaled": scaled, "leaf": leaf, "prediction": model.predict(scaled)}
    assert list(forecast.stages) == list(MODEL_STAGES) == list(expected)
    assert trace_values(forecast.stages) == trace_values(expected)
    assert trace_digests(forecast.stages) == trace_digests(expected)


def test_every_msft_row_is_what_plain_scikit_learn_predicts(default_bundle: SeriesBundle) -> None:
    scaler, model = (unpickle((DEFAULT_BUNDLE / name).read_bytes(), name) for name in (SCALER_FILE, MODEL_FILE))
    bars = default_bundle.bars
    forecast = default_bundle.forecaster.forecast(bars, use_stored=False)
    assert forecast.rows.tolist() == list(range(FIRST, len(bars)))
    assert_same_as_scikit_learn(forecast, DAILY.build(bars)[FIRST:], scaler, model)


VARIANTS = {
    "degree 1": fit_model(degree=1),
    "unpruned": fit_model(),
    "no constant": fit_model(polynomial={"include_bias": False}),
    "products only": fit_model(polynomial={"interaction_only": True}),
    "one leaf": fit_model(min_samples_split=1000),
    "constant sends all left": edit_tree(fit_model(), 0, feature=0, threshold=1.5),
    "constant sends all right": edit_tree(fit_model(), 0, feature=0, threshold=0.5),
    "degree 1, constant": edit_tree(fit_model(degree=1), 0, feature=0, threshold=0.5),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_any_followed_model_is_what_plain_scikit_learn_predicts(variant: str, bars: Bars, calendar: Calendar) -> None:
    model, features = VARIANTS[variant], DAILY.build(bars)[FIRST:]
    scaler = StandardScaler().fit(features[:200])
    forecaster = Forecaster(History(bars, calendar), DAILY, compile_model(scaler, model))
    forecast = forecaster.forecast(bars.select(slice(FIRST, None)))
    assert_same_as_scikit_learn(forecast, features, scaler, model)


def test_terms_are_rounded_once_as_scikit_learn_does(bars: Bars, calendar: Calendar) -> None:
    features, model = DAILY.build(bars)[FIRST:], fit_model()
    scaler = StandardScaler().fit(features)
    pair = scaler.transform(features)[:, :2]
    once, twice = (pair[:, 0] * pair[:, 1]).astype(np.float32), pair.astype(np.float32).prod(axis=1)
    term = np.flatnonzero(model["polynomial"].powers_[:, :2].all(axis=1))[0]
    split = edit_tree(model, 0, feature=term, threshold=once[np.flatnonzero(twice > once)[0]])
    forecast = Forecaster(History(bars, calendar), DAILY, compile_model(scaler, split)).forecast(
        bars.select(slice(FIRST, None))
    )
    assert_same_as_scikit_learn(forecast, features, scaler, split)


def test_one_row_alone_has_the_bits_it_has_in_a_batch(bundle: SeriesBundle, bars: Bars) -> None:
    batch = trace_values(bundle.forecaster.forecast(bars.select(slice(FIRST, None))).stages)
    for row in range(FIRST, len(bars), 7):
        alone = trace_values(bundle.forecaster.forecast(bars.select(np.array([row]))).stages)
        assert {stage: values[0] for stage, values in alone.items()} == {s: v[row - FIRST] for s, v in batch.items()}


def test_rows_are_answered_in_the_order_posted(bundle: SeriesBundle, bars: Bars) -> None:
    shuffled = np.random.default_rng(5).permutation(np.arange(FIRST, len(bars)))
    in_order = bundle.forecaster.forecast(bars.select(slice(FIRST, None)), levels=LEVELS)
    forecast = bundle.forecaster.forecast(bars.select(shuffled), levels=LEVELS)
    assert forecast.rows.tolist() == list(range(shuffled.size))
    for stage in STAGES:
        assert forecast.stages[stage].tolist() == in_order.stages[stage][shuffled - FIRST].tolist()


def test_session_numbers_that_the_caller_has_are_not_looked_up_again(bundle: SeriesBundle, bars: Bars) -> None:
    posted = bars.select(slice(-30, None))
    sessions = bundle.calendar.session_numbers(posted.dates)
    without_lookup = copy.copy(bundle.forecaster)
    without_lookup.history = History(bundle.bars, NoLookups(bundle.calendar))
    _ = without_lookup.history._oldest_number  # looked up once for the stored bars
    NoLookups.is_closed = True
    try:
        told = without_lookup.forecast(posted, sessions=sessions)
    finally:
        NoLookups.is_closed = False
    assert trace_values(told.stages) == trace_values(bundle.forecaster.forecast(posted).stages)


class NoLookups(Calendar):
    """A calendar that refuses to look a date up once it is closed."""

    is_closed = False

    def __init__(self, original: Calendar) -> None:
        self.__dict__.update(original.__dict__)

    def session_numbers(self, dates: np.ndarray) -> np.ndarray:
        assert not self.is_closed
        return super().session_numbers(dates)


def test_repeated_runs_and_threads_share_nothing(bundle: SeriesBundle, bars: Bars) -> None:
    posts = [bars.select(slice(start, start + 60)) for start in range(FIRST, FIRST + 48)]
    one_by_one = [trace_digests(bundle.forecaster.forecast(posted).stages) for posted in posts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda posted: trace_digests(bundle.forecaster.forecast(posted).stages), posts * 3))
    assert together == one_by_one * 3


def test_trace_digest_is_the_sha_256_of_little_endian_numbers(bundle: SeriesBundle, bars: Bars) -> None:
    forecast = bundle.forecaster.forecast(bars.select(slice(-2, None)))
    digests = trace_digests(forecast.stages)
    for stage, code in zip(MODEL_STAGES, (f"<{N_FEATURES}d", f"<{N_FEATURES}d", "<q", "<d"), strict=True):
        packed = [struct.pack(code, *np.atleast_1d(row)) for row in forecast.stages[stage]]
        assert digests[stage] == [hashlib.sha256(content).hexdigest() for content in packed]


SCALER = StandardScaler().fit(LEARNING)
MODEL = fit_model(max_depth=3)
POLYNOMIAL, TREE = MODEL.steps
N_TERMS = MODEL["tree"].n_features_in_


@pytest.mark.parametrize(
    ("scaler", "model"),
    [
        (MODEL, SCALER),
        (SCALER, fit_model(degree=3, max_depth=2)),
        (SCALER, Pipeline([POLYNOMIAL, fit_model(degree=1).steps[1]])),
        (StandardScaler().fit(LEARNING[:, 1:]), MODEL),
        (StandardScaler(), MODEL),
        (SCALER, Pipeline([POLYNOMIAL, ("tree", DecisionTreeRegressor())])),
    ],
    ids=[
        "swapped", "degree 3", "tree of other terms", "scaler of other features", "unfitted scaler", "unfitted tree",
    ],
)  # fmt: skip
def test_model_that_cannot_be_followed_is_refused(scaler: object, model: object) -> None:
    with pytest.raises((InvalidBundle, NoExactForm)):
        compile_model(scaler, model)


def test_model_of_another_feature_count_is_refused() -> None:
    compile_model(SCALER, MODEL)
    with pytest.raises(InvalidBundle, match="center of a scaler"):
        compile_model(SCALER, MODEL, N_FEATURES + 1)


@pytest.mark.parametrize(
    ("node", "changes"),
    [
        (1, {"left_child": 10_000}),
        (1, {"right_child": MODEL["tree"].tree_.node_count}),
        (1, {"left_child": 0}),
        (1, {"right_child": 1}),
        (1, {"left_child": -2}),
        (1, {"right_child": -1}),
        (1, {"left_child": -1}),
        (1, {"feature": N_TERMS}),
        (1, {"feature": -2}),
    ],
    ids=str,
)
def test_tree_that_points_outside_or_back_is_refused(node: int, changes: dict[str, float]) -> None:
    assert MODEL["tree"].tree_.children_left[node] > node
    with pytest.raises(InvalidBundle, match="the tree"):
        compile_model(SCALER, edit_tree(MODEL, node, **changes))


def test_leaf_whose_value_is_no_number_is_refused() -> None:
    leaf = int(np.flatnonzero(MODEL["tree"].tree_.children_left < 0)[0])
    with pytest.raises(InvalidBundle, match="values of trees: not finite"):
        compile_model(SCALER, edit_tree(MODEL, leaf, values=np.nan))


def test_many_rows_in_one_request_take_bounded_memory(default_bundle: SeriesBundle) -> None:
    places = np.arange(FIRST_ROW, FIRST_ROW + MANY_ROWS)
    values = default_bundle.bars.values[:, places % len(default_bundle.bars)].copy()
    posted = Bars(default_bundle.calendar.session_dates(places), values)
    tracemalloc.start()
    forecast = default_bundle.forecaster.forecast(posted, use_stored=False)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert forecast.rows.size == MANY_ROWS - 199
    assert peak_bytes / MANY_ROWS < MAX_BYTES_OF_ROW


def test_rows_that_follow_each_other_are_answered_in_the_order_posted(default_bundle: SeriesBundle) -> None:
    ordered = default_bundle.forecaster.forecast(default_bundle.bars.select(slice(-4, None)))
    for order in ([0, 2, 1, 3], [3, 2, 1, 0], [1, 0, 3, 2]):
        shuffled = default_bundle.bars.select(np.arange(len(default_bundle.bars) - 4, len(default_bundle.bars))[order])
        found = default_bundle.forecaster.forecast(shuffled)
        assert found.features.tolist() == ordered.features[order].tolist()
