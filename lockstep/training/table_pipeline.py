"""The steps that make any estimator read a table: gaps filled, numbers scaled, categories and text encoded."""

import numpy as np
from sklearn.base import BaseEstimator
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
    categories = _places(schema, "category")
    texts = [(f"{TEXT}:{place}", TfidfVectorizer(), place) for place in _places(schema, "text")]
    if not (categories or texts):
        return Pipeline([(ESTIMATOR, estimator)])
    missing = {"unknown_value": np.nan, "encoded_missing_value": np.nan}
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", **missing)
    steps = [(CATEGORIES, encoder, categories)] if categories else []
    columns = ColumnTransformer([*steps, *texts], remainder="passthrough", sparse_threshold=0.0)
    if categories:
        estimator = estimator.set_params(categorical_features=list(range(len(categories))))
    return Pipeline([("columns", columns), (ESTIMATOR, estimator)])


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
    return [*steps, *((f"{TEXT}:{place}", TfidfVectorizer(), place) for place in _places(schema, "text"))]


def _places(schema: TableSchema, *types: str) -> list[int]:
    return [place for place, column in enumerate(schema.columns) if column.type in types]
