"""Boosted trees: a first value, and the answers of the trees added in their order."""

from collections.abc import Callable
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.categories import BETWEEN, Categories, Membership, check_categories
from lockstep.predict.exact.exponential import exponential, logistic, softmax
from lockstep.predict.exact.forest import add_trees
from lockstep.predict.exact.form import Estimate, Labels, check_floats, label_array, require
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator, check_nodes, check_values
from lockstep.predict.exact.tree import Walk, compile_float32, in_parts
from lockstep.predict.exact.treelite_walk import TreeliteWalk
from lockstep.predict.stages import DECISION, LEAVES, PREDICTION, PROBA, Stages

Raw = Callable[[Array], tuple[NDArray[np.int64], Array]]
"""From float64 (n, n_columns) to the leaves (n, n_trees) and the raw values (n, n_outputs)."""


class Boosting(TreeEstimator, frozen=True, tag=True):
    """Trees in the order of the stages; in each stage one for each output.

    `value` is float64 (n_nodes,), what a leaf adds; `start` float64 (n_outputs,), what the first tree is added to.
    `compares_float32` says whether the inputs are rounded to float32 before they are compared.
    """

    value: np.ndarray
    start: np.ndarray
    compares_float32: bool
    categories: Categories | None


class BoostingRegressor(Boosting, frozen=True, tag="boosting_regressor"):
    """A GradientBoostingRegressor or HistGradientBoostingRegressor; `link` leads from the prediction to the raw value.

    The stage `decision` is the raw value.
    """

    link: Literal["identity", "log"]

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits."""
        return self.link == "identity"

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaves`, `decision` and `prediction`."""
        compute_raw = compile_raw(self, n_inputs, n_outputs=1)

        def estimate(inputs: Array) -> Stages:
            leaves, raw = compute_raw(inputs)
            decision = raw[:, 0]
            return {
                LEAVES: leaves,
                DECISION: decision,
                PREDICTION: exponential(decision) if self.link == "log" else decision,
            }

        return estimate


class BoostingClassifier(Boosting, frozen=True, tag="boosting_classifier"):
    """A GradientBoostingClassifier or HistGradientBoostingClassifier.

    Two classes have one raw value, several have one each. `zero_is_second` says which of two classes a raw value of 0
    is, `doubled` whether the probability is that of twice the raw value.
    """

    classes: Labels
    zero_is_second: bool
    doubled: bool

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits; its exponential differs."""
        return False

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaves`, `decision`, `proba` and `prediction`."""
        labels = label_array(self.classes)
        require(labels.size > 1, "a classifier of one class")
        is_binary = labels.size == 2
        require(is_binary or not self.doubled, "twice the raw value of more than two classes")
        compute_raw = compile_raw(self, n_inputs, n_outputs=1 if is_binary else labels.size)

        def estimate(inputs: Array) -> Stages:
            leaves, raw = compute_raw(inputs)
            if not is_binary:
                return {LEAVES: leaves, DECISION: raw, PROBA: softmax(raw), PREDICTION: labels[np.argmax(raw, axis=1)]}
            decision = raw[:, 0]
            second = decision >= 0.0 if self.zero_is_second else decision > 0.0
            proba = self._make_proba(decision)
            return {LEAVES: leaves, DECISION: decision, PROBA: proba, PREDICTION: labels[second.astype(np.int64)]}

        return estimate

    def _make_proba(self, decision: Array) -> Array:
        second = logistic(2.0 * decision if self.doubled else decision)
        return np.stack([1.0 - second, second], axis=1)


def compile_raw(form: Boosting, n_inputs: int, n_outputs: int) -> Raw:
    """Return the function to leaves and raw values; raise `InvalidBundle` for arrays that do not fit."""
    check_nodes(form, n_inputs)
    check_values(form.value, form)
    check_floats(form.start, (n_outputs,), "start of boosted trees")
    require(form.n_trees % n_outputs == 0, f"{form.n_trees} trees for {n_outputs} outputs")
    require(form.categories is None or not form.compares_float32, "categories that are compared as float32")
    walk = compile_walk(form, n_inputs)

    def compute_raw(inputs: Array) -> tuple[NDArray[np.int64], Array]:
        leaves = walk(inputs)
        values = form.value[leaves + form.starts[:-1]]
        return leaves, add_trees(values.reshape(len(inputs), form.n_trees // n_outputs, n_outputs), form.start)

    return compute_raw


def compile_walk(form: Boosting, n_inputs: int) -> Walk:
    """Return the walk through checked trees, with a column for each set of categories."""
    if form.compares_float32:
        return compile_float32(form, n_inputs)
    if form.categories is None:
        return in_parts(TreeliteWalk(form, n_inputs), n_inputs, form.n_trees)
    check_categories(form.categories, form, n_inputs)
    widen, asks = Membership(form.categories, form, n_inputs), form.categories.node_set != NO_NODE
    feature, threshold = form.feature.copy(), form.threshold.copy()
    feature[asks], threshold[asks] = widen.place[form.categories.node_set[asks]], BETWEEN
    walk = TreeliteWalk(msgspec.structs.replace(form, feature=feature, threshold=threshold), widen.n_wide)
    return in_parts(lambda inputs: walk(widen(inputs)), widen.n_wide, form.n_trees)
