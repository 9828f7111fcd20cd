"""Exact forms of steps: what they refuse, and their bits beside scikit-learn's on frames and on random cells."""

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from lockstep.errors import InvalidBundle, UnknownCategory
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.derive.model import derive_step
from lockstep.predict.exact.composition import AnyStep, Branch, Branches
from lockstep.predict.exact.encoding import OneHot, Ordinal
from lockstep.predict.exact.form import Inputs, Kinds, Step, numbers
from lockstep.predict.exact.imputing import Imputer
from lockstep.predict.exact.lookup import Lookup
from lockstep.predict.exact.scaling import MinMax, Standard, limit
from lockstep.predict.exact.terms import Terms

TEXT: Kinds = ("text",)
FRAME = pd.DataFrame(
    {
        "age": [22.0, 38.0, np.nan, 35.0, 54.0, 2.0, np.nan, 14.0],
        "sex": ["male", "female", "female", np.nan, "male", "male", "female", "female"],
        "fare": [7.25, 71.28, 7.92, 53.1, 51.86, 21.07, 11.13, 30.07],
        "port": ["S", "C", "S", "S", "Q", np.nan, "C", "S"],
        "deck": [3, 1, 3, 1, 1, 3, 2, 2],
    }
)


def make_transform(fitted: Any, kinds: Kinds) -> Any:
    return derive_step(fitted).form.compile(kinds)[1]


def frame_inputs(frame: pd.DataFrame) -> tuple[Kinds, Inputs]:
    kinds: list[Any] = []
    columns = []
    for name in frame:
        is_text = not pd.api.types.is_numeric_dtype(frame[name])
        kinds.append("text" if is_text else "number")
        cells = [cell if isinstance(cell, str) else None for cell in frame[name]] if is_text else frame[name]
        columns.append(np.array(cells, dtype=object if is_text else np.float64))
    return tuple(kinds), tuple(columns) if "text" in kinds else np.column_stack(columns)


def assert_same_bits(fitted: Any, frame: pd.DataFrame) -> None:
    kinds, inputs = frame_inputs(frame)
    theirs = fitted.transform(frame)
    theirs = theirs.toarray() if hasattr(theirs, "toarray") else np.asarray(theirs)
    ours = make_transform(fitted, kinds)(inputs)
    assert ours.dtype == np.float64
    assert np.ascontiguousarray(ours).tobytes() == np.ascontiguousarray(theirs, np.float64).tobytes()


IMPUTE_AND_SCALE = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), RobustScaler())
IMPUTE_AND_ENCODE = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
IMPUTE_OR_ENCODE = ColumnTransformer([("n", SimpleImputer(), ["fare", "age"]), ("w", OneHotEncoder(), ["sex"])])


@pytest.mark.parametrize(
    "unfitted",
    [
        ColumnTransformer([("n", IMPUTE_AND_SCALE, ["age", "fare"]), ("w", IMPUTE_AND_ENCODE, ["port"])]),
        ColumnTransformer([("w", IMPUTE_AND_ENCODE, [3, 1])], remainder=IMPUTE_AND_SCALE),
        ColumnTransformer([("w", OneHotEncoder(), slice("port", "port"))], remainder="drop", sparse_threshold=0),
        ColumnTransformer([("w", OrdinalEncoder(encoded_missing_value=-1), slice(3, 4))]),
        ColumnTransformer([("n", SimpleImputer(), [True, False, True, False, False])]),
        ColumnTransformer(
            [
                ("w", IMPUTE_AND_ENCODE, make_column_selector(dtype_exclude="number")),
                ("n", IMPUTE_AND_SCALE, make_column_selector(dtype_include="number")),
                ("none", StandardScaler(), []),
            ]
        ),
        ColumnTransformer([("same", "passthrough", ["deck", "fare"]), ("no", "drop", ["age", "port", "sex"])]),
        ColumnTransformer([("w", OneHotEncoder(), ["sex", "deck", "port"])], remainder="passthrough"),
        FeatureUnion(
            [
                ("w", ColumnTransformer([("w", OneHotEncoder(drop="if_binary"), ["port", "deck"])])),
                ("n", ColumnTransformer([("n", MinMaxScaler(clip=True), ["fare", "age"])])),
                ("no", "drop"),
            ]
        ),
        Pipeline(
            [
                ("columns", IMPUTE_OR_ENCODE),
                ("same", "passthrough"),
                ("none", None),
                ("identity", FunctionTransformer()),
                ("scale", StandardScaler(with_mean=False)),
                ("terms", PolynomialFeatures(2, interaction_only=True)),
            ]
        ),
    ],
)  # fmt: skip
def test_columns_of_a_frame_are_found_as_scikit_learn_finds_them(unfitted: Any) -> None:
    assert_same_bits(unfitted.fit(FRAME), FRAME)
    assert_same_bits(unfitted.fit(FRAME), FRAME.iloc[:1])


