"""The exact forms of forests.

scikit-learn adds the trees up in their order if `n_jobs` is 1; with more threads its own order, and its last bits,
change from call to call.
"""

from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree._tree import Tree

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.derive.labels import read_labels
from lockstep.predict.derive.nodes import check_tree, gather_nodes, gather_values, takes_missing
from lockstep.predict.derive.tree import ESTIMATORS as TREES
from lockstep.predict.exact.forest import ForestClassifier, ForestRegressor
from lockstep.predict.exact.forms import AnyEstimator


def derive_forest_regressor(forest: RandomForestRegressor) -> Derived[AnyEstimator]:
    """Return the form of a forest of regression trees."""
    trees = find_trees(forest, 1)
    value = gather_values(trees)[:, 0]
    missing = takes_missing(forest.estimators_[0])
    return Derived(ForestRegressor(**gather_nodes(trees), takes_missing=missing, value=value))


def derive_forest_classifier(forest: RandomForestClassifier) -> Derived[AnyEstimator]:
    """Return the form of a forest of classification trees."""
    if forest.n_outputs_ != 1:
        raise NoExactForm(f"a forest of {forest.n_outputs_} outputs; one has an exact form")
    trees = find_trees(forest, len(forest.classes_))
    form = ForestClassifier(
        **gather_nodes(trees),
        takes_missing=takes_missing(forest.estimators_[0]),
        value=gather_values(trees),
        classes=read_labels(forest),
    )
    return Derived(form)


def find_trees(forest: Any, n_values: int) -> list[Tree]:
    """Return the trees in their order; refuse estimators that are none."""
    if not forest.estimators_ or any(type(each) not in TREES for each in forest.estimators_):
        raise InvalidBundle(f"{type(forest).__name__} does not hold decision trees")
    return [check_tree(each.tree_, n_values) for each in forest.estimators_]


ESTIMATORS: dict[type, Derive[AnyEstimator]] = {
    RandomForestRegressor: derive_forest_regressor,
    ExtraTreesRegressor: derive_forest_regressor,
    RandomForestClassifier: derive_forest_classifier,
    ExtraTreesClassifier: derive_forest_classifier,
}
