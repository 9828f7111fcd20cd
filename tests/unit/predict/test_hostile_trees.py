"""Forms of trees from a file that no fit wrote are refused when they are compiled."""

from typing import Any

import msgspec
import numpy as np
import pytest

from lockstep.errors import InvalidBundle
from lockstep.predict.exact import nodes
from lockstep.predict.exact.nodes import TreeEstimator
from tests.unit.predict.hostile_forms import BOOSTING, CATEGORIES, FOREST, FORMS, N_COLUMNS, change, set_at

NODE_CHANGES = {
    "a child in the next tree": ("right", set_at(FOREST.right, 2, 5)),
    "a left child in the next tree": ("left", set_at(FOREST.left, 2, 5)),
    "a right child that is its parent": ("right", set_at(FOREST.right, 2, 2)),
    "a child that is its parent": ("left", set_at(FOREST.left, 2, 2)),
    "a child before its parent": ("left", set_at(FOREST.left, 7, 0)),
    "a child before all": ("left", set_at(FOREST.left, 2, -2)),
    "a child of another parent": ("left", set_at(FOREST.left, 2, 4)),
    "half a leaf": ("left", set_at(FOREST.left, 0, -1)),
    "a leaf that is none": ("right", set_at(FOREST.right, 1, 2)),
    "a leaf that reads a column": ("feature", set_at(FOREST.feature, 1, 0)),
    "a column that is not there": ("feature", set_at(FOREST.feature, 0, N_COLUMNS)),
    "no column": ("feature", set_at(FOREST.feature, 0, -1)),
    "a threshold that is no number": ("threshold", set_at(FOREST.threshold, 0, np.nan)),
    "a threshold below all": ("threshold", set_at(FOREST.threshold, 0, -np.inf)),
    "trees with a gap": ("starts", np.array([0, 5, 9])),
    "trees that begin late": ("starts", np.array([1, 5, 10])),
    "trees that overlap": ("starts", np.array([0, 11, 10])),
    "an empty tree": ("starts", np.array([0, 5, 5, 10])),
    "no trees": ("starts", np.array([0])),
    "no starts": ("starts", np.array([], np.int64)),
    "starts in rows": ("starts", FOREST.starts[None]),
    "starts that are no whole numbers": ("starts", FOREST.starts.astype(float)),
    "two trees as one": ("starts", np.array([0, 10])),
    "children of another type": ("left", FOREST.left.astype(np.int64)),
    "fewer children": ("right", FOREST.right[:-1]),
    "thresholds of another type": ("threshold", FOREST.threshold.astype(np.float32)),
    "flags that are numbers": ("missing_left", FOREST.missing_left.astype(np.uint8)),
    "values that are no numbers": ("value", np.full((10, 2), np.nan)),
    "infinite values": ("value", np.full((10, 2), np.inf)),
    "values of other classes": ("value", np.full((10, 3), 0.5)),
    "values of fewer nodes": ("value", np.full((9, 2), 0.5)),
    "more classes": ("classes", ["a", "b", "c"]),
    "a class twice": ("classes", ["a", "a"]),
    "classes of two types": ("classes", ["a", 1]),
    "no classes": ("classes", []),
}


@pytest.mark.parametrize("name", NODE_CHANGES)
def test_nodes_that_no_fit_wrote_are_refused(name: str) -> None:
    field, value = NODE_CHANGES[name]
    with pytest.raises(InvalidBundle):
        change(FOREST, field, value).compile(N_COLUMNS)


def test_the_unchanged_forms_are_compiled() -> None:
    for form in (FOREST, BOOSTING):
        assert len(form.compile(N_COLUMNS)(np.zeros((2, N_COLUMNS)))["prediction"]) == 2


def test_the_refusal_names_the_tree_and_the_node() -> None:
    with pytest.raises(InvalidBundle, match="node 2 of tree 1 points outside the tree"):
        change(FOREST, "left", set_at(FOREST.left, 7, 9)).compile(N_COLUMNS)


@pytest.mark.parametrize("limit", ["MAX_NODES", "MAX_TREES", "MAX_VALUES"])
def test_more_than_a_process_could_hold_is_refused(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, limit, 1)
    with pytest.raises(InvalidBundle, match="there may be"):
        FOREST.compile(N_COLUMNS)


