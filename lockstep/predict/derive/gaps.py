"""What stands for a missing cell of text in the rows that scikit-learn reads: NaN, or None.

An exact form has one kind of missing text. scikit-learn has two: an imputer of NaN leaves None as it is, and an encoder
that knows None does not know NaN. Rows for scikit-learn's own `predict` need the one that the model was fitted on.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder


def missing_text(model: object) -> float | None:
    """Return None if a step of the model was fitted on None, else NaN, which is what pandas reads from files.

    Derive the model's form first, which refuses one that is nested without end.
    """
    return None if any(_knows_none(part) for part in _walk(model)) else np.nan


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


def _knows_none(part: Any) -> bool:
    if type(part) is SimpleImputer:
        return part.missing_values is None
    is_encoder = type(part) in (OneHotEncoder, OrdinalEncoder) and hasattr(part, "categories_")
    return is_encoder and any(category is None for known in part.categories_ for category in known.tolist())
