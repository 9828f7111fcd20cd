"""What stands for a missing cell of text in the rows that scikit-learn reads: NaN, or None.

An exact form has one kind of missing text. scikit-learn has two: an imputer of NaN leaves None as it is, and an encoder
that knows None does not know NaN. Rows for scikit-learn's own `predict` need the one that the model was fitted on.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import UNFITTED
from lockstep.predict.derive.imputing import is_nan


def missing_text(model: object) -> float | None:
    """Return NaN if a step of a fitted model knows NaN among text, and none knows None; else None.

    NaN is what pandas reads from files. The model was checked: it holds no cycle. Raises `InvalidBundle` for one that
    is not fitted.
    """
    try:
        known = [gap for part in _walk(model) for gap in _list_gaps(part)]
    except UNFITTED as error:
        raise InvalidBundle(f"the model is not a fitted one: {error}") from error
    return np.nan if known and None not in known else None


def _walk(fitted: Any) -> Iterator[Any]:
    yield fitted
    parts: list[Any] = []
    if type(fitted) is Pipeline:
        parts = [step for _, step in fitted.steps]
    elif type(fitted) is FeatureUnion:
        parts = [part for _, part in fitted.transformer_list]
    elif type(fitted) is ColumnTransformer:
        parts = [part for _, part, _ in fitted.transformers_]
    elif type(fitted) is TransformedTargetRegressor:
        parts = [fitted.regressor_]
    for part in parts:
        yield from _walk(part)


def _list_gaps(part: Any) -> list[float | None]:
    """Return each None and NaN that a step takes for missing text."""
    if type(part) is SimpleImputer:
        cells: list[object] = [part.missing_values] if part._fit_dtype.kind == "O" else []
    elif type(part) in (OneHotEncoder, OrdinalEncoder):
        cells = [cell for known in part.categories_ for cell in _read_texts(known)]
    else:
        cells = []
    return [None if cell is None else np.nan for cell in cells if cell is None or is_nan(cell)]


def _read_texts(known: NDArray[Any]) -> list[object]:
    return known.tolist() if known.dtype.kind == "O" else []
