"""What stands for missing text is read off the fitted model."""

from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.tree import DecisionTreeRegressor

from lockstep.predict.derive.gaps import missing_text

WORDS = np.array(["a", "b", "a", "b"], dtype=object)[:, None]
NUMBERS = np.array([[1.0], [np.nan], [2.0], [3.0]])


def with_gap(gap: Any) -> np.ndarray:
    return np.array([["a"], ["b"], [gap], ["a"]], dtype=object)


@pytest.mark.parametrize(
    ("steps", "cells", "expected"),
    [
        (OneHotEncoder(), WORDS, None),
        (OneHotEncoder(), with_gap(np.nan), np.nan),
        (OneHotEncoder(), with_gap(None), None),
        (OrdinalEncoder(), NUMBERS, None),
        (make_pipeline(SimpleImputer(), OrdinalEncoder()), NUMBERS, None),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()), WORDS, np.nan),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()), with_gap(np.nan), np.nan),
        (
            make_pipeline(SimpleImputer(missing_values=None, strategy="most_frequent"), OrdinalEncoder()),
            with_gap(None),
            None,
        ),
        (ColumnTransformer([("w", OneHotEncoder(), [0])]), with_gap(None), None),
        (FeatureUnion([("w", OneHotEncoder())]), with_gap(None), None),
    ],
)
def test_missing_text_is_what_the_model_was_fitted_on(steps: Any, cells: np.ndarray, expected: float | None) -> None:
    tree = DecisionTreeRegressor(max_depth=1)
    for model in (make_pipeline(steps, tree), TransformedTargetRegressor(make_pipeline(steps, tree))):
        found = missing_text(model.fit(cells, np.arange(4.0)))
        assert found is None if expected is None else np.isnan(found or 0.0)
