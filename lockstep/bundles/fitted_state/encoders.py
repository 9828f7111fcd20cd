"""Encoders and vectorizers: the column numbers that they make are read by compiled sparse products."""

from itertools import pairwise
from typing import Any

import numpy as np

from lockstep.bundles.fitted_state.shapes import check_indices, require


def check_encoder(encoder: Any) -> None:
    """Check that categories are in order, and that what they are encoded to lies inside the outputs."""
    for known in encoder.categories_:
        require(isinstance(known, np.ndarray) and known.ndim == 1 and known.size > 0, encoder, "categories are missing")
        if known.dtype.kind in "biuf":
            plain = known[~np.isnan(known)]  # NaN, the last of them if there, is found in another way
            ordered = all(first < second for first, second in pairwise(plain.tolist()))
            require(ordered and not np.isnan(known[: plain.size]).any(), encoder, "categories are not in order")
    _check_infrequent(encoder)


def check_one_hot(encoder: Any) -> None:
    """Check the categories, and the outputs that they are counted by."""
    check_encoder(encoder)
    if encoder._drop_idx_after_grouping is not None:
        dropped, sizes = encoder._drop_idx_after_grouping.tolist(), _count_groups(encoder)
        inside = len(dropped) == len(sizes) and all(
            place is None or (isinstance(place, int | np.integer) and 0 <= place < size)
            for place, size in zip(dropped, sizes, strict=True)
        )
        require(inside, encoder, "dropped categories are not there")
    counted = encoder._compute_n_features_outs()
    require(
        encoder._n_features_outs == counted and min(counted) >= 0, encoder, "outputs are not as many as its categories"
    )


def _count_groups(encoder: Any) -> list[int]:
    """Return how many groups the categories of each column are in, of which the infrequent ones are one."""
    if not encoder._infrequent_enabled:
        return [known.size for known in encoder.categories_]
    pairs = zip(encoder.categories_, encoder._infrequent_indices, strict=True)
    return [known.size if rare is None else known.size - rare.size + 1 for known, rare in pairs]


def _check_infrequent(encoder: Any) -> None:
    if not getattr(encoder, "_infrequent_enabled", False):
        return
    for known, rare, mapping in zip(
        encoder.categories_, encoder._infrequent_indices, encoder._default_to_infrequent_mappings, strict=True
    ):
        require((mapping is None) == (rare is None), encoder, "infrequent categories do not fit")
        if mapping is not None:
            require(mapping.shape == known.shape, encoder, "infrequent categories do not fit")
            check_indices(encoder, "infrequent categories", rare, known.size)
            fits = rare.ndim == 1 and 0 < rare.size == np.unique(rare).size
            require(fits, encoder, "infrequent categories are none, or there twice")
            check_indices(encoder, "infrequent categories", mapping, known.size - rare.size + 1)


def check_vocabulary(vectorizer: Any) -> None:
    """Check that the words of a vectorizer are numbered from 0 on, without a gap."""
    words = vectorizer.vocabulary_
    require(type(words) is dict and all(type(word) is str for word in words), vectorizer, "words are missing")
    numbers = sorted(int(number) for number in words.values())
    require(numbers == list(range(len(words))), vectorizer, "words are not numbered from 0 on")


def check_sparse(matrix: Any) -> None:
    """Check the indices of a compressed sparse matrix; raise ValueError if one points outside."""
    parts = (matrix.data, matrix.indices, matrix.indptr)
    require(all(type(part) is np.ndarray and part.ndim == 1 for part in parts), matrix, "parts are no arrays")
    shape = matrix._shape
    require(type(shape) is tuple and len(shape) == 2 and all(type(n) is int for n in shape), matrix, "shape is none")
    matrix.check_format(full_check=True)
