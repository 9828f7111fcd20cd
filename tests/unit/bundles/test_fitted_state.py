"""Models of every family, sound and with a state that compiled code would follow out of its arrays."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    LabelEncoder,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
)
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.pickled import load_fitted
from lockstep.errors import InvalidBundle
from tests.unit.bundles.fitted_models import CELLS, CLASSES, MODELS, NUMBERS, TARGET, TEXTS, describe, fit

BIG = 10**6


def read(content: bytes) -> Any:
    return load_fitted(content, "model.pkl")


@pytest.mark.parametrize(("model", "rows", "target"), MODELS, ids=describe)
def test_a_fitted_model_of_each_family_is_read_and_predicts_the_same_bits(model: Any, rows: Any, target: Any) -> None:
    fitted = fit(model, rows, target)
    found = read(pickle.dumps(fitted, protocol=5))
    assert type(found) is type(fitted)
    assert found.predict(rows).tobytes() == fitted.predict(rows).tobytes()


@pytest.mark.parametrize("model", [each for each, *_ in MODELS], ids=describe)
def test_a_model_that_is_not_fitted_is_read_and_refuses_to_predict(model: Any) -> None:
    with pytest.raises((NotFittedError, AttributeError)):  # VotingRegressor looks for what a fit adds
        read(pickle.dumps(model)).predict(NUMBERS)


class Nodes:
    """Pickle as a Tree whose nodes were edited."""

    def __init__(self, tree: Any, **changes: object) -> None:
        state = tree.__getstate__()
        nodes = state["nodes"].copy()
        for name, value in changes.items():
            nodes[name][0] = value
        self.reduced = (*tree.__reduce__()[:2], {**state, "nodes": nodes})

    def __reduce__(self) -> Any:
        return self.reduced


def edit(name: str, value: object) -> Callable[[Any], None]:
    return lambda model: vars(model).__setitem__(name, value)


def edit_nodes(**changes: object) -> Callable[[Any], None]:
    def apply(model: Any) -> None:
        tree = model.estimators_.ravel()[0] if isinstance(model, GradientBoostingClassifier) else model.estimators_[0]
        tree.tree_ = Nodes(tree.tree_, **changes)

    return apply


def edit_first_predictor(field: str, value: object) -> Callable[[Any], None]:
    def apply(model: Any) -> None:
        model._predictors[0][0].nodes[field][0] = value

    return apply


def edit_categorical_nodes(model: Any) -> None:
    nodes = model._predictors[0][0].nodes
    nodes["bitset_idx"][nodes["is_categorical"] != 0] = BIG


def edit_part(part: str, name: str, value: object) -> Callable[[Any], None]:
    return lambda model: vars(getattr(model, part)).__setitem__(name, value)


def swap_trees(model: Any) -> None:
    model.estimators_ = model.estimators_[:, :2]


def drop_outside(model: Any) -> None:
    encoder = model[0]  # its last column has three categories
    encoder._drop_idx_after_grouping = np.array([None, None, None, 3], object)
    encoder._n_features_outs = encoder._compute_n_features_outs()


def put_bare_tree(model: Any) -> None:
    model.estimators_ = [DecisionTreeRegressor().fit(NUMBERS, TARGET).tree_]


def put_disguised_tree(model: Any) -> None:
    disguise = LabelEncoder()
    disguise.tree_, disguise.n_features_in_ = model.estimators_[1, 0].tree_, 4
    model.estimators_[1, 0] = disguise


def group_twice(model: Any) -> None:
    model[0]._infrequent_indices[0] = np.repeat(model[0]._infrequent_indices[0][:1], 3)


def group_unmapped(model: Any) -> None:
    model[0]._default_to_infrequent_mappings[0] = None


def narrow_frame(model: Any) -> None:
    model._preprocessor._transformer_to_input_indices["numerical"] = []


def encode_otherwise(model: Any) -> None:
    other = PolynomialFeatures(2, interaction_only=True, include_bias=False).fit(NUMBERS)
    vars(other).update(vars(model._preprocessor))
    model._preprocessor = other


def narrow_tree(model: Any) -> None:
    model.estimators_[1] = DecisionTreeRegressor().fit(NUMBERS[:, :2], TARGET)


FOREST = RandomForestClassifier(n_estimators=2, random_state=1)
BOOSTING = GradientBoostingClassifier(n_estimators=2, random_state=1)
HISTOGRAM = HistGradientBoostingRegressor(max_iter=2, categorical_features=[3])
NEIGHBORS = KNeighborsClassifier()
CODES = np.round(NUMBERS)
ENCODER = make_pipeline(OneHotEncoder(handle_unknown="ignore"), SVC(kernel="linear"))
GROUPING = make_pipeline(
    OneHotEncoder(min_frequency=40, handle_unknown="infrequent_if_exist", sparse_output=False), SVC(kernel="linear")
)
STACKING = StackingRegressor([("mean", DummyRegressor())], DummyRegressor(), cv=2)

HOSTILE: dict[str, tuple[Any, Any, Any, Callable[[Any], None]]] = {
    "a child outside": (FOREST, NUMBERS, CLASSES, edit_nodes(left_child=BIG)),
    "a left child before its parent": (FOREST, NUMBERS, CLASSES, edit_nodes(left_child=0)),
    "a right child before its parent": (FOREST, NUMBERS, CLASSES, edit_nodes(right_child=0)),
    "a column outside": (FOREST, NUMBERS, CLASSES, edit_nodes(feature=BIG)),
    "a tree of fewer columns": (FOREST, NUMBERS, CLASSES, narrow_tree),
    "a forest of other columns": (FOREST, NUMBERS, CLASSES, edit("n_features_in_", 9)),
    "a forest of no trees": (FOREST, NUMBERS, CLASSES, edit("estimators_", [])),
    "a boosted child outside": (BOOSTING, NUMBERS, CLASSES, edit_nodes(left_child=BIG)),
    "fewer trees than classes": (BOOSTING, NUMBERS, CLASSES, swap_trees),
    "more classes than trees": (BOOSTING, NUMBERS, CLASSES, edit("n_trees_per_iteration_", 9)),
    "a first prediction of fewer classes": (
        BOOSTING, NUMBERS, CLASSES, lambda model: model.init_.fit(NUMBERS, CLASSES > 0),
    ),
    "a binned child outside": (HISTOGRAM, NUMBERS, TARGET, edit_first_predictor("left", BIG)),
    "a binned column outside": (HISTOGRAM, NUMBERS, TARGET, edit_first_predictor("feature_idx", BIG)),
    "a set of categories outside": (HISTOGRAM, NUMBERS, np.round(NUMBERS[:, 3] * 10) % 2, edit_categorical_nodes),
    "nodes of another type": (
        HISTOGRAM, NUMBERS, TARGET, lambda model: edit("nodes", np.zeros(3))(model._predictors[0][0]),
    ),
    "a category of 300": (
        HISTOGRAM, NUMBERS, TARGET, lambda model: model._bin_mapper.bin_thresholds_[0].__setitem__(0, 300.0),
    ),
    "more columns than the encoder makes": (
        HISTOGRAM, NUMBERS, TARGET, edit_part("_bin_mapper", "is_categorical_", np.ones(9, np.uint8)),
    ),
    "a fit that goes on": (HISTOGRAM, NUMBERS, TARGET, edit("_in_fit", True)),
    "fewer weights": (SVC(), NUMBERS, CLASSES, lambda model: edit("_dual_coef_", model._dual_coef_[:, :2])(model)),
    "fewer vectors": (SVR(), NUMBERS, TARGET, edit("support_vectors_", np.zeros((2, 4)))),
    "counts of other classes": (SVC(), NUMBERS, CLASSES, edit("_n_support", np.full(9, 5, np.int32))),
    "a count below 0": (SVC(), NUMBERS, CLASSES, edit("_n_support", np.array([-5, 60, 5], np.int32))),
    "fewer intercepts": (SVC(), NUMBERS, CLASSES, edit("_intercept_", np.zeros(1))),
    "odds of other classes": (SVC(), NUMBERS, CLASSES, edit("_probA", np.zeros(1))),
    "a weight that is no number": (
        SVC(), NUMBERS, CLASSES, lambda model: model._dual_coef_.__setitem__((0, 0), np.nan),
    ),
    "a kernel of one's own": (SVC(), NUMBERS, CLASSES, edit("kernel", "precomputed")),
    "a label outside": (NEIGHBORS, NUMBERS, CLASSES, lambda model: model._y.__setitem__(0, 99)),
    "fewer learning rows": (NEIGHBORS, NUMBERS, CLASSES, edit("_fit_X", NUMBERS[:9])),
    "more neighbours than rows": (NEIGHBORS, NUMBERS, CLASSES, edit("n_neighbors", BIG)),
    "an unknown metric": (NEIGHBORS, NUMBERS, CLASSES, edit("effective_metric_", "nearest")),
    "categories out of order": (
        ENCODER, CODES, CLASSES,
        lambda model: edit("categories_", [each[::-1] for each in model[0].categories_])(model[0]),
    ),
    "other outputs": (ENCODER, CODES, CLASSES, lambda model: edit("_n_features_outs", [1, 1, 1, 1])(model[0])),
    "a dropped category outside": (
        ENCODER, CODES, CLASSES,
        lambda model: edit("_drop_idx_after_grouping", np.array([-9, None, None, None], object))(model[0]),
    ),
    "a dropped category of a larger column": (
        ENCODER, CODES, CLASSES,
        drop_outside,
    ),
    "infrequent categories there twice": (GROUPING, CODES, CLASSES, group_twice),
    "infrequent categories without their group": (GROUPING, CODES, CLASSES, group_unmapped),
    "a bare tree that predicts": (VotingRegressor([("mean", DummyRegressor())]), NUMBERS, TARGET, put_bare_tree),
    "a tree in another part": (BOOSTING, NUMBERS, CLASSES, put_disguised_tree),
    "a method of another name": (STACKING, NUMBERS, TARGET, edit("stack_method_", ["_matmul_vector"])),
    "norms of rows": (
        KNeighborsClassifier(algorithm="brute"), NUMBERS, CLASSES,
        edit("effective_metric_params_", {"Y_norm_squared": np.zeros(1)}),
    ),
    "norms of rows as parameters": (
        NEIGHBORS, NUMBERS, CLASSES, edit("metric_params", {"Y_norm_squared": np.zeros(1)}),
    ),
    "fewer columns of a frame": (HISTOGRAM, NUMBERS, TARGET, narrow_frame),
    "an encoder of another kind": (HISTOGRAM, NUMBERS, TARGET, encode_otherwise),
    "texts that are names of files": (CountVectorizer(), TEXTS, None, edit("input", "filename")),
    "hashed texts that are names of files": (HashingVectorizer(), TEXTS, None, edit("input", "filename")),
    "texts hashed into no column": (HashingVectorizer(), TEXTS, None, edit("n_features", 0)),
    "a function that writes to an array": (
        FunctionTransformer(np.exp), NUMBERS, None, edit("kw_args", {"out": np.zeros(1)}),
    ),
    "an inverse that writes to an array": (
        FunctionTransformer(inverse_func=np.log), NUMBERS, None, edit("inv_kw_args", {"out": np.zeros(1)}),
    ),
    "no categories": (OrdinalEncoder(), CODES, None, edit("categories_", 3)),
    "a word outside": (TfidfVectorizer(), TEXTS, None, lambda model: model.vocabulary_.__setitem__("good", BIG)),
    "a sparse index outside": (
        make_pipeline(TfidfVectorizer(), KNeighborsClassifier(2)), TEXTS, CELLS[:, 0].astype(str),
        lambda model: model[1]._fit_X.indices.__setitem__(0, BIG),
    ),
    "sparse rows outside": (
        make_pipeline(TfidfVectorizer(), SVC()), TEXTS, [0, 1, 0, 1, 0, 1],
        lambda model: model[1].support_vectors_.indptr.__setitem__(1, BIG),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_state_that_compiled_code_would_follow_anywhere_is_refused(what: str) -> None:
    model, rows, target, change = HOSTILE[what]
    fitted = fit(model, rows, target)
    read(pickle.dumps(fitted, protocol=5))
    change(fitted)
    content = pickle.dumps(fitted, protocol=5)
    with pytest.raises(InvalidBundle, match=r"the \w+'s |is not a fitted one"):
        read(content)


def test_a_pickled_search_tree_is_built_again_from_the_rows() -> None:
    fitted = KNeighborsClassifier(algorithm="kd_tree").fit(NUMBERS, CLASSES)
    other = KNeighborsClassifier(algorithm="kd_tree").fit(NUMBERS[::-1] * 9, CLASSES)
    expected = fitted.kneighbors(NUMBERS)
    fitted._tree = other._tree
    assert all(
        np.array_equal(a, b) for a, b in zip(read(pickle.dumps(fitted)).kneighbors(NUMBERS), expected, strict=True)
    )


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(drop="first"),
        OneHotEncoder(drop=[5.0, 3.0, 4.0, 1.0]),
        OneHotEncoder(min_frequency=40, handle_unknown="infrequent_if_exist"),
        OneHotEncoder(max_categories=3, drop="first"),
        OneHotEncoder(max_categories=2, drop="if_binary"),
    ],
    ids=str,
)
def test_an_encoder_that_drops_and_groups_is_read(encoder: OneHotEncoder) -> None:
    expected = encoder.fit(CODES).transform(CODES).toarray()
    assert np.array_equal(read(pickle.dumps(encoder)).transform(CODES).toarray(), expected)
