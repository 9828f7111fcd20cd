"""Trees and ensembles of trees: scikit-learn's bits on a node's very threshold, and what walks through them."""

import subprocess
import sys
from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lockstep.data.bars import Array
from lockstep.predict.derive.families import BITS
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.forms import ExactForm, decode_form, encode_form
from lockstep.predict.exact.masks import Masks, fits_masks, largest_left
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.exact.terms import Terms
from lockstep.predict.exact.tree import compile_float32
from lockstep.predict.exact.treelite_walk import TreeliteMissing
from lockstep.predict.stages import PREDICTION
from qa.exact.boosting import BOOSTING
from qa.exact.comparison import compare, derive_form
from qa.exact.instances import Instance, name_instances
from qa.exact.trees import TREES
from tests.unit.predict.hostile_forms import kinds_of

FAMILIES = (*TREES, *BOOSTING)
MAKERS = name_instances(FAMILIES)
BOUNDS = {name: family.bound for family in FAMILIES for name in name_instances([family])}
N_EDGE_ROWS = 300
EXTREMES = (0.0, -0.0, 1e-45, -1e-45, 1e34, -1e34)
"""Numbers whose float32 scikit-learn can add up, as it does before it predicts."""


@cache
def fitted(name: str) -> Instance:
    return MAKERS[name]()


def trees_of(form: ExactForm) -> TreeEstimator:
    assert isinstance(form.estimator, TreeEstimator)
    return form.estimator


def make_edge_rows(instance: Instance, n_rows: int = N_EDGE_ROWS) -> Array:
    """Return rows of thresholds, the floats beside them, extremes, and NaN if the estimator takes it."""
    trees, random = trees_of(derive_form(instance)), np.random.default_rng(0)
    finite = trees.threshold[(trees.feature >= 0) & np.isfinite(trees.threshold)]
    single = finite.astype(np.float32)
    beside = [np.nextafter(single, np.float32(to)) for to in (-np.inf, np.inf)]
    exact = [np.nextafter(finite, to) for to in (-np.inf, np.inf)]
    pool = np.concatenate([finite, single, *beside, *exact, EXTREMES, [np.nan] if trees.takes_missing else []])
    return random.choice(pool, (n_rows, len(instance.kinds))).astype(np.float64)


@pytest.mark.parametrize("name", MAKERS)
def test_rows_on_the_thresholds_are_answered_as_by_scikit_learn(name: str) -> None:
    instance = fitted(name)
    difference = compare(Instance(instance.fitted, make_edge_rows(instance)))
    assert difference.labels == 0
    assert difference.ulp == 0 if BOUNDS[name] == BITS else difference.relative <= BOUNDS[name]


@pytest.mark.parametrize("name", MAKERS)
def test_a_form_read_from_its_bytes_answers_the_same(name: str) -> None:
    instance = fitted(name)
    form = derive_form(instance)
    again = decode_form(encode_form(form))
    assert encode_form(again) == encode_form(form)
    rows = instance.head(50).rows
    first, second = (ExactModel(each, instance.kinds, is_table=False).predict(rows) for each in (form, again))
    assert [values.tobytes() for values in first.values()] == [values.tobytes() for values in second.values()]


@pytest.mark.parametrize("name", [name for name in MAKERS if name.endswith("-0")])
def test_no_rows_give_empty_stages(name: str) -> None:
    instance = fitted(name)
    full, empty = (
        ExactModel(derive_form(instance), instance.kinds, is_table=False).predict(instance.rows[:n]) for n in (2, 0)
    )
    assert {stage: (0, *values.shape[1:]) for stage, values in full.items()} == {
        stage: values.shape for stage, values in empty.items()
    }


@settings(max_examples=25, deadline=None)
@given(
    rows=arrays(np.float64, (20, 2), elements=st.floats(-(2.0**100), 2.0**100, width=32)),
    estimator=st.sampled_from(
        [
            DecisionTreeRegressor(random_state=0),
            DecisionTreeClassifier(max_depth=3, random_state=0),
            RandomForestClassifier(3, random_state=0),
            ExtraTreesRegressor(3, random_state=0),
            GradientBoostingRegressor(n_estimators=3, random_state=0),
            HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=1),
        ]
    ),
)
def test_whatever_the_rows_are_the_bits_are_those_of_scikit_learn(rows: Array, estimator: object) -> None:
    target = np.arange(len(rows)) % 3
    fitted_one = estimator.fit(rows, target)  # type: ignore[attr-defined]
    assert compare(Instance(fitted_one, rows[::-1] / 2.0)).ulp == 0


@pytest.mark.parametrize("name", ["DecisionTreeRegressor-0", "ExtraTreeClassifier-1", "DecisionTreeClassifier-3"])
def test_masks_and_treelite_find_the_same_leaves(name: str) -> None:
    instance = fitted(name)
    trees = trees_of(derive_form(instance))
    assert fits_masks(trees)
    rows = make_edge_rows(instance, 3_000)
    rows[::7] = np.inf
    rows[1::7] = -1e300
    assert (Masks(trees)(rows) == compile_float32(trees, rows.shape[1])(rows)).all()


