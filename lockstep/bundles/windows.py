"""Which bars of a series a model learns from, and which it is tested on: always the newest.

Between the two lies the embargo. The newest learning row is `horizon_bars` before the first test row, so its target
reads the close of the first test bar. That close is known before the first test bar is forecast, and no target that
is learned reads a later bar. So a horizon of one bar leaves no row out, and one of N bars leaves N - 1 rows out.
"""

from lockstep.bundles.entries import Window
from lockstep.bundles.evaluation import CLOSE, DATE, FORECAST_DATE, Cells
from lockstep.data.bars import Bars, Dates
from lockstep.data.calendar import Calendar


def find_learning_rows(n_bars: int, lookback_bars: int, horizon_bars: int, test_rows: int) -> slice:
    """Return the places of the learning rows among all bars; a row is usable if its look-back is full."""
    return slice(lookback_bars - 1, n_bars - test_rows - (horizon_bars - 1))


def describe_window(dates: Dates) -> Window:
    """Return the window of bars of these dates, oldest first, at least one."""
    return Window(str(dates[0]), str(dates[-1]), dates.size)


def list_keys(tested: Bars, calendar: Calendar, horizon_bars: int) -> dict[str, Cells]:
    """Return the columns of an evaluation that say which bars it is of: each (n,), oldest first."""
    forecast_dates = calendar.session_dates(calendar.session_numbers(tested.dates) + horizon_bars)
    return {DATE: tested.dates, FORECAST_DATE: forecast_dates, CLOSE: tested.close}
