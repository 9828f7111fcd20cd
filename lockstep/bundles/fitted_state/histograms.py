"""Histogram gradient boosting: compiled code reads nodes, and bit sets of 256 categories."""

from itertools import chain
from typing import Any

import numpy as np

from lockstep.bundles.fitted_state.shapes import count_inputs, require

N_CATEGORIES, WORDS = 256, 8


def check_histogram_boosting(model: Any) -> None:
    """Check the bins, the columns after the categories are encoded, and the nodes of every tree."""
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE  # the model has imported it

    require(not getattr(model, "_in_fit", False), model, "state is one in the middle of a fit")
    bins = model._bin_mapper
    is_categorical, thresholds = bins.is_categorical_, bins.bin_thresholds_
    require(
        isinstance(is_categorical, np.ndarray) and is_categorical.ndim == 1, model, "categorical columns are missing"
    )
    n_columns = is_categorical.size
    require(_count_columns(model) == n_columns, model, f"columns are not the {n_columns} that its trees read")
    require(type(thresholds) is list and len(thresholds) == n_columns, model, "bins do not fit its columns")
    for column in np.flatnonzero(is_categorical):
        known = np.asarray(thresholds[column], np.float64)
        inside = (known >= 0) & (known < N_CATEGORIES)
        require(inside.all(), model, f"categories of column {column} are not from 0 to {N_CATEGORIES - 1}")
    trees = list(chain.from_iterable(model._predictors))
    require(all(type(each).__name__ == "TreePredictor" for each in trees), model, "trees are of another kind")
    for tree in trees:
        require(
            isinstance(tree.nodes, np.ndarray) and tree.nodes.dtype == PREDICTOR_RECORD_DTYPE, model, "nodes are none"
        )
        _check_nodes(model, tree, is_categorical.astype(bool))


def _check_nodes(model: Any, tree: Any, is_categorical: np.ndarray) -> None:
    nodes, sets = tree.nodes, tree.raw_left_cat_bitsets
    require(nodes.ndim == 1 and nodes.size > 0, model, "tree has no nodes")
    fits = isinstance(sets, np.ndarray) and sets.dtype == np.uint32 and sets.ndim == 2 and sets.shape[1] == WORDS
    require(fits, model, "sets of categories have another shape")
    places = np.arange(nodes.size)
    left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
    forward = (left > places) & (right > places) & (np.maximum(left, right) < nodes.size)
    reads = (nodes["feature_idx"] >= 0) & (nodes["feature_idx"] < is_categorical.size)
    column = np.where(reads, nodes["feature_idx"], 0)
    split = (nodes["is_categorical"] == 0) | (is_categorical[column] & (nodes["bitset_idx"] < len(sets)))
    sound = np.where(nodes["is_leaf"] != 0, True, forward & reads & split) & np.isfinite(nodes["value"])
    require(sound.all(), model, f"node {int(np.argmin(sound))} of a tree points outside it, or is not finite")


def _count_columns(model: Any) -> int:
    """Return how many columns the trees are given: those of the model, or what the encoder of categories makes."""
    n_inputs = count_inputs(model)
    encoder = getattr(model, "_preprocessor", None)
    if encoder is None:
        return n_inputs
    require(type(encoder).__name__ == "ColumnTransformer", model, "encoder is of another kind")
    require(count_inputs(encoder) == n_inputs, model, "encoder reads other columns")
    places = np.arange(n_inputs)
    widths = []
    for name, step, columns in encoder.transformers_:
        kind = step if isinstance(step, str) else type(step).__name__
        require(
            kind in ("OrdinalEncoder", "FunctionTransformer", "passthrough", "drop"), model, f"encoder holds a {kind}"
        )
        read = places[np.asarray(columns)]
        of_frame = places[np.asarray(encoder._transformer_to_input_indices[name], np.intp)]  # with names of columns
        require(np.array_equal(read, of_frame), model, "encoder reads other columns of a frame")
        widths.append(0 if kind == "drop" else read.size)
    return sum(widths)