def test_a_row_goes_left_exactly_if_its_nearest_float32_does() -> None:
    rng = np.random.default_rng(3)
    exponents = rng.integers(-160, 130, 4_000).astype(float)
    thresholds = np.append(rng.normal(size=4_000) * 2.0**exponents, [0.0, -0.0, 1e300, -1e300, np.inf, 2.0**128])
    largest = largest_left(thresholds)
    assert (round_to_float32(largest) <= thresholds).all()
    assert (round_to_float32(np.nextafter(largest, np.inf)) > thresholds)[largest < np.inf].all()


def round_to_float32(values: Array) -> Array:
    with np.errstate(over="ignore"):
        return values.astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("name", [name for name in MAKERS if " categories-" in name])
def test_the_fitted_categories_are_split_by(name: str) -> None:
    form = derive_form(fitted(name)).estimator
    assert isinstance(form, BoostingRegressor | BoostingClassifier)
    assert form.categories is not None
    assert form.categories.n_sets > 10
    assert np.unique(form.feature[form.categories.node_set >= 0]).size > 1


@pytest.mark.parametrize("n_leaves", [63, 64, 65])
def test_a_tree_of_any_number_of_leaves_is_walked(n_leaves: int) -> None:
    rows = np.random.default_rng(0).normal(size=(500, 3))
    tree = DecisionTreeRegressor(max_leaf_nodes=n_leaves, random_state=0).fit(rows, rows[:, 0] * rows[:, 1])
    instance = Instance(tree, rows)
    assert fits_masks(trees_of(derive_form(instance))) == (n_leaves <= 64)
    assert compare(instance).ulp == 0


def test_rows_beyond_one_part_are_answered_in_their_order() -> None:
    instance = fitted("DecisionTreeRegressor-1").head(40_000)
    assert compare(instance).ulp == 0


def test_only_the_terms_that_a_forest_reads_are_made() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 5))
    forest = ExtraTreesRegressor(3, max_leaf_nodes=4, random_state=0)
    model = make_pipeline(PolynomialFeatures(2), forest).fit(rows, rows[:, 0] * rows[:, 1])
    [terms] = derive_model(None, model).form.steps
    assert isinstance(terms, Terms)
    assert terms.first.size <= 9
    assert compare(Instance(model, rows)).ulp == 0


def test_a_small_tree_needs_neither_treelite_nor_scikit_learn() -> None:
    form = encode_form(derive_form(fitted("DecisionTreeClassifier-1")))
    script = (
        "import sys\n"
        "from lockstep.predict.exact.forms import decode_form\n"
        "from lockstep.predict.exact.model import ExactModel\n"
        "ExactModel(decode_form(sys.stdin.buffer.read()), ('number',) * 6, False)\n"
        "assert not {'treelite', 'sklearn', 'scipy'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], input=form, check=True, timeout=60)


def test_an_ensemble_answers_the_same_after_a_fork() -> None:
    instance = fitted("RandomForestRegressor-0").head(100)
    script = (
        "import os, sys, numpy as np\n"
        "from lockstep.predict.exact.forms import decode_form\n"
        "from lockstep.predict.exact.model import ExactModel\n"
        "model = ExactModel(decode_form(sys.stdin.buffer.read()), ('number',) * 6, False)\n"
        "rows = np.random.default_rng(0).normal(size=(2_000, 6))\n"
        "answer = lambda: model.predict(rows)['prediction'].tobytes()\n"
        "before, child = answer(), os.fork()\n"
        "if child == 0: os._exit(0 if answer() == before else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    form = encode_form(derive_form(instance))
    subprocess.run([sys.executable, "-c", script], input=form, check=True, timeout=60)


def test_without_treelite_an_ensemble_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    form = derive_form(fitted("RandomForestRegressor-0"))
    monkeypatch.setitem(sys.modules, "treelite", None)
    with pytest.raises(TreeliteMissing, match=r"needs Treelite .*: .*-m pip install .*\[serve\]"):
        ExactModel(form, kinds_of(6), is_table=False)


def test_missing_values_are_taken_where_scikit_learn_takes_them() -> None:
    taken = {name: trees_of(derive_form(fitted(name))).takes_missing for name in MAKERS if name.endswith("-0")}
    assert {name.removesuffix("-0") for name, takes in taken.items() if not takes} == {
        "GradientBoostingRegressor",
        "GradientBoostingClassifier",
        "GradientBoostingClassifier exponential",
    }


def test_trees_added_in_another_order_are_another_answer() -> None:
    """Without this, the comparison of bits would not show that the order is kept."""
    instance = fitted("RandomForestRegressor-3")
    form = derive_form(instance)
    answers = []
    for order in (slice(None), slice(None, None, -1)):
        reversed_forest = instance.fitted.__class__(**instance.fitted.get_params())
        reversed_forest.__dict__.update(instance.fitted.__dict__, estimators_=instance.fitted.estimators_[order])
        again = derive_form(Instance(reversed_forest, instance.rows))
        answers.append(ExactModel(again, instance.kinds, is_table=False).predict(instance.rows)[PREDICTION])
    assert msgspec.structs.asdict(form.estimator).keys() == msgspec.structs.asdict(again.estimator).keys()
    assert (answers[0] != answers[1]).any()
