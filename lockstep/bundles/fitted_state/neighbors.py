"""Nearest neighbours: the search tree is built again, since compiled code follows a pickled one without a look."""

from typing import Any

import numpy as np

from lockstep.bundles.fitted_state.shapes import check_floats, check_indices, count_inputs, require

METRIC_PARAMETERS = {"p", "w", "V", "VI"}
"""Of distances. Compiled code takes others as well, such as norms of rows that it does not count."""
METHODS = ("brute", "kd_tree", "ball_tree")


def check_neighbors(model: Any) -> None:
    """Check the learning rows and their labels, and build the search tree from them."""
    n_inputs, rows = count_inputs(model), model._fit_X
    require(model._fit_method in METHODS and isinstance(model.effective_metric_, str), model, "method is unknown")
    for parameters in (model.effective_metric_params_, model.metric_params or {}):
        fits = type(parameters) is dict and METRIC_PARAMETERS.issuperset(parameters)
        require(fits, model, f"metric has other parameters than {', '.join(sorted(METRIC_PARAMETERS))}")
    require(rows.ndim == 2 and rows.shape[1] == n_inputs and rows.shape[0] > 0, model, "rows do not fit its columns")
    require(type(model.n_neighbors) is int and 0 < model.n_neighbors <= rows.shape[0], model, "neighbours are too many")
    require(model.n_samples_fit_ == rows.shape[0] == len(model._y), model, "rows and targets are not as many")
    if type(rows) is np.ndarray:
        check_floats(model, "_fit_X", rows.shape)
    if hasattr(model, "classes_"):
        require(isinstance(model.classes_, np.ndarray) and model._y.ndim == 1, model, "labels are not of one output")
        check_indices(model, "labels", model._y, model.classes_.size)
    model._tree = None if model._fit_method == "brute" else _build_tree(model, rows)


def _build_tree(model: Any, rows: object) -> object:
    from sklearn.neighbors import BallTree, KDTree  # the model has imported them

    require(type(rows) is np.ndarray, model, "rows are sparse, which no search tree takes")
    kind = KDTree if model._fit_method == "kd_tree" else BallTree
    return kind(rows, model.leaf_size, metric=model.effective_metric_, **model.effective_metric_params_)