@pytest.mark.parametrize(
    "scaler", [StandardScaler(with_mean=False), MaxAbsScaler(), RobustScaler(with_centering=False)]
)
def test_a_scaler_of_a_sparse_matrix_multiplies_by_the_reciprocal_as_scikit_learn_does(scaler: Any) -> None:
    words = [f"w{i}" for i in range(20)] * 3
    frame = pd.DataFrame({"word": words, "size": np.random.default_rng(0).normal(size=60) * 3.7})
    columns = ColumnTransformer([("w", OneHotEncoder(), ["word"])], remainder="passthrough")
    fitted = make_pipeline(columns, scaler).fit(frame)
    assert fitted[0].sparse_output_
    assert_same_bits(fitted, frame)


def test_terms_then_scaler_and_scaler_then_terms_keep_their_order() -> None:
    rows = FRAME[["fare", "deck"]]
    for steps in ([StandardScaler(), PolynomialFeatures(2)], [PolynomialFeatures(2), StandardScaler()]):
        assert_same_bits(make_pipeline(*steps).fit(rows), rows)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_a_column_without_values_is_dropped_or_kept_as_scikit_learn_does(strategy: str, keep: bool) -> None:
    frame = FRAME[["age", "fare"]].assign(empty=np.nan)
    imputer = SimpleImputer(strategy=strategy, keep_empty_features=keep, add_indicator=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of the column that it drops
        assert_same_bits(imputer.fit(frame), frame)


CELLS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.just(3)),
    elements=st.floats(-1e100, 1e100) | st.sampled_from([0.0, -0.0, np.nan, 1.5, 5e-324]),
)
SCALERS = [
    MinMaxScaler((0, 1), clip=True),
    StandardScaler(),
    MaxAbsScaler(clip=True),
    RobustScaler(quantile_range=(5.0, 95.0)),
    SimpleImputer(add_indicator=True),
    make_pipeline(SimpleImputer(strategy="median"), PolynomialFeatures(2)),
]


@pytest.mark.parametrize("unfitted", SCALERS)
@settings(max_examples=50, deadline=None)
@given(cells=CELLS)
def test_any_cells_become_the_bits_that_scikit_learn_makes(unfitted: Any, cells: np.ndarray) -> None:
    fitted = unfitted.fit(np.array([[0.0, 1.5, -2.0], [3.0, np.nan, 4.0], [-1.0, 2.5, np.nan], [0.1, 0.2, 0.3]]))
    ours = make_transform(fitted, numbers(3))(cells)
    assert np.ascontiguousarray(ours).tobytes() == np.ascontiguousarray(fitted.transform(cells)).tobytes()


@settings(max_examples=50, deadline=None)
@given(cells=st.lists(st.text(max_size=4) | st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=8))
def test_any_words_become_the_columns_that_scikit_learn_makes(cells: list[str | None]) -> None:
    column = np.array(cells, dtype=object)
    seen = np.array(["a", "b", None, "b", "d", "a"], dtype=object)[:, None]
    for unfitted in (
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2, sparse_output=False),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    ):
        fitted = unfitted.fit(seen)
        ours = make_transform(fitted, TEXT)((column,))
        assert ours.tobytes() == np.ascontiguousarray(fitted.transform(column[:, None]), np.float64).tobytes()


def test_an_unknown_category_is_refused_with_row_column_and_value() -> None:
    encoder = ColumnTransformer([("w", OneHotEncoder(), ["port", "sex"])]).fit(FRAME)
    kinds, inputs = frame_inputs(FRAME.assign(sex=["male", "other" * 20, *FRAME["sex"][2:-1], "x"]))
    with pytest.raises(UnknownCategory, match=r"row 1, column 1: 'otherother.{29}… is a category") as refusal:
        make_transform(encoder, kinds)(inputs)
    assert refusal.value.rows == (1, 7)


