"""The answer of `POST /v1/backtest`: the frame of `POST /v1/forecast`, with what came true, and scores beside it."""

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from lockstep.bundles.outcome_scores import OutcomeScores
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.doors.answers import describe_frame, describe_interval, describe_model
from lockstep.doors.series_warnings import warn_of_forecast, warn_of_posted
from lockstep.doors.wire import Interval, Label, Model
from lockstep.scoring.backtest import BacktestAnswer

Y, SAMPLE = "y", "sample"
BEFORE_Y = "close"


class BacktestFrame(msgspec.Struct):
    """A split-oriented frame: the columns of `POST /v1/forecast`, `y` after `close`, and `sample` as the last.

    `date` is the cutoff, the newest bar that a forecast reads. `y` is what came true at `forecast_date`, null if it is
    not known. `sample` is learning (any row before the test rows), test, or new (any row after them). The index counts
    the cutoffs of the request, so that pages can be put together.
    """

    columns: tuple[str, ...]
    index: list[int]
    data: list[tuple[Label | None, ...]]


class BacktestReport(msgspec.Struct):
    """The answer of `POST /v1/backtest`.

    `scores` are those of the rows of all pages that are no learning rows and whose `y` is known. `next` is the first
    cutoff of the next page, null on the last. `interval` is there if there are intervals.
    """

    backtest: BacktestFrame
    scores: OutcomeScores
    model: Model
    warnings: list[str]
    request_id: str
    next: str | None
    interval: Interval | UnsetType = UNSET


def describe_backtest(answer: BacktestAnswer, request_id: str) -> BacktestReport:
    """Return the answer on the wire: the rows of its page, oldest first, and the scores of all pages."""
    bundle = as_series(answer.served.bundle)
    return BacktestReport(
        _frame(bundle, answer),
        answer.scores,
        describe_model(answer.served),
        _warn(bundle, answer),
        request_id,
        answer.next,
        describe_interval(bundle, answer.levels),
    )


def _warn(bundle: SeriesBundle, answer: BacktestAnswer) -> list[str]:
    posted = [] if answer.merged is None else warn_of_posted(bundle, answer.merged, answer.levels)
    dates = np.empty(0, "datetime64[D]") if answer.merged is None else answer.merged.bars.dates
    return _warn_of_scores(answer) + posted + warn_of_forecast(bundle, answer.forecast, answer.levels, dates)


def _warn_of_scores(answer: BacktestAnswer) -> list[str]:
    if answer.outcomes.scored.any():
        return []
    before = answer.outcomes.all_before_test
    reason = "all come before the test rows" if before else "it is not known yet what came true"
    return [f"no row is scored: {reason}"]


def _frame(bundle: SeriesBundle, answer: BacktestAnswer) -> BacktestFrame:
    forecast, outcomes, page = describe_frame(bundle, answer.on_page), answer.outcomes, answer.page
    place = forecast.columns.index(BEFORE_Y) + 1
    rows = zip(forecast.data, outcomes.cells[page], outcomes.samples[page].tolist(), strict=True)
    data = [(*row[:place], y, *row[place:], sample) for row, y, sample in rows]
    columns = (*forecast.columns[:place], Y, *forecast.columns[place:], SAMPLE)
    return BacktestFrame(columns, list(range(page.start, page.stop)), data)
