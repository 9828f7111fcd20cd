"""The steps that make any estimator read a table: gaps filled, numbers scaled, categories and text encoded."""

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from lockstep.data.table import TableRows, TableSchema
from lockstep.training.table_target import Task

HISTOGRAM = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
LINEAR = {"classification": LogisticRegression, "regression": Ridge}
NUMBERS, CATEGORIES, TEXT, ESTIMATOR = "numbers", "categories", "text", "estimator"


def choose_estimator(schema: TableSchema, task: Task) -> BaseEstimator:
    """Return the default: histogram gradient boosting, which takes gaps and categories; a linear model for text."""
    if any(column.type == "text" for column in schema.columns):
        return LINEAR[task]()
    classifier, regressor = HISTOGRAM
    return classifier() if task == "classification" else regressor()


def build_pipeline(estimator: BaseEstimator, rows: TableRows) -> BaseEstimator:
    """Return the unfitted model around an estimator; a Pipeline of the caller's own is taken as it is.

    Of the rows only the types of the columns count, and whether numbers have gaps. Columns are named by their place:
    the model is fitted on arrays.
    """
    if isinstance(estimator, Pipeline):
        return estimator
    if isinstance(estimator, HISTOGRAM):
        return _build_histogram(estimator, rows.schema)
    steps = ColumnTransformer(_list_steps(rows))
    return Pipeline([("columns", steps), (ESTIMATOR, estimator)])


def _build_histogram(estimator: BaseEstimator, schema: TableSchema) -> BaseEstimator:
    """Return the estimator behind an encoder of the categories, which come first, as their numbers."""
    numbers, categories = _places(schema, "number", "integer"), _places(schema, "category")
    if len(numbers) == len(schema.columns):
        return Pipeline([(ESTIMATOR, estimator)])
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    # numbers beside text come as objects, of which the estimator would make categories: this makes float64 of them
    unscaled = StandardScaler(with_mean=False, with_std=False)
    steps = [(CATEGORIES, encoder, categories), (NUMBERS, unscaled, numbers)]
    columns = [*(step for step in steps if step[-1]), *_list_texts(schema)]
    if categories:
        estimator = clone(estimator).set_params(categorical_features=list(range(len(categories))))
    return Pipeline([("columns", ColumnTransformer(columns, sparse_threshold=0.0)), (ESTIMATOR, estimator)])


def _list_texts(schema: TableSchema) -> list[tuple[str, BaseEstimator, int]]:
    return [(f"{TEXT}:{place}", TfidfVectorizer(), place) for place in _places(schema, "text")]


def _list_steps(rows: TableRows) -> list[tuple[str, BaseEstimator, object]]:
    schema = rows.schema
    numbers, categories = _places(schema, "number", "integer"), _places(schema, "category")
    has_gaps = any(np.isnan(rows.columns[place]).any() for place in numbers)
    scaling = [SimpleImputer(), StandardScaler()] if has_gaps else [StandardScaler()]
    steps: list[tuple[str, BaseEstimator, object]] = []
    if numbers:
        steps.append((NUMBERS, make_pipeline(*scaling), numbers))
    if categories:
        steps.append((CATEGORIES, OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories))
    return [*steps, *_list_texts(schema)]


def _places(schema: TableSchema, *types: str) -> list[int]:
    return [place for place, column in enumerate(schema.columns) if column.type in types]
