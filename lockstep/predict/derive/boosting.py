"""The exact forms of gradient boosting."""

from typing import Any

import numpy as np
from sklearn._loss.link import HalfLogitLink, LogitLink, MultinomialLogit
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import Tree

from lockstep.data.bars import Array
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.derive.labels import read_labels
from lockstep.predict.derive.log_odds import center_logs, log_odds
from lockstep.predict.derive.nodes import check_tree, gather_nodes, gather_values
from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.forms import AnyEstimator

EXPONENTIAL = 1e-14
"""How far, relative to the largest, numbers may be that took an exponential or a logarithm on the way."""
ZERO = "zero"


def derive_boosting_regressor(boosting: GradientBoostingRegressor) -> Derived[AnyEstimator]:
    """Return the form of boosted regression trees."""
    trees = find_trees(boosting, 1)
    if not is_zero(boosting) and type(boosting.init_) is not DummyRegressor:
        raise NoExactForm(f"GradientBoostingRegressor that starts from {type(boosting.init_).__name__}")
    start = np.zeros(1) if is_zero(boosting) else np.asarray(boosting.init_.constant_, np.float64).reshape(-1)
    form = BoostingRegressor(
        **gather_nodes(trees),
        takes_missing=False,
        value=float(boosting.learning_rate) * gather_values(trees)[:, 0],
        start=start,
        compares_float32=True,
        categories=None,
        link="identity",
    )
    return Derived(form)


def derive_boosting_classifier(boosting: GradientBoostingClassifier) -> Derived[AnyEstimator]:
    """Return the form of boosted classification trees."""
    n_classes = len(boosting.classes_)
    n_outputs = 1 if n_classes == 2 else n_classes
    trees = find_trees(boosting, n_outputs)
    form = BoostingClassifier(
        **gather_nodes(trees),
        takes_missing=False,
        value=float(boosting.learning_rate) * gather_values(trees)[:, 0],
        start=np.zeros(n_outputs) if is_zero(boosting) else find_start(boosting),
        compares_float32=True,
        categories=None,
        classes=read_labels(boosting),
        zero_is_second=True,
        doubled=type(boosting._loss.link) is HalfLogitLink,
    )
    return Derived(form, EXPONENTIAL)


def find_trees(boosting: Any, n_outputs: int) -> list[Tree]:
    """Return the trees, stage by stage; refuse estimators that are none."""
    stages = np.asarray(boosting.estimators_, object)
    if stages.ndim != 2 or not stages.size or stages.shape[1] != n_outputs:
        raise InvalidBundle(f"{type(boosting).__name__} has stages of {stages.shape}, not of {n_outputs} trees each")
    if any(type(each) is not DecisionTreeRegressor for each in stages.flat):
        raise InvalidBundle(f"{type(boosting).__name__} does not hold regression trees")
    return [check_tree(each.tree_, 1) for each in stages.flat]


def find_start(boosting: GradientBoostingClassifier) -> Array:
    """Return the raw values of the classes' shares, to which the first trees are added."""
    first, link = boosting.init_, type(boosting._loss.link)
    if type(first) is not DummyClassifier or first.strategy != "prior":
        raise NoExactForm(f"GradientBoostingClassifier that starts from {first}")
    tiny = np.finfo(np.float64).eps
    shares = np.clip(np.asarray(first.class_prior_, np.float64), tiny, 1.0 - tiny).tolist()
    if len(shares) != len(boosting.classes_) or link not in (LogitLink, HalfLogitLink, MultinomialLogit):
        raise InvalidBundle(f"{len(shares)} shares of {len(boosting.classes_)} classes, {link.__name__}")
    if link is MultinomialLogit:
        return np.array(center_logs(shares))
    return np.array([(0.5 if link is HalfLogitLink else 1.0) * log_odds(shares[1])])


def is_zero(boosting: Any) -> bool:
    """Return whether the first trees are added to nothing."""
    return isinstance(boosting.init_, str) and boosting.init_ == ZERO


ESTIMATORS: dict[type, Derive[AnyEstimator]] = {
    GradientBoostingRegressor: derive_boosting_regressor,
    GradientBoostingClassifier: derive_boosting_classifier,
}
