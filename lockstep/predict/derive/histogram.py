"""The exact forms of histogram gradient boosting."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.link import IdentityLink, LogitLink, LogLink, MultinomialLogit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from lockstep.data.bars import Array
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.boosting import EXPONENTIAL
from lockstep.predict.derive.families import BITS, Derive, Derived, NoExactForm
from lockstep.predict.derive.histogram_categories import derive_categories, order_columns
from lockstep.predict.derive.labels import read_labels
from lockstep.predict.derive.nodes import NodeArrays, count_starts, join, to_int32
from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.forms import AnyEstimator
from lockstep.predict.exact.nodes import NO_NODE

LINKS: dict[type, Literal["identity", "log"]] = {IdentityLink: "identity", LogLink: "log"}


def derive_histogram_regressor(boosting: HistGradientBoostingRegressor) -> Derived[AnyEstimator]:
    """Return the form of regression trees that were fitted on histograms."""
    link = LINKS.get(type(boosting._loss.link))
    if link is None:
        raise NoExactForm(f"HistGradientBoostingRegressor with {type(boosting._loss).__name__}")
    trees = find_trees(boosting, 1)
    form = BoostingRegressor(
        **gather_nodes(trees, order_columns(boosting)),
        takes_missing=True,
        value=gather_values(trees),
        start=find_start(boosting),
        compares_float32=False,
        categories=derive_categories(boosting, trees),
        link=link,
    )
    return Derived(form, BITS if link == "identity" else EXPONENTIAL)


def derive_histogram_classifier(boosting: HistGradientBoostingClassifier) -> Derived[AnyEstimator]:
    """Return the form of classification trees that were fitted on histograms."""
    n_classes = len(boosting.classes_)
    if n_classes < 2:
        raise NoExactForm("HistGradientBoostingClassifier of one class")
    if type(boosting._loss.link) not in (LogitLink, MultinomialLogit):
        raise NoExactForm(f"HistGradientBoostingClassifier with {type(boosting._loss).__name__}")
    trees = find_trees(boosting, 1 if n_classes == 2 else n_classes)
    form = BoostingClassifier(
        **gather_nodes(trees, order_columns(boosting)),
        takes_missing=True,
        value=gather_values(trees),
        start=find_start(boosting),
        compares_float32=False,
        categories=derive_categories(boosting, trees),
        classes=read_labels(boosting),
        zero_is_second=False,
        doubled=False,
    )
    return Derived(form, EXPONENTIAL)


def find_trees(boosting: Any, n_outputs: int) -> list[TreePredictor]:
    """Return the trees, stage by stage; refuse what is none."""
    stages = boosting._predictors
    if not stages or any(len(stage) != n_outputs for stage in stages):
        raise InvalidBundle(f"{type(boosting).__name__} has no stages of {n_outputs} trees each")
    trees = [tree for stage in stages for tree in stage]
    for tree in trees:
        if type(tree) is not TreePredictor or tree.nodes.dtype != PREDICTOR_RECORD_DTYPE or tree.nodes.ndim != 1:
            raise InvalidBundle(f"{type(boosting).__name__} does not hold trees of its own")
    return trees


def gather_nodes(trees: list[TreePredictor], columns: NDArray[np.int64]) -> NodeArrays:
    """Return the nodes of trees one after another; `columns` are those of the inputs, as the trees count them."""
    nodes = join(tree.nodes for tree in trees)
    is_leaf = nodes["is_leaf"].astype(bool)
    read = np.where(is_leaf, 0, nodes["feature_idx"])
    if ((read < 0) | (read >= columns.size)).any():
        raise InvalidBundle("a tree reads a column that is not there")
    return {
        "starts": count_starts([tree.nodes.size for tree in trees]),
        "left": to_int32(np.where(is_leaf, NO_NODE, nodes["left"].astype(np.int64))),
        "right": to_int32(np.where(is_leaf, NO_NODE, nodes["right"].astype(np.int64))),
        "feature": to_int32(np.where(is_leaf, NO_NODE, columns[read])),
        # a split by category has no threshold
        "threshold": np.where(is_leaf | nodes["is_categorical"].astype(bool), 0.0, nodes["num_threshold"]),
        "missing_left": ~is_leaf & nodes["missing_go_to_left"].astype(bool),
    }


def gather_values(trees: list[TreePredictor]) -> Array:
    """Return what each leaf adds, 0 elsewhere, float64 (n_nodes,)."""
    nodes = join(tree.nodes for tree in trees)
    return np.where(nodes["is_leaf"].astype(bool), nodes["value"], 0.0)


def find_start(boosting: Any) -> Array:
    """Return the raw values before the first stage, float64 (n_outputs,)."""
    return 0.0 + np.asarray(boosting._baseline_prediction, np.float64).reshape(-1)


ESTIMATORS: dict[type, Derive[AnyEstimator]] = {
    HistGradientBoostingRegressor: derive_histogram_regressor,
    HistGradientBoostingClassifier: derive_histogram_classifier,
}