@pytest.mark.parametrize(("cell", "shown"), [(9.0, "9.0"), (np.nan, "nan"), (np.inf, "inf")])
def test_an_unknown_number_is_refused(cell: float, shown: str) -> None:
    encoder = OneHotEncoder().fit(np.array([[1.0], [3.0]]))
    with pytest.raises(UnknownCategory, match=f"row 2, column 0: {shown}"):
        make_transform(encoder, numbers(1))(np.array([[3.0], [1.0], [cell]]))


@pytest.mark.parametrize(
    ("fitted", "reason"),
    [
        (PolynomialFeatures(3).fit([[1.0]]), "degree 3"),
        (FunctionTransformer(np.log1p).fit([[1.0]]), "function"),
        (SimpleImputer(missing_values=-1).fit([[1.0], [-1.0]]), "missing_values=-1"),
        (OneHotEncoder(dtype=np.float32).fit([[1.0]]), "float32"),
        (OneHotEncoder().fit([[2**53 + 1]]), "9007199254740993"),
        (OneHotEncoder().fit(np.array([[None], [np.nan], ["a"]], dtype=object)), "None from NaN"),
        (KBinsDiscretizer(2, quantile_method="averaged_inverted_cdf").fit([[1.0], [2.0]]), "KBinsDiscretizer"),
        (ColumnTransformer([("b", FunctionTransformer(np.exp), [0])]).fit(np.ones((1, 1))), "function"),
    ],
)
def test_what_has_no_exact_form_is_named(fitted: Any, reason: str) -> None:
    with pytest.raises(NoExactForm, match=reason):
        derive_step(fitted)


@pytest.mark.parametrize(
    "unfitted",
    [
        StandardScaler(),
        PolynomialFeatures(2),
        OrdinalEncoder(),
        OneHotEncoder(),
        ColumnTransformer([]),
        FeatureUnion([("s", MaxAbsScaler())]),
        make_pipeline(RobustScaler()),
    ],
)
def test_what_is_not_fitted_is_refused(unfitted: Any) -> None:
    with pytest.raises(InvalidBundle, match="is not a fitted one"):
        derive_step(unfitted)


def test_a_pipeline_inside_itself_is_refused() -> None:
    endless = make_pipeline(StandardScaler())
    endless.steps = [("again", endless)] * 1_000
    with pytest.raises(InvalidBundle, match="nested"):
        derive_step(endless)


def test_a_few_objects_that_hold_each_other_a_million_times_are_refused() -> None:
    wide: Any = StandardScaler().fit([[1.0], [2.0]])
    for _ in range(6):
        wide = make_pipeline(*[wide] * 10)
    with pytest.raises(InvalidBundle, match="more than 10000"):
        derive_step(wide)


@pytest.mark.parametrize("inner", [[], [Branches([Branch(np.array([0]), [])])]], ids=["wide", "narrow"])
def test_many_branches_of_all_columns_take_no_memory_each(inner: list[AnyStep]) -> None:
    wide = numbers(90_000)
    step = Branches([Branch(None, inner)] * 500)  # a file of 10 kB; a list of the columns for each takes 2 GB
    tracemalloc.start()
    try:
        if inner:
            step.compile(wide)
        else:
            with pytest.raises(InvalidBundle, match="branches of more than 100000 columns"):
                step.compile(wide)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_clipped_zero_is_always_the_positive_one() -> None:
    clipped = limit(np.array([-0.0, 0.0, -1.0, 2.0, np.nan]), (0.0, 1.0))
    assert clipped.tobytes() == np.array([0.0, 0.0, 0.0, 1.0, np.nan]).tobytes()


def nested(depth: int) -> AnyStep:
    step: AnyStep = Branches([Branch(None, [])])
    for _ in range(depth):
        step = Branches([Branch(None, [step])])
    return step


ONES, PAIR = np.ones(2), Lookup(["a", "b"], np.array([0.0, 1.0]), None, None)
NONE = np.array([], dtype=np.int64)


