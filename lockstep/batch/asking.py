"""What a job asks of a model for one series: which of its bars are posted, and whether stored ones reach back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lockstep.batch.job import Job
from lockstep.batch.models import HeldModel
from lockstep.bundles.registry import Served
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.data.bars import DATE, Bars
from lockstep.data.cells import Cells
from lockstep.data.panel.sources import SeriesSource
from lockstep.data.price_files.parquet import PARQUET_CELLS
from lockstep.data.schema import NumberedBars
from lockstep.errors import InvalidInput, MissingBars
from lockstep.scoring.score import Schema

HistoryName = Literal["stored", "none"]


@contextmanager
def naming_dates() -> Iterator[None]:
    """Let refusals of bars of a file name dates: the numbers of the rows that are posted are not those of the file."""
    try:
        yield
    except InvalidInput as error:
        raise error.without_rows() from None
    except MissingBars as error:
        raise error.of_file() from None


@dataclass(frozen=True)
class BarsTable:
    """Bars, as a request holds them."""

    bars: Bars

    def __len__(self) -> int:
        return len(self.bars)

    def read_columns(self, _: Schema | None = None) -> tuple[Sequence[str], Sequence[Cells]]:
        """Return the names and the cells of the columns."""
        cells: list[Any] = [self.bars.dates, *self.bars.values]
        return (DATE, *self.bars.columns), cells


@dataclass(frozen=True)
class Asked:
    """Bars, oldest first, as they would be posted to the service, and the version that answers.

    `symbol` is named in the request if the version stores the bars of that symbol, and otherwise None.
    """

    served: Served
    symbol: str | None
    bars: Bars
    history: HistoryName

    @property
    def bundle(self) -> SeriesBundle:
        """Return the bundle that answers."""
        return as_series(self.served.bundle)

    def number(self) -> NumberedBars:
        """Return the bars with the numbers of their sessions; raise `InvalidInput` for a date that is no session."""
        table = BarsTable(self.bars)
        return self.bundle.read_rows(*table.read_columns(self.bundle.schema), PARQUET_CELLS)


def ask(job: Job, held: HeldModel, source: SeriesSource) -> Asked:
    """Return what is asked for a series; raise `InvalidInput` for bad cells, and OSError.

    The newest row alone needs no older bars than its look-back, and those older ones may be from before the calendar.
    If there are fewer, and the model stores bars of the symbol, these reach back, as they do for all rows if they
    begin early enough.
    """
    served, is_own = held.pick(source.symbol)
    bundle = as_series(served.bundle)
    bars = source.read(replace(bundle.schema, calendar=None))
    asked = choose_bars(bundle, bars, None if job.all_rows else 1, is_own=is_own)
    return Asked(served, source.symbol if is_own else None, *asked)


def choose_bars(bundle: SeriesBundle, bars: Bars, n_rows: int | None, *, is_own: bool) -> tuple[Bars, HistoryName]:
    """Return which bars of a series are posted so that its `n_rows` newest are forecast, and what reaches back.

    None stands for all rows. The bars stand alone if there are enough of them, so that all prices that a forecast
    reads are adjusted alike. `is_own` says that the stored bars are of the same series.
    """
    lookback_bars = bundle.lookback_bars
    n_posted = len(bars) if n_rows is None else lookback_bars - 1 + n_rows
    if n_rows is not None and len(bars) >= n_posted and not bundle.manifest.feature_set.whole_history:
        return bars.select(slice(-n_posted, None)), "none"
    reaches_back = is_own and (len(bars) < lookback_bars or _reaches(bundle, bars.dates[0]))
    return bars, "stored" if reaches_back else "none"


def _reaches(bundle: SeriesBundle, oldest: np.datetime64) -> bool:
    """Return whether the stored bars hold the look-back of a bar of a date."""
    number = int(bundle.calendar.session_numbers(np.array([oldest]))[0])
    return number - bundle.lookback_bars + 1 >= bundle.forecaster.history.sessions.start
