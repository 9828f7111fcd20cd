import re

import pytest

from lockstep.bundles.evaluation import MIN_EVALUATION_ROWS
from lockstep.errors import TrainingError
from lockstep.training.split import DEFAULT_TEST_ROWS, MIN_LEARNING_ROWS, split_rows

LOOKBACK = 200


def test_one_bar_ahead_leaves_no_row_between_learning_and_test() -> None:
    split = split_rows(3270, LOOKBACK, 1)
    assert (split.learning, split.test_rows, split.reason) == (slice(199, 3270 - 961), DEFAULT_TEST_ROWS, "")


@pytest.mark.parametrize("horizon", [1, 2, 5, 60])
def test_the_newest_learning_row_lies_one_horizon_before_the_first_test_row(horizon: int) -> None:
    split = split_rows(1000, LOOKBACK, horizon, 150)
    newest, first_test = split.learning.stop - 1, 1000 - split.test_rows
    assert first_test - newest == horizon
    assert split.n_learning == 1000 - 150 - (LOOKBACK - 1) - (horizon - 1)


@pytest.mark.parametrize(
    ("usable", "test_rows"),
    [(3 * DEFAULT_TEST_ROWS, DEFAULT_TEST_ROWS), (3 * DEFAULT_TEST_ROWS - 1, DEFAULT_TEST_ROWS - 1), (1051, 350)],
)
def test_by_default_at_most_a_third_of_the_usable_rows_is_tested_and_said(usable: int, test_rows: int) -> None:
    split = split_rows(usable + LOOKBACK - 1, LOOKBACK, 1)
    assert split.test_rows == test_rows
    said = f"a third of the {usable} usable rows; --test-rows N chooses another number"
    assert split.reason == (said if test_rows < DEFAULT_TEST_ROWS else "")


def test_a_number_that_was_asked_for_is_kept() -> None:
    split = split_rows(1250, LOOKBACK, 1, 900)
    assert (split.test_rows, split.n_learning, split.reason) == (900, 151, "")


@pytest.mark.parametrize("horizon", [1, 5])
def test_too_few_bars_are_refused_with_the_number_needed_and_the_test_rows_that_would_do(horizon: int) -> None:
    needed = LOOKBACK - 1 + horizon - 1 + MIN_LEARNING_ROWS + 120
    assert split_rows(needed, LOOKBACK, horizon, 120).n_learning == MIN_LEARNING_ROWS
    with pytest.raises(TrainingError, match=rf"^{needed - 1} bars are too few.* need {needed}; ") as refused:
        split_rows(needed - 1, LOOKBACK, horizon, 120)
    advised = re.search(r"pass --test-rows (\d+), or up to (\d+)$", str(refused.value))
    assert advised is not None
    for rows in map(int, advised.groups()):
        assert split_rows(needed - 1, LOOKBACK, horizon, rows).n_learning >= MIN_LEARNING_ROWS


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("test_rows", [None, 120])
def test_if_no_number_of_test_rows_would_do_the_bars_needed_are_named(horizon: int, test_rows: int | None) -> None:
    with pytest.raises(TrainingError, match=r"^150 bars are too few: at least") as refused:
        split_rows(150, LOOKBACK, horizon, test_rows)
    needed = int(str(refused.value).rsplit("at least ", 1)[1].split()[0])
    fewest = horizon + MIN_EVALUATION_ROWS
    assert split_rows(needed, LOOKBACK, horizon, fewest).n_learning == MIN_LEARNING_ROWS
    with pytest.raises(TrainingError):
        split_rows(needed - 1, LOOKBACK, horizon, fewest)


@pytest.mark.parametrize(("test_rows", "horizon"), [(-5, 1), (0, 1), (1, 1), (10, 1), (14, 5)])
def test_test_rows_of_which_too_few_can_be_scored_are_refused(test_rows: int, horizon: int) -> None:
    with pytest.raises(TrainingError, match=f"a horizon of {horizon} needs at least {horizon + MIN_EVALUATION_ROWS}"):
        split_rows(1000, LOOKBACK, horizon, test_rows)