def one_hot(codes: Any, known: Any = ("a", "b"), width: int = 2, **others: float) -> OneHot:
    return OneHot([Lookup(list(known), codes, others.get("missing"), others.get("unknown"))], width)


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        (Standard(np.ones(3), ONES), numbers(2)),
        (Standard(ONES, np.array([1.0, 0.0])), numbers(2)),
        (Standard(None, np.array([1.0, -1.0])), numbers(2)),
        (Standard(np.array([0.0, np.nan]), None), numbers(2)),
        (Standard(None, np.array([1.0, np.inf])), numbers(2)),
        (Standard(ONES.astype(np.float32), None), numbers(2)),
        (Standard(ONES, ONES, (1.0, -1.0)), numbers(2)),
        (Standard(ONES, ONES, (0.0, np.nan)), numbers(2)),
        (Standard(ONES, ONES), ("number", "text")),
        (MinMax(ONES, np.ones((2, 1))), numbers(2)),
        (MinMax(np.zeros(2), None), numbers(2)),
        (Terms(np.array([0]), np.array([3])), numbers(2)),
        (Terms(np.array([-1]), np.array([0])), numbers(2)),
        (Terms(np.array([0.0]), np.array([0])), numbers(2)),
        (Terms(np.array([0, 1]), np.array([0])), numbers(2)),
        (Terms(np.zeros(200_000, np.int64), np.zeros(200_000, np.int64)), numbers(2)),
        (Imputer([1.0], NONE), numbers(2)),
        (Imputer([1.0, "a"], NONE), numbers(2)),
        (Imputer([1.0, 2.0], NONE), ("number", "text")),
        (Imputer([1.0, np.nan], NONE), numbers(2)),
        (Imputer([1.0, 2.0], np.array([2])), numbers(2)),
        (Imputer([1.0, 2.0], np.array([1, 0])), numbers(2)),
        (Imputer([1.0, 2.0], np.array([0.0])), numbers(2)),
        (OneHot([PAIR], 2), ("text", "text")),
        (OneHot([PAIR], 2), ("number",)),
        (OneHot([PAIR], 1), TEXT),
        (OneHot([PAIR], -1), TEXT),
        (OneHot([PAIR], 10**9), TEXT),
        (one_hot(np.array([0.0, -2.0])), TEXT),
        (one_hot(np.array([0.0, 0.5])), TEXT),
        (one_hot(np.array([0.0, np.nan])), TEXT),
        (one_hot(np.array([0.0])), TEXT),
        (one_hot(np.array([0, 1])), TEXT),
        (one_hot(np.array([0.0, 1.0]), known=("a", "a")), TEXT),
        (one_hot(np.array([0.0, 1.0]), known=(1.0, 2.0)), TEXT),
        (one_hot(np.array([0.0, 1.0]), known=(1.0, np.inf)), ("number",)),
        (one_hot(np.array([0.0, 1.0]), known=("a", 2.0)), ("number",)),
        (one_hot(np.array([0.0, 1.0]), missing=2.0), TEXT),
        (one_hot(np.array([0.0, 1.0]), unknown=2.0), TEXT),
        (Ordinal([Lookup(["a"], np.array([np.inf]), None, None)]), TEXT),
        (Ordinal([Lookup(["a"], np.array([1.0]), None, -np.inf)]), TEXT),
        (Branches([Branch(np.array([2]), [])]), numbers(2)),
        (Branches([Branch(np.array([-1]), [])]), numbers(2)),
        (Branches([Branch(np.array([[0]]), [])]), numbers(2)),
        (Branches([Branch(None, [], np.inf)]), numbers(2)),
        (Branches([Branch(None, [], 2.0)]), TEXT),
        (Branches([Branch(np.zeros(90_000, np.int64), [])] * 2), numbers(2)),
        (nested(8), numbers(2)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(form: Step, kinds: Kinds) -> None:
    with pytest.raises(InvalidBundle):
        form.compile(kinds)


def test_steps_nested_as_deep_as_allowed_compile() -> None:
    assert nested(7).compile(numbers(2))[0] == numbers(2)


def test_what_an_imputer_fills_with_is_of_the_type_that_scikit_learn_fills_with() -> None:
    imputer = SimpleImputer().fit([[1.0], [2.0]])
    imputer._fit_dtype = np.dtype(np.int64)  # which it reads texts by, and not numbers
    form = derive_step(imputer).form
    assert isinstance(form, Imputer)
    assert form.fill == imputer.transform([[np.nan]])[0].tolist() == [1.5]


def test_a_missing_category_that_is_not_the_last_is_refused() -> None:
    encoder = OrdinalEncoder().fit([[1.0], [2.0], [3.0]])
    encoder._missing_indices = {0: 0}  # scikit-learn would encode the first category as a missing one
    with pytest.raises(InvalidBundle, match="takes another category than its last"):
        derive_step(encoder)
