"""The path of a row ends where the walk ends, and says how near each node's threshold is."""

from functools import cache

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.exact.paths import path_of
from lockstep.predict.stages import LEAF, LEAVES
from qa.exact.boosting import BOOSTING
from qa.exact.comparison import derive_form
from qa.exact.instances import Instance, name_instances
from qa.exact.trees import TREES

MAKERS = name_instances((*TREES, *BOOSTING))


@cache
def form_of(name: str) -> tuple[Instance, TreeEstimator]:
    instance = MAKERS[name]()
    form = derive_form(instance).estimator
    assert isinstance(form, TreeEstimator)
    return instance, form


@pytest.mark.parametrize("name", MAKERS)
def test_a_path_ends_in_the_leaf_that_the_walk_finds(name: str) -> None:
    instance, form = form_of(name)
    stages = ExactModel(derive_form(instance), instance.kinds, is_table=False).predict(instance.rows)
    leaves = stages[LEAVES] if LEAVES in stages else stages[LEAF][:, None]
    for row in range(0, 200, 7):
        for tree in (0, form.n_trees - 1):
            path = path_of(form, np.asarray(instance.rows)[row], tree)
            assert path.nodes[0] == 0
            assert path.nodes[-1] == leaves[row, tree]
            assert path.nodes.size - 1 == path.feature.size == path.threshold.size == path.value.size


def test_a_value_on_the_threshold_is_no_step_away_and_one_beside_it_is_one() -> None:
    rows = np.random.default_rng(0).normal(size=(100, 2))
    form = derive_form(Instance(DecisionTreeRegressor(max_depth=1).fit(rows, rows[:, 0]), rows)).estimator
    assert isinstance(form, TreeEstimator)
    threshold = np.float32(form.threshold[0])
    for steps, value in enumerate((threshold, np.nextafter(threshold, np.float32(9.0)))):
        path = path_of(form, np.full(2, value, np.float64))
        assert path.distances().tolist() == [steps]
        assert path.value.dtype == np.float32


def test_a_missing_value_is_at_no_distance() -> None:
    rows = np.random.default_rng(0).normal(size=(100, 1))
    form = derive_form(Instance(HistGradientBoostingRegressor(max_iter=1).fit(rows, rows[:, 0]), rows)).estimator
    assert isinstance(form, TreeEstimator)
    path = path_of(form, np.array([np.nan]))
    assert (path.distances() == -1).all()
    assert path.value.dtype == np.float64
