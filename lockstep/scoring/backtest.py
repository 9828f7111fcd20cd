"""The function behind `POST /v1/backtest`: stored bars are forecast as posted ones are, and compared with what came.

Forecasts are made first, by the forecaster that answers every other route, and of the bars up to each cutoff alone.
Only then is looked up what came true.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from lockstep.bundles.outcome_scores import OutcomeScores, Rows, score_outcomes
from lockstep.bundles.outcomes import Outcomes, find_outcomes
from lockstep.bundles.registry import Registry, Served
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.data.schema import NumberedBars
from lockstep.predict.forecast import Forecast
from lockstep.predict.history import History, Numbers
from lockstep.scoring.cutoffs import Known, Windows, choose_cutoffs, choose_page, refuse
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_LARGE
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import Answer, ScoringRequest, check_intervals, choose_served, read_rows


@dataclass(frozen=True, kw_only=True)
class BacktestRequest(ScoringRequest):
    """What a caller wants to be backtested: the stored bars, with those of the table if it `has_bars`.

    `h` is the horizon that the caller expects, in bars, and `page_rows` how many rows a page may have; None leaves both
    to the service.
    """

    has_bars: bool
    windows: Windows
    h: int | None = None
    page_rows: int | None = None


@dataclass(frozen=True, kw_only=True)
class BacktestAnswer(Answer):
    """The forecasts of all cutoffs, oldest first, what came true after them, and which of them are on the page.

    `posted` are the bars of the cutoffs; `merged` those of the table, None without any. `served` is as it is stored.
    """

    outcomes: Outcomes
    page: slice
    merged: NumberedBars | None

    @property
    def on_page(self) -> Answer:
        """Return the answer to the rows of the page, as if they had been posted."""
        rows, forecast = self.posted, self.forecast
        posted = NumberedBars(rows.bars.select(self.page), rows.sessions[self.page])
        stages = {name: values[self.page] for name, values in forecast.stages.items()}
        return Answer(self.request, self.served, posted, Forecast(np.arange(len(posted)), stages), self.levels)

    @cached_property
    def scores(self) -> OutcomeScores:
        """Return the scores of all scored rows, of every page."""
        bundle = as_series(self.served.bundle)
        return score_outcomes(bundle, Rows(self.posted.bars.dates, self.forecast.stages, self.levels), self.outcomes)

    @property
    def next(self) -> str | None:
        """Return the first cutoff of the next page, None if there is none."""
        dates = self.posted.bars.dates
        return str(dates[self.page.stop]) if self.page.stop < dates.size else None


def backtest(registry: Registry, request: BacktestRequest, record: RequestRecord | None = None) -> BacktestAnswer:
    """Return the answer to a request; the record gets the version that answers, the rows of the page and the times.

    Raises the `LockstepError` that `lockstep.scoring.errors.describe` turns into a problem.
    """
    record = record or RequestRecord()
    served = choose_served(registry, request, record)
    bundle = as_series(served.bundle)
    _check_numbers(request, served, bundle)
    levels = bundle.choose_levels(request.levels)
    merged, history = read_rows(request, bundle) if request.has_bars else None, bundle.forecaster.history
    if merged is not None:
        history = history.merge(merged.bars, merged.sessions)
    cutoffs, page = _choose_cutoffs(request, bundle, history)
    record.rows = page.stop - page.start
    check_intervals(levels, record.rows, request.max_rows)
    record.end_stage("parse")
    places = cutoffs - history.sessions[0]
    forecaster = bundle.forecaster.with_history(history)
    forecast = forecaster.forecast(history.bars.select(places), sessions=cutoffs, levels=levels)
    record.end_stage("forecast")
    answered = places[forecast.rows]
    rows = NumberedBars(history.bars.select(answered), cutoffs[forecast.rows])
    outcomes = find_outcomes(bundle, history.bars, answered)
    return BacktestAnswer(request, served, rows, forecast, levels, outcomes=outcomes, page=page, merged=merged)


def _choose_cutoffs(request: BacktestRequest, bundle: SeriesBundle, history: History) -> tuple[Numbers, slice]:
    """Return the sessions that are forecast from, and the places of those on the page; raise `InvalidInput`."""
    known = Known(history, bundle.lookback_bars, date.fromisoformat(bundle.manifest.test.first))
    cutoffs = choose_cutoffs(request.windows, known)
    return cutoffs, choose_page(request.windows, known, cutoffs, request.page_rows or request.max_rows)


def _check_numbers(request: BacktestRequest, served: Served, bundle: SeriesBundle) -> None:
    """Raise `InvalidInput` for another horizon than the model's, and `RequestError` for too long a page."""
    horizon_bars = bundle.manifest.horizon_bars
    if request.h not in (None, horizon_bars):
        raise refuse("h", f"{request.h}; the horizon of {served} is {horizon_bars}: leave `h` out, or send that")
    if request.page_rows is not None and request.page_rows > request.max_rows:
        detail = f"`max_rows` is {request.page_rows}; this service answers {request.max_rows} rows in one page"
        raise RequestError(TOO_LARGE, detail)
