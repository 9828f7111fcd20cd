"""How many of the newest rows of a series are test rows, and whether enough are left to learn from."""

from dataclasses import dataclass

from lockstep.bundles.evaluation import MIN_EVALUATION_ROWS
from lockstep.bundles.windows import find_learning_rows
from lockstep.errors import TrainingError

DEFAULT_TEST_ROWS = 961
LARGEST_SHARE = 3
"""By default at most one usable row in so many is a test row."""
MIN_LEARNING_ROWS = 50


@dataclass(frozen=True)
class Split:
    """The learning rows, as a slice of the bars, the number of test rows after them, and why it is that, if chosen."""

    learning: slice
    test_rows: int
    reason: str = ""

    @property
    def n_learning(self) -> int:
        """Return the number of learning rows."""
        return int(self.learning.stop - self.learning.start)


def split_rows(n_bars: int, lookback_bars: int, horizon_bars: int, test_rows: int | None = None) -> Split:
    """Return the split of `n_bars` bars; a row is usable if its look-back is full.

    `test_rows` None takes `DEFAULT_TEST_ROWS`, or a third of the usable rows if that is less.
    Raises `TrainingError` with what would do.
    """
    usable = max(n_bars - lookback_bars + 1, 0)
    chosen = min(DEFAULT_TEST_ROWS, usable // LARGEST_SHARE) if test_rows is None else test_rows
    learning = find_learning_rows(n_bars, lookback_bars, horizon_bars, chosen)
    if chosen < horizon_bars + MIN_EVALUATION_ROWS or learning.stop - learning.start < MIN_LEARNING_ROWS:
        raise _describe_shortage(n_bars, lookback_bars, horizon_bars, chosen)
    is_share = test_rows is None and chosen < DEFAULT_TEST_ROWS
    reason = f"a third of the {usable} usable rows; --test-rows N chooses another number" if is_share else ""
    return Split(learning, chosen, reason)


def _describe_shortage(n_bars: int, lookback_bars: int, horizon_bars: int, test_rows: int) -> TrainingError:
    fewest = horizon_bars + MIN_EVALUATION_ROWS  # the newest `horizon_bars` test rows cannot be scored
    beside = count_beside(lookback_bars, horizon_bars)
    advice = advise_test_rows(n_bars, beside, horizon_bars)
    if test_rows < fewest <= n_bars - beside:
        return TrainingError(
            f"{test_rows} test rows are too few: a horizon of {horizon_bars} needs at least {fewest}", advice
        )
    others = f"{MIN_LEARNING_ROWS} learning rows, a look-back of {lookback_bars} and a horizon of {horizon_bars}"
    if n_bars < beside + fewest:
        return TrainingError(
            f"{n_bars} bars are too few: at least {beside + fewest} bars are needed, for {fewest} test rows, {others}"
        )
    return TrainingError(
        f"{n_bars} bars are too few: {test_rows} test rows, {others} need {beside + test_rows}", advice
    )


def count_beside(lookback_bars: int, horizon_bars: int) -> int:
    """Return how many bars are needed beside the test rows."""
    return lookback_bars - 1 + horizon_bars - 1 + MIN_LEARNING_ROWS


def advise_test_rows(n_bars: int, beside: int, horizon_bars: int) -> str:
    """Return which `--test-rows` would do for a series, of which `beside` bars are needed for other things."""
    fewest, most = horizon_bars + MIN_EVALUATION_ROWS, n_bars - beside
    if most < fewest:
        return f"no --test-rows would do: at least {beside + fewest} bars are needed"
    return f"pass --test-rows {fewest}" + (f", or up to {most}" if most > fewest else ", the one number that would do")
