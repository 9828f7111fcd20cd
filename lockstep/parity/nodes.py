"""Where in the trees of a model a row may be sent another way, and how many leaves there are to reach."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.data.bars import Array
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.naming import output_names
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator
from lockstep.predict.exact.paths import Path, path_of
from lockstep.predict.stages import ENCODED, FEATURES, SCALED, Stages

MARKER = "\x00{}\x00"
"""Stands for the name of an input: it is in the name of every column that is made of it, and in no other."""


@dataclass(frozen=True)
class Node:
    """A node that a row passes: the column that it compares, and how many floats from the threshold the row is.

    `steps` is -1 if the node asks for a category or the value is missing.
    """

    tree: int
    node: int
    column: str
    steps: int

    def __str__(self) -> str:
        floats = "float" if self.steps == 1 else "floats"
        distance = "" if self.steps < 0 else f", {self.steps} {floats} from its threshold"
        return f"tree {self.tree}, node {self.node}, which compares {self.column}{distance}"


def find_trees(bundle: Bundle) -> TreeEstimator | None:
    """Return the trees of a model that is made of them."""
    if not isinstance(bundle.model, ExactModel):
        return None
    estimator = bundle.model.form.estimator
    return estimator if isinstance(estimator, TreeEstimator) else None


def count_leaves(bundle: Bundle) -> int:
    """Return how many leaves the one tree of a model has, 0 for any other model."""
    trees = find_trees(bundle)
    return int((trees.left == NO_NODE).sum()) if trees is not None and trees.n_trees == 1 else 0


@dataclass(frozen=True)
class Walked:
    """A row as the trees of a model read it; `inputs` are the names of what the model is fed with."""

    trees: TreeEstimator
    model: ExactModel
    encoded: Array
    inputs: tuple[str, ...]

    def find_nearest(self, stage: str, column: int) -> Node | None:
        """Return the node on the row's paths that is nearest to sending it another way by a column of a stage."""
        reads, nearest = self._find_reading(stage, column), None
        for tree in range(self.trees.n_trees):
            path = path_of(self.trees, self.encoded, tree)
            steps = path.distances()
            places = np.flatnonzero(reads[path.feature] & (steps >= 0))
            if places.size and (nearest is None or steps[places].min() < nearest.steps):
                nearest = self._describe(tree, path, int(places[steps[places].argmin()]))
        return nearest

    def find_fork(self, tree: int, leaf: int) -> Node | None:
        """Return the node after which the row's path and the one to `leaf` part; None if there is no such leaf."""
        path, parents = path_of(self.trees, self.encoded, tree), self._list_parents(tree)
        if not 0 <= leaf < parents.size or leaf == path.nodes[-1]:
            return None
        passed = {int(node): place for place, node in enumerate(path.nodes)}
        while leaf not in passed:
            leaf = int(parents[leaf])
        return self._describe(tree, path, passed[leaf]) if passed[leaf] < path.feature.size else None

    def _describe(self, tree: int, path: Path, place: int) -> Node:
        column = output_names(self.model.form, self.inputs)[path.feature[place]]
        return Node(tree, int(path.nodes[place]), column, int(path.distances()[place]))

    def _find_reading(self, stage: str, column: int) -> NDArray[np.bool_]:
        """Return which columns of the estimator are made of a column of a stage."""
        if stage == ENCODED:
            return np.arange(self.encoded.size) == column
        markers = tuple(MARKER.format(place) for place in range(len(self.inputs)))
        return np.array([markers[column] in name for name in output_names(self.model.form, markers)])

    def _list_parents(self, tree: int) -> NDArray[np.int64]:
        own = slice(self.trees.starts[tree], self.trees.starts[tree + 1])
        parents = np.full(own.stop - own.start, NO_NODE, np.int64)
        for children in (self.trees.left[own], self.trees.right[own]):
            inner = np.flatnonzero(children != NO_NODE)
            parents[children[inner]] = inner
        return parents


def walk_row(bundle: Bundle, stages: Stages, row: int, inputs: tuple[str, ...]) -> Walked | None:
    """Return a row of local stages as the trees read it, None for a model without trees."""
    trees, model = find_trees(bundle), bundle.model
    if trees is None or not isinstance(model, ExactModel):
        return None
    if ENCODED in stages:
        return Walked(trees, model, stages[ENCODED][row], inputs)
    scaled = stages[SCALED if SCALED in stages else FEATURES][row : row + 1]
    return Walked(trees, model, np.asarray(model.encode(scaled))[0], inputs)
