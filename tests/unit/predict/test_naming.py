"""What a form says of its model's columns, and the names of those that it makes."""

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
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

from lockstep.predict.derive.model import derive_model, derive_step
from lockstep.predict.exact.constant import ConstantRegressor
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.naming import output_names
from lockstep.predict.exact.reading import ColumnReading, describe_inputs

CELLS = np.array(
    [[22.0, "male", 7.2, "S"], [38.0, "female", 71.3, "C"], [26.0, "female", np.nan, None], [35.0, "male", 8.0, "S"]],
    dtype=object,
)
CONSTANT = ConstantRegressor(0.0)
COLUMNS = ("age", "sex", "fare", "port")
TARGET = np.array([1.0, 2.0, 3.0, 4.0])

PLAIN = ColumnReading(takes_missing=False, categories=None, refuses_unknown=False)
FREE = ColumnReading(takes_missing=True, categories=None, refuses_unknown=False)
SEX = ("female", "male")


def fit_form(steps: Any, cells: np.ndarray = CELLS, estimator: Any = None) -> ExactForm:
    return derive_model(None, make_pipeline(steps, estimator or LinearRegression()).fit(cells, TARGET)).form


def by_column(*branches: Any, **others: Any) -> ColumnTransformer:
    return ColumnTransformer([(str(i), step, columns) for i, (step, columns) in enumerate(branches)], **others)


WORD_IMPUTER = SimpleImputer(missing_values=None, strategy="most_frequent")
USE_NAN = {"handle_unknown": "use_encoded_value", "unknown_value": np.nan}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            by_column((StandardScaler(), [0]), (SimpleImputer(), [2]), (OneHotEncoder(), [1])),
            [PLAIN, ColumnReading(False, SEX, True), FREE, FREE],
        ),
        (
            by_column((make_pipeline(RobustScaler(), SimpleImputer()), [0, 2]), (OneHotEncoder(), [3])),
            [FREE, FREE, FREE, ColumnReading(True, ("C", "S"), True)],
        ),
        (
            by_column((make_pipeline(WORD_IMPUTER, OneHotEncoder(handle_unknown="ignore")), [3, 1])),
            [FREE, ColumnReading(True, SEX, False), FREE, ColumnReading(True, ("C", "S"), False)],
        ),
        (
            by_column((OrdinalEncoder(**USE_NAN), [1])),
            [FREE, ColumnReading(False, SEX, True), FREE, FREE],
        ),
        (
            by_column((make_pipeline(OrdinalEncoder(**USE_NAN), SimpleImputer()), [1])),
            [FREE, ColumnReading(True, SEX, False), FREE, FREE],
        ),
        (
            by_column((OneHotEncoder(), [1]), (OneHotEncoder(categories=[["male"]], handle_unknown="ignore"), [1])),
            [FREE, ColumnReading(False, ("male",), True), FREE, FREE],
        ),
        (
            by_column((make_pipeline(SimpleImputer(), PolynomialFeatures(2)), [2]), (PolynomialFeatures(), [0])),
            [PLAIN, FREE, FREE, FREE],
        ),
        (
            by_column((SimpleImputer(), [0, 2]), ("passthrough", [0])),
            [PLAIN, FREE, FREE, FREE],
        ),
        (
            by_column((make_pipeline(RobustScaler(), OneHotEncoder()), [0])),
            [PLAIN, FREE, FREE, FREE],
        ),
    ],
)  # fmt: skip
def test_each_column_is_described_by_what_reads_it(steps: Any, expected: list[ColumnReading]) -> None:
    assert list(describe_inputs(fit_form(steps), len(COLUMNS))) == expected


def test_an_estimator_that_takes_missing_cells_passes_that_on_to_its_columns() -> None:
    steps = by_column((StandardScaler(), [0]), (PolynomialFeatures(), [1]))
    assert describe_inputs(fit_form(steps, np.ones((4, 2))), 2) == (PLAIN, PLAIN)
    assert describe_inputs(fit_form(steps, np.ones((4, 2)), DecisionTreeRegressor()), 2) == (FREE, PLAIN)


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
