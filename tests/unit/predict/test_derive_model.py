"""Whole models, however they are nested, become one form; another order of columns is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.form import numbers
from lockstep.predict.exact.forms import decode_form, encode_form
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.target import MinusOver, TimesPlus, compile_target
from lockstep.predict.stages import ENCODED, LEAF, PREDICTION, SCALED

RANDOM = np.random.default_rng(3)
FRAME = pd.DataFrame(RANDOM.normal(size=(80, 3)), columns=["open", "high", "low"])
ROWS = FRAME.to_numpy()
TARGET = RANDOM.normal(size=80) * 4.0 + 1.0
COLUMNS = ("open", "high", "low")


def tree() -> DecisionTreeRegressor:
    return DecisionTreeRegressor(max_depth=4)


def target_of(regressor: Any, transformer: Any) -> TransformedTargetRegressor:
    return TransformedTargetRegressor(regressor, transformer=transformer)


@pytest.mark.parametrize(
    "model",
    [
        tree(),
        make_pipeline(make_pipeline(StandardScaler(), make_pipeline(MinMaxScaler())), make_pipeline(tree())),
        Pipeline([("none", "passthrough"), ("terms", PolynomialFeatures(2)), ("tree", tree())]),
        make_pipeline(PolynomialFeatures(2), RobustScaler(), tree()),
        target_of(make_pipeline(RobustScaler(), tree()), StandardScaler()),
        make_pipeline(StandardScaler(), target_of(make_pipeline(PolynomialFeatures(2), tree()), MinMaxScaler())),
        target_of(target_of(tree(), MaxAbsScaler()), make_pipeline(StandardScaler(), RobustScaler())),
        target_of(tree(), StandardScaler(with_mean=False, with_std=False)),
        TransformedTargetRegressor(tree()),
        make_pipeline(ColumnTransformer([("a", StandardScaler(), ["low", "open"])], remainder="passthrough"), tree()),
    ],
)
@pytest.mark.parametrize("scaler", [None, RobustScaler(), make_pipeline(MaxAbsScaler(), StandardScaler())])
def test_a_model_is_derived_however_it_is_nested(scaler: Any, model: Any) -> None:
    frame = FRAME
    if scaler is not None:
        scaler.fit(FRAME)
        frame = pd.DataFrame(scaler.transform(FRAME), columns=FRAME.columns)
    model.fit(frame, TARGET)
    form = decode_form(encode_form(derive_model(scaler, model, COLUMNS).form))
    stages = ExactModel(form, numbers(3), is_table=True).predict(ROWS)
    assert list(stages) == [*([] if scaler is None else [SCALED]), ENCODED, LEAF, PREDICTION]
    assert stages[PREDICTION].tobytes() == model.predict(frame).tobytes()


def test_the_same_model_is_derived_to_the_same_bytes() -> None:
    model = make_pipeline(PolynomialFeatures(2), tree()).fit(ROWS, TARGET)
    first, second = (encode_form(derive_model(None, model, COLUMNS).form) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (("high", "open", "low"), "column 0 'open', not 'high'"),
        (("open", "high"), "column 2 'low', not None"),
        (("open", "high", "low", "close"), "column 3 None, not 'close'"),
    ],
)
def test_a_model_of_other_columns_is_refused(columns: tuple[str, ...], reason: str) -> None:
    nested = make_pipeline(make_pipeline(StandardScaler()), tree()).fit(FRAME, TARGET)
    later = Pipeline([("none", "passthrough"), ("scale", StandardScaler()), ("tree", tree())]).fit(FRAME, TARGET)
    alone = tree().fit(FRAME, TARGET)
    for scaler, model in ((None, nested), (None, later), (None, alone), (RobustScaler().fit(FRAME), tree())):
        with pytest.raises(InvalidBundle, match=reason):
            derive_model(scaler, model, columns)


def test_a_layout_that_this_version_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidBundle, match="layout 7; this version derives 1"):
        derive_model(None, tree().fit(ROWS, TARGET), COLUMNS, 7)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (TransformedTargetRegressor(tree(), func=np.log1p, inverse_func=np.expm1), "inverse_func=expm1"),
        (TransformedTargetRegressor(tree(), transformer=PowerTransformer()), "PowerTransformer"),
        (target_of(tree(), make_pipeline(StandardScaler(), PowerTransformer())), "PowerTransformer"),
    ],
)
def test_a_target_without_an_exact_inverse_is_named(model: Any, reason: str) -> None:
    with pytest.raises(NoExactForm, match=reason):
        derive_model(None, model.fit(ROWS, np.abs(TARGET)), COLUMNS)


def test_the_inverse_of_a_logarithm_is_within_its_bound() -> None:
    model = TransformedTargetRegressor(DecisionTreeRegressor(), func=np.log, inverse_func=np.exp)
    rows = np.linspace(-300.0, 300.0, 20_001)[:, None]
    model.fit(rows, np.exp(rows[:, 0]))
    derived = derive_model(None, model)
    theirs = model.predict(rows)
    ours = ExactModel(derived.form, numbers(1), is_table=False).predict(rows)[PREDICTION]
    assert 0.0 < derived.bound < 1e-15
    assert (np.abs(ours - theirs) <= derived.bound * theirs).all()
    logarithm_alone = TransformedTargetRegressor(tree(), func=np.log, inverse_func=np.sinh, check_inverse=False)
    with pytest.raises(NoExactForm, match="inverse_func=sinh"):
        derive_model(None, logarithm_alone.fit(rows, np.exp(rows[:, 0])))


def test_several_targets_have_no_exact_form() -> None:
    model = target_of(tree(), StandardScaler()).fit(ROWS, np.column_stack([TARGET, TARGET]))
    with pytest.raises(NoExactForm, match="several targets"):
        derive_model(None, model, COLUMNS)


@pytest.mark.parametrize(
    "model", [TransformedTargetRegressor(tree()), make_pipeline(tree()), Pipeline([]), "tree", None]
)
def test_a_model_that_is_not_fitted_is_refused(model: Any) -> None:
    with pytest.raises((InvalidBundle, NoExactForm)):
        derive_model(None, model, COLUMNS)


def test_a_model_inside_itself_is_refused() -> None:
    endless, union = make_pipeline(tree()), FeatureUnion([("scale", StandardScaler())])
    endless.steps = [("again", endless)]
    union.transformer_list = [("again", union)]
    for model in (endless, make_pipeline(union, tree())):
        with pytest.raises(InvalidBundle, match="nested more than"):
            derive_model(None, model, COLUMNS)


@pytest.mark.parametrize(
    "inverse",
    [
        TimesPlus(np.inf, None),
        TimesPlus(1.0, np.nan),
        MinusOver(np.nan, 1.0),
        MinusOver(1.0, np.inf),
        MinusOver(1.0, 0.0),
    ],
)
def test_a_target_that_is_not_finite_is_refused(inverse: Any) -> None:
    with pytest.raises(InvalidBundle):
        compile_target([inverse])
