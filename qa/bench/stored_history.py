"""What a forecast costs against how many bars are stored."""

import copy
import statistics
import time
from collections.abc import Sequence

import numpy as np

from lockstep.bundles.reading import load_series
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History
from qa.bench.synthetic import make_bars
from qa.default_bundle import DEFAULT_BUNDLE

STORED_BARS = (1_000, 10_000, 100_000)
EVERY_DAY = "1111111"
CALLS_PER_ROW_CALL = 5
"""A forecast of one row is timed this many times as often as one of many."""


def time_history(rows: Sequence[int], calls: int) -> dict[int, dict[int, float]]:
    """Return the median ms of a forecast by rows posted and bars stored; the posted follow the stored bars.

    The sizes take turns, so that whatever else the machine does meets them alike.
    """
    return {count: _time_rows(count, calls if count == 1 else calls // CALLS_PER_ROW_CALL) for count in rows}


def _time_rows(n_posted: int, calls: int) -> dict[int, float]:
    stores = {n_stored: _store_bars(n_stored, n_posted) for n_stored in STORED_BARS}
    times: dict[int, list[float]] = {n_stored: [] for n_stored in STORED_BARS}
    for _ in range(calls):
        for n_stored, (forecaster, posted) in stores.items():
            started = time.perf_counter()
            forecaster.forecast(posted)
            times[n_stored].append(1000.0 * (time.perf_counter() - started))
    return {n_stored: statistics.median(measured) for n_stored, measured in times.items()}


def _store_bars(n_stored: int, n_posted: int) -> tuple[Forecaster, Bars]:
    """Return the default bundle's forecaster on a made history, and the bars to post."""
    bars = make_bars(n_stored + n_posted)
    calendar = Calendar("every day", EVERY_DAY, bars.dates[0], bars.dates[-1], np.array([], "datetime64[D]"))
    forecaster = copy.copy(load_series(DEFAULT_BUNDLE).forecaster)
    forecaster.history = History(bars.select(slice(n_stored)), calendar)
    return forecaster, bars.select(slice(n_stored, None))
