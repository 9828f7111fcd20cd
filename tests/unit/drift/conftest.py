from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array, Bars
from lockstep.data.price_csv import write_price_csv
from lockstep.drift.filed_bars import FiledBars, read_filed_bars

N_NEW = 60

WriteFile = Callable[[Bars], FiledBars]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write bars into a file, and read that as the command does."""

    def write(bars: Bars) -> FiledBars:
        path = tmp_path / "newer.csv"
        path.write_text(write_price_csv(bars))
        return read_filed_bars(path)

    return write


def join_bars(older: Bars, newer: Bars) -> Bars:
    return Bars(
        np.concatenate([older.dates, newer.dates]),
        np.ascontiguousarray(np.concatenate([older.values, newer.values], axis=1)),
    )


def scale_bars(bars: Bars, factors: Array | float) -> Bars:
    """Return the bars with all prices multiplied, those of each bar by one factor."""
    values = bars.values.copy()
    values[:4] *= factors
    return Bars(bars.dates, values)


def replay(bundle: SeriesBundle, n_new: int = N_NEW) -> Bars:
    """Return the stored bars, and after them an older stretch of the same moves at the next sessions."""
    stored, calendar = bundle.bars, bundle.calendar
    first = int(calendar.session_numbers(stored.dates[-1:])[0]) + 1
    older = slice(-2 * n_new, -n_new)
    again = scale_bars(stored.select(older), stored.close[-1] / stored.close[-2 * n_new - 1])
    return join_bars(stored, Bars(calendar.dates_from(first, n_new), again.values))


@pytest.fixture(scope="session")
def newer(default_bundle: SeriesBundle) -> Bars:
    """The bars of the default bundle, and 60 newer ones."""
    return replay(default_bundle)
