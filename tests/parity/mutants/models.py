"""Wrong models: each gets one thing of the real one wrong, whatever it is fed with."""

from collections.abc import Callable

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.stages import LEAVES, PREDICTION, PROBA, Stages
from qa.families import TOWNS

Mutate = Callable[[ExactModel], ExactModel]


class ModelMutant(ExactModel):
    """Share everything with `original`; a subclass overrides what it gets wrong."""

    def __init__(self, original: ExactModel) -> None:
        self.__dict__.update(original.__dict__)


class SwapsClasses(ModelMutant):
    """List the probabilities in the other order."""

    def predict(self, inputs: Inputs) -> Stages:
        stages = super().predict(inputs)
        return {**stages, PROBA: np.ascontiguousarray(stages[PROBA][:, ::-1])}


class OrdersLabelsOtherwise(ModelMutant):
    """Take the first of the classes for the last, as another order of `classes_` does."""

    def predict(self, inputs: Inputs) -> Stages:
        stages = super().predict(inputs)
        labels = np.unique(stages[PREDICTION])
        return {**stages, PREDICTION: labels[::-1][np.searchsorted(labels, stages[PREDICTION])]}


def take_probabilities_of(other: ExactModel) -> Mutate:
    """Return what answers with the labels of the one version and the probabilities of the other."""

    class TakesProbabilities(ModelMutant):
        def predict(self, inputs: Inputs) -> Stages:
            return {**super().predict(inputs), PROBA: other.predict(inputs)[PROBA]}

    return TakesProbabilities


class EncodesInOwnOrder(ModelMutant):
    """Number the learned categories as the request first names them."""

    def predict(self, inputs: Inputs) -> Stages:
        assert isinstance(inputs, tuple)
        return super().predict(tuple(map(_rename_in_order, inputs)))


def _rename_in_order(column: np.ndarray) -> np.ndarray:
    if column.dtype != object:
        return column
    seen = list(dict.fromkeys(cell for cell in column.tolist() if cell is not None))
    renamed = dict(zip(seen, TOWNS, strict=False))
    return np.array([*(renamed.get(cell) for cell in column.tolist()), None], object)[:-1]


class RefitsImputer(ModelMutant):
    """Fill gaps with the mean of the request."""

    def predict(self, inputs: Inputs) -> Stages:
        assert isinstance(inputs, tuple)
        return super().predict(tuple(map(_fill_with_mean, inputs)))


def _fill_with_mean(column: np.ndarray) -> np.ndarray:
    if column.dtype != np.float64 or np.isnan(column).all():
        return column
    return np.where(np.isnan(column), np.nanmean(column), column)


class TurnsInOneTree(ModelMutant):
    """Send every row to the last leaf of one tree of a forest."""

    tree = 3

    def estimate(self, scaled: Inputs) -> Stages:
        stages, forest = super().estimate(scaled), self.form.estimator
        assert isinstance(forest, TreeEstimator)
        leaves = stages[LEAVES].copy()
        leaves[:, self.tree] = forest.starts[self.tree + 1] - forest.starts[self.tree] - 1
        return {**stages, LEAVES: leaves, PREDICTION: _add(forest, leaves, np.float64, last_first=False)}


class AddsTreesBackwards(ModelMutant):
    """Add the trees of a forest from the last to the first."""

    def estimate(self, scaled: Inputs) -> Stages:
        stages = super().estimate(scaled)
        return {**stages, PREDICTION: _add(self.form.estimator, stages[LEAVES][:, ::-1], np.float64, last_first=True)}


class AddsInFloat32(ModelMutant):
    """Add the trees of a forest in float32."""

    def estimate(self, scaled: Inputs) -> Stages:
        stages = super().estimate(scaled)
        return {**stages, PREDICTION: _add(self.form.estimator, stages[LEAVES], np.float32, last_first=False)}


def _add(forest: object, leaves: np.ndarray, dtype: type, *, last_first: bool) -> Array:
    assert isinstance(forest, TreeEstimator)
    starts = forest.starts[:-1][::-1] if last_first else forest.starts[:-1]
    total: np.ndarray = np.zeros(len(leaves), dtype)
    for values in forest.value[leaves + starts].T.astype(dtype):  # type: ignore[attr-defined] # a forest has values
        total = total + values
    return (total / dtype(forest.n_trees)).astype(np.float64)
