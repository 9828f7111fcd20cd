from typing import Any

import numpy as np
import pytest

from lockstep.data.table_csv import make_table, parse_table_csv
from lockstep.errors import InvalidInput, TrainingError
from lockstep.training.table_split import Holdout, split_rows
from lockstep.training.table_target import Target, Task, read_target


def target_of(cells: list[Any], task: Task | None = None) -> Target:
    return read_target(make_table({"x": list(range(len(cells))), "y": cells}), "y", task)


@pytest.mark.parametrize(
    ("cells", "task", "dtype"),
    [
        (["a", "b"] * 10, "classification", "U"),
        ([f"name {place}" for place in range(20)], "classification", "U"),
        ([0, 1] * 10, "classification", "i"),
        (list(range(21)) * 5, "regression", "f"),
        ([1, 2, 3], "regression", "f"),
        ([1.5, 2.5] * 10, "regression", "f"),
    ],
)
def test_the_values_say_the_task(cells: list[Any], task: str, dtype: str) -> None:
    target = target_of(cells)
    assert (target.task, target.values.dtype.kind) == (task, dtype)
    assert target.values.tolist() == cells


def test_the_user_says_the_task() -> None:
    assert target_of([0, 1] * 10, "regression").values.dtype == np.float64
    assert target_of(list(range(30)) * 2, "classification").values.dtype == np.int64


def test_the_reason_is_said() -> None:
    assert target_of(["a", "b"] * 10).reason == "2 different texts"
    assert target_of([0, 1] * 10).reason == "2 different whole numbers"


@pytest.mark.parametrize(
    ("cells", "task", "message"),
    [
        (["a"] * 9, None, "the target y is 'a' in every row"),
        ([1.5, 2.5] * 9, "classification", "y holds numbers with fractions, which are no labels"),
        (["a\n", "b"] * 9, None, r"the label 'a\\n' of y does not print"),
        ([10**17, 1] * 9, None, "the labels of y are beyond"),
    ],
)
def test_what_is_no_target_is_refused(cells: list[Any], task: Task | None, message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        target_of(cells, task)


def test_a_target_that_is_not_there_is_refused_with_the_columns() -> None:
    with pytest.raises(TrainingError, match="there is no column 'z'; the columns are x, y"):
        read_target(make_table({"x": [1], "y": [2]}), "z", None)


def test_missing_targets_are_named_by_line() -> None:
    with pytest.raises(InvalidInput, match="line 3, y: the target is missing; leave the row out"):
        read_target(parse_table_csv("x,y\n1,a\n2,\n3,b\n", "t.csv"), "y", None)


def test_text_is_no_number() -> None:
    with pytest.raises(InvalidInput, match="row 0, y: 'a' is not a number"):
        target_of(["a", "b"] * 9, "regression")


def test_held_out_rows_have_the_proportions_of_all() -> None:
    target = target_of((["a"] * 6 + ["b"] * 2) * 10)
    split = split_rows(target, Holdout(test_share=0.25))
    held_out = target.select(split.held_out)
    assert (np.sum(held_out == "a"), np.sum(held_out == "b")) == (15, 5)
    assert sorted([*split.learning, *split.held_out]) == list(range(80))
    assert (np.diff(split.held_out) > 0).all()


def test_a_seed_chooses_the_rows() -> None:
    target = target_of([float(place) / 7 for place in range(50)])
    first, again, other = (split_rows(target, Holdout(seed=seed)).held_out.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_held_out_rows_are_bounded() -> None:
    target = target_of([float(place) / 7 for place in range(50)])
    split = split_rows(target, Holdout(max_rows=12))
    assert (split.held_out.size, split.learning.size) == (12, 38)


def test_labels_that_occur_once_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"2 label\(s\) of y occur once, .*: 'c', 'd'; leave"):
        split_rows(target_of(["a", "b"] * 10 + ["d", "c"]), Holdout())


@pytest.mark.parametrize(
    ("holdout", "message"),
    [
        (Holdout(test_share=0.9), "22 rows are too few: 20 test rows leave 2 to learn from, and 11 are needed"),
        (Holdout(max_rows=10), "10 evaluation rows for 11 labels"),
    ],
)
def test_too_few_rows_are_refused(holdout: Holdout, message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        split_rows(target_of([*"abcdefghijk"] * 2), holdout)


@pytest.mark.parametrize(("share", "rows"), [(0.0, 50), (1.0, 50), (0.5, 9)])
def test_a_holdout_without_meaning_is_refused(share: float, rows: int) -> None:
    with pytest.raises(TrainingError, match="expected"):
        Holdout(test_share=share, max_rows=rows)
