"""The categories of histogram gradient boosting, whose own encoder numbers them and puts their columns first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from lockstep.data.bars import Array
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.nodes import count_starts, join, to_int32
from lockstep.predict.exact.categories import MAX_CATEGORIES, Categories
from lockstep.predict.exact.nodes import NO_NODE

SET_SHAPE = (MAX_CATEGORIES // 32,)
"""Of one set of categories, in words of 32 bits."""


def order_columns(boosting: Any) -> NDArray[np.int64]:
    """Return the column of the inputs that stands in each column of the trees."""
    if boosting.is_categorical_ is None:
        return np.arange(boosting.n_features_in_)
    is_category = check_mask(boosting)
    return np.concatenate([np.flatnonzero(is_category), np.flatnonzero(~is_category)])


def derive_categories(boosting: Any, trees: list[TreePredictor]) -> Categories | None:
    """Return the categories of the columns and the sets of the nodes, None if no column holds categories."""
    if boosting.is_categorical_ is None:
        require_numeric(trees)
        return None
    columns = np.flatnonzero(check_mask(boosting))
    known = [as_numbers(values) for values in boosting._preprocessor.named_transformers_["encoder"].categories_]
    check_bins(boosting, known)
    if len(known) != columns.size:
        raise InvalidBundle(f"categories of {len(known)} columns, not {columns.size}")
    starts = count_starts([values.size for values in known])
    return Categories(columns, starts, join(known), *gather_sets(trees, columns.size))


def require_numeric(trees: list[TreePredictor]) -> None:
    """Raise `InvalidBundle` if a node compares categories, which scikit-learn would look up where none are."""
    if join(tree.nodes["is_categorical"] for tree in trees).any():
        raise InvalidBundle("a tree splits by category, but no column holds categories")


def gather_sets(trees: list[TreePredictor], n_category_columns: int) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Return the sets of all trees, (n_sets, 256), and the set of each node, -1 for none."""
    node_sets, at = [], 0
    for tree in trees:
        sets, nodes = tree.raw_left_cat_bitsets, tree.nodes
        if sets.dtype != np.uint32 or sets.ndim != 2 or sets.shape[1:] != SET_SHAPE:
            raise InvalidBundle("a tree's sets of categories are not sets of 256")
        asks = (nodes["is_categorical"] != 0) & (nodes["is_leaf"] == 0)
        if (nodes["bitset_idx"][asks] >= len(sets)).any() or (nodes["feature_idx"][asks] >= n_category_columns).any():
            raise InvalidBundle("a tree splits by a set of categories, or by a column of them, that is not there")
        node_sets.append(np.where(asks, at + nodes["bitset_idx"].astype(np.int64), NO_NODE))
        at += len(sets)
    words = join(tree.raw_left_cat_bitsets for tree in trees).astype("<u4")
    flags = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
    return flags.astype(bool), to_int32(join(node_sets))


def as_numbers(values: NDArray[Any]) -> Array:
    """Return known categories without NaN; raise `NoExactForm` for text.

    Numbers are Python objects if they come out of a ColumnTransformer that passes other columns of a text table on.
    """
    if values.dtype.kind not in "biuf" and {type(value) for value in values.tolist()} - {int, float}:
        raise NoExactForm(
            "histogram gradient boosting that encodes text itself; put an OrdinalEncoder before it, in a "
            "ColumnTransformer, and name the columns in categorical_features"
        )
    floats = values.astype(np.float64)
    return floats[~np.isnan(floats)]


def check_mask(boosting: Any) -> NDArray[np.bool_]:
    """Return which columns of the inputs hold categories."""
    is_category = np.asarray(boosting.is_categorical_)
    if is_category.dtype != bool or is_category.shape != (boosting.n_features_in_,):
        raise InvalidBundle("the columns of categories are not flags of all columns")
    return is_category


def check_bins(boosting: Any, known: list[Array]) -> None:
    """Raise `InvalidBundle` unless the known categories are those that compiled code will look up, all of them."""
    bins = boosting._bin_mapper
    first = np.arange(boosting.n_features_in_) < len(known)
    numbered = (
        np.array_equal(bins.bin_thresholds_[place], np.arange(values.size)) for place, values in enumerate(known)
    )
    if not np.array_equal(bins.is_categorical_, first) or not all(numbered):
        raise InvalidBundle("the bins of categories do not fit their encoder")
