"""Fitted transformers of numbers and categories: a list of families, each with the settings that differ."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

from lockstep.predict.derive.target import EXPONENTIAL
from qa.exact.fitted import GAPS, WORDS, fit_model, fit_step, make_mixed, make_numbers, make_words
from qa.exact.instances import Family, Instance


def by_column() -> ColumnTransformer:
    """Return an unfitted transformer of mixed columns: numbers imputed and scaled, text imputed and encoded."""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    words = make_pipeline(
        SimpleImputer(missing_values=None, strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    return ColumnTransformer([("words", words, [3, 4]), ("numbers", numbers, slice(0, 3))])


def by_weight() -> ColumnTransformer:
    """Return an unfitted transformer whose branches are weighted, and whose remainder is passed on."""
    masks = [True, False, False, False, False]
    branches = [
        ("scaled", RobustScaler(), masks),
        ("none", "drop", [1]),
        ("words", OneHotEncoder(sparse_output=False), [3, 4]),
    ]
    return ColumnTransformer(branches, remainder="passthrough", transformer_weights={"scaled": 0.1, "words": 3.0})


def wide_union() -> FeatureUnion:
    """Return an unfitted union of scaled columns, terms of them, and the columns themselves."""
    terms = Pipeline([("scale", MaxAbsScaler()), ("none", "passthrough"), ("terms", PolynomialFeatures(2))])
    return FeatureUnion([("terms", terms), ("same", FunctionTransformer()), ("scaled", MinMaxScaler())])


def _scaled(*scalers: Callable[[], Any]) -> Callable[[int], Instance]:
    return lambda number: fit_step(scalers[number % len(scalers)](), make_numbers(number, GAPS))


def _encoded(*encoders: Callable[[], Any], gaps: float = GAPS) -> Callable[[int], Instance]:
    return lambda number: fit_step(encoders[number % len(encoders)](), make_words(number, gaps))


def _numbered(encoder: Any, number: int) -> Instance:
    return fit_step(encoder, np.round(make_numbers(number, GAPS) / 5.0) + 0.0)


STEPS = (
    Family(
        "StandardScaler",
        _scaled(
            StandardScaler,
            StandardScaler,
            lambda: StandardScaler(with_mean=False),
            lambda: StandardScaler(with_std=False),
            lambda: StandardScaler(with_mean=False, with_std=False),
        ),
        6,
    ),
    Family(
        "MinMaxScaler",
        _scaled(MinMaxScaler, lambda: MinMaxScaler((-3, 2)), lambda: MinMaxScaler((0, 1), clip=True)),
        6,
    ),
    Family("MaxAbsScaler", _scaled(MaxAbsScaler, lambda: MaxAbsScaler(clip=True)), 6),
    Family(
        "RobustScaler",
        _scaled(
            RobustScaler,
            lambda: RobustScaler(with_centering=False),
            lambda: RobustScaler(with_scaling=False),
            lambda: RobustScaler(unit_variance=True, quantile_range=(10.0, 90.0)),
        ),
        6,
    ),
    Family(
        "PolynomialFeatures",
        lambda number: fit_step(
            [
                PolynomialFeatures(2),
                PolynomialFeatures(2, include_bias=False),
                PolynomialFeatures(2, interaction_only=True),
                PolynomialFeatures((2, 2), include_bias=False),
                PolynomialFeatures(1),
                PolynomialFeatures(2, order="F"),
            ][number],
            make_numbers(number),
        ),
        6,
    ),
    Family(
        "SimpleImputer",
        _scaled(
            SimpleImputer,
            lambda: SimpleImputer(strategy="median", add_indicator=True),
            lambda: SimpleImputer(strategy="most_frequent"),
            lambda: SimpleImputer(strategy="constant", fill_value=-1.5, add_indicator=True),
        ),
        6,
    ),
    Family(
        "SimpleImputer (text)",
        _encoded(
            lambda: SimpleImputer(missing_values=None, strategy="most_frequent"),
            lambda: SimpleImputer(missing_values=None, strategy="constant", fill_value="none"),
            lambda: SimpleImputer(missing_values=None, strategy="most_frequent", add_indicator=True),
        ),
    ),
    Family(
        "OneHotEncoder",
        _encoded(
            OneHotEncoder,
            lambda: OneHotEncoder(drop="first", sparse_output=False),
            lambda: OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"),
            lambda: OneHotEncoder(max_categories=3, drop="first"),
            lambda: OneHotEncoder(drop="if_binary", dtype=np.int64),
            lambda: OneHotEncoder(categories=[list(WORDS[:2])] * 2, handle_unknown="ignore"),
            lambda: OneHotEncoder(drop=["blue", None], max_categories=4),
        ),
        7,
    ),
    Family(
        "OneHotEncoder (numbers)",
        lambda number: _numbered(OneHotEncoder(handle_unknown="ignore", max_categories=[None, 9, 4][number]), number),
    ),
    Family(
        "OrdinalEncoder",
        _encoded(
            OrdinalEncoder,
            lambda: OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=-1, categories=[["dun", "blue"], ["coral", "amber"]]
            ),
            lambda: OrdinalEncoder(min_frequency=25),
            lambda: OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=3),
        ),
        4,
    ),
    Family(
        "OrdinalEncoder (numbers)",
        lambda number: _numbered(
            OrdinalEncoder(
                handle_unknown="use_encoded_value",
                unknown_value=[-1, np.nan, -2][number],
                encoded_missing_value=[np.nan, -3, -1][number],
                max_categories=[None, None, 3][number],
            ),
            number,
        ),
    ),
    Family("ColumnTransformer", lambda number: fit_step(by_column(), make_mixed(number))),
    Family("ColumnTransformer (weights)", lambda number: fit_step(by_weight(), make_mixed(number))),
    Family("FeatureUnion", lambda number: fit_step(wide_union(), make_numbers(number))),
    Family(
        "Pipeline of columns and a tree",
        lambda number: fit_model(make_pipeline(by_column(), DecisionTreeRegressor(max_depth=5)), make_mixed(number)),
    ),
    Family(
        "TransformedTargetRegressor",
        lambda number: fit_model(
            TransformedTargetRegressor(
                make_pipeline(MinMaxScaler(), PolynomialFeatures(2), DecisionTreeRegressor(max_depth=5)),
                transformer=[
                    StandardScaler(),
                    MinMaxScaler((1, 4)),
                    RobustScaler(with_centering=False),
                    make_pipeline(MaxAbsScaler(), StandardScaler(with_std=False)),
                    None,
                ][number],
            ),
            make_numbers(number),
        ),
        5,
    ),
    Family(
        "TransformedTargetRegressor (log)",
        lambda number: fit_model(
            TransformedTargetRegressor(
                DecisionTreeRegressor(max_depth=4 + number), func=np.log, inverse_func=np.exp, check_inverse=False
            ),
            make_numbers(number),
        ),
        bound=EXPONENTIAL,
    ),
)