BOOSTING_CHANGES: dict[str, tuple[str, Any]] = {
    "a start for each class": ("start", np.zeros(2)),
    "a start that is no number": ("start", np.array([np.nan])),
    "one tree too few": ("classes", ["a", "b", "c"]),
    "one class": ("classes", ["a"]),
    "categories as float32": ("compares_float32", True),
    "no categories of a column": ("categories.columns", np.array([2, 0])),
    "a column that is not there": ("categories.columns", np.array([2, N_COLUMNS])),
    "a column before all": ("categories.columns", np.array([2, -1])),
    "a column twice": ("categories.columns", np.array([2, 2])),
    "one column more": ("categories.columns", np.array([2, 1, 0])),
    "columns of another type": ("categories.columns", np.array([2.0, 1.0])),
    "categories with a gap": ("categories.starts", np.array([0, 2, 4])),
    "categories that overlap": ("categories.starts", np.array([0, 6, 5])),
    "no starts": ("categories.starts", np.array([], np.int64)),
    "categories that fall": ("categories.values", set_at(CATEGORIES.values, 3, -5.0)),
    "a category twice": ("categories.values", set_at(CATEGORIES.values, 0, 4.0)),
    "a category that is no number": ("categories.values", set_at(CATEGORIES.values, 1, np.nan)),
    "categories of another type": ("categories.values", CATEGORIES.values.astype(np.float32)),
    "narrow sets": ("categories.sets", CATEGORIES.sets[:, :32]),
    "a flat set": ("categories.sets", CATEGORIES.sets.ravel()),
    "sets of another type": ("categories.sets", CATEGORIES.sets.astype(np.uint8)),
    "a set that is not there": ("categories.node_set", set_at(CATEGORIES.node_set, 2, 2)),
    "a set before all": ("categories.node_set", set_at(CATEGORIES.node_set, 2, -2)),
    "a set that is not used": ("categories.node_set", set_at(CATEGORIES.node_set, 7, 0)),
    "a set of numbers": ("categories.node_set", set_at(CATEGORIES.node_set, 0, 1)),
    "a leaf with a set": ("categories.node_set", set_at(CATEGORIES.node_set, 1, 1)),
    "fewer nodes": ("categories.node_set", CATEGORIES.node_set[:-1]),
    "a number in place of a category": ("categories.node_set", set_at(CATEGORIES.node_set, 2, -1)),
    "a set of two columns": ("feature", set_at(BOOSTING.feature, 7, 1)),
}


THREE_STUMPS = {
    "left": np.array([1, -1, -1] * 3, np.int32),
    "right": np.array([2, -1, -1] * 3, np.int32),
    "feature": np.array([0, -1, -1] * 3, np.int32),
    "threshold": np.zeros(9),
    "missing_left": np.zeros(9, bool),
    "value": np.ones(9),
    "categories": None,
    "starts": np.array([0, 3, 6, 9]),
    "start": np.zeros(3),
    "classes": ["a", "b", "c"],
}


def test_three_classes_need_three_trees_a_stage_and_are_not_doubled() -> None:
    three = msgspec.structs.replace(BOOSTING, **THREE_STUMPS)
    three.compile(N_COLUMNS)
    with pytest.raises(InvalidBundle, match="twice the raw value"):
        change(three, "doubled", True).compile(N_COLUMNS)
    two_trees = msgspec.structs.replace(BOOSTING, start=np.zeros(3), classes=["a", "b", "c"])
    with pytest.raises(InvalidBundle, match="2 trees for 3 outputs"):
        two_trees.compile(N_COLUMNS)


@pytest.mark.parametrize("name", BOOSTING_CHANGES)
def test_boosted_trees_that_no_fit_wrote_are_refused(name: str) -> None:
    field, value = BOOSTING_CHANGES[name]
    form = BOOSTING
    if name == "a set of two columns":
        form = change(form, "categories.node_set", set_at(CATEGORIES.node_set, 7, 0))  # type: ignore[assignment]
    with pytest.raises(InvalidBundle):
        change(form, field, value).compile(N_COLUMNS)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
def test_every_form_checks_its_nodes_and_its_values(form: TreeEstimator) -> None:
    form.compile(N_COLUMNS)
    infinite = np.full_like(form.value, np.inf)  # type: ignore[attr-defined]
    for changed in (change(form, "feature", form.feature + 9), change(form, "value", infinite)):
        with pytest.raises(InvalidBundle):
            changed.compile(N_COLUMNS)


@pytest.mark.parametrize("form", FORMS[:2], ids=lambda form: type(form).__name__)
def test_one_tree_is_not_two(form: TreeEstimator) -> None:
    two = {name: getattr(FOREST, name) for name in ("starts", "left", "right", "feature", "threshold", "missing_left")}
    for name, value in {**two, "value": np.concatenate([form.value] * 2)}.items():  # type: ignore[attr-defined]
        form = change(form, name, value)
    with pytest.raises(InvalidBundle, match="2 trees"):
        form.compile(N_COLUMNS)


def test_more_than_256_categories_of_a_column_are_refused() -> None:
    many = change(BOOSTING, "categories.values", np.arange(300.0))
    with pytest.raises(InvalidBundle, match="more than 256"):
        change(many, "categories.starts", np.array([0, 1, 300])).compile(N_COLUMNS)
