"""The names of the columns that a form makes."""

from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from lockstep.predict.derive.model import derive_model, derive_step
from lockstep.predict.exact.constant import ConstantRegressor
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.naming import output_names

CELLS = np.array(
    [[22.0, "male", 7.2, "S"], [38.0, "female", 71.3, "C"], [26.0, "female", np.nan, None], [35.0, "male", 8.0, "S"]],
    dtype=object,
)
CONSTANT = ConstantRegressor(0.0)
COLUMNS = ("age", "sex", "fare", "port")
TARGET = np.array([1.0, 2.0, 3.0, 4.0])


def fit_form(steps: Any) -> ExactForm:
    return derive_model(None, make_pipeline(steps, LinearRegression()).fit(CELLS, TARGET)).form


def by_column(*branches: Any, **others: Any) -> ColumnTransformer:
    return ColumnTransformer([(str(i), step, columns) for i, (step, columns) in enumerate(branches)], **others)


def test_the_columns_that_steps_make_have_names() -> None:
    steps = by_column(
        (OneHotEncoder(drop="if_binary"), [1]),
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), [2, 0]),
        (OneHotEncoder(), [3]),
        ("passthrough", [0]),
    )
    assert output_names(fit_form(steps), COLUMNS) == (
        "sex=male", "fare", "age", "fare is missing", "port=C", "port=S", "port=missing", "age",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        (
            FeatureUnion([("t", PolynomialFeatures(2)), ("same", FunctionTransformer())]),
            ("1", "a", "b", "a*a", "a*b", "b*b", "a", "b"),
        ),
        (OneHotEncoder(max_categories=2), ("a=7.0", "a=1.0|3.0", "b=4.0", "b=1.0|2.0|5.0")),
        (OneHotEncoder(min_frequency=9), ("a=1.0|3.0|7.0", "b=1.0|2.0|4.0|…")),
    ],
)
def test_terms_and_rare_categories_are_named_by_their_parts(steps: Any, names: tuple[str, ...]) -> None:
    form = derive_step(steps.fit(np.array([[1.0, 2.0], [3.0, 4.0], [7.0, 4.0], [7.0, 1.0], [7.0, 5.0]]))).form
    assert output_names(ExactForm(1, None, [form], CONSTANT), ("a", "b")) == names
