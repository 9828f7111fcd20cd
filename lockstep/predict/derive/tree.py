"""The exact forms of single decision trees."""

import numpy as np
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import Tree

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import Derive, Derived
from lockstep.predict.exact.forms import AnyEstimator
from lockstep.predict.exact.tree import IS_LEAF, TreeRegressor


def derive_tree_regressor(regressor: DecisionTreeRegressor) -> Derived[AnyEstimator]:
    """Return the form of a regression tree of one output."""
    tree = regressor.tree_
    if not isinstance(tree, Tree) or (tree.n_outputs, tree.max_n_classes) != (1, 1):
        raise InvalidBundle("the tree answers more than one number")
    left, right = np.asarray(tree.children_left, np.int64), np.asarray(tree.children_right, np.int64)
    feature = np.maximum(np.asarray(tree.feature, np.int64), IS_LEAF)
    return Derived(TreeRegressor(left, right, feature, tree.threshold.copy(), tree.value[:, 0, 0].copy()))


ESTIMATORS: dict[type, Derive[AnyEstimator]] = {DecisionTreeRegressor: derive_tree_regressor}
