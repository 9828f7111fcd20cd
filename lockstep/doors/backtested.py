"""The answer of `POST /v1/backtest`: the frame of `POST /v1/forecast`, with what came true, and scores beside it."""

import msgspec

from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.doors.answers import describe_frame, describe_model
from lockstep.doors.wire import Label, Model
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


class BacktestScores(msgspec.Struct):
    """The scores of the rows of all pages that are no learning rows and whose `y` is known: by predictor, and how many.

    `rows` counts them; without any there are no scores.
    """

    rows: int
    predictors: dict[str, AnyScores]


class BacktestReport(msgspec.Struct):
    """The answer of `POST /v1/backtest`; `next` is the first cutoff of the next page, null on the last."""

    backtest: BacktestFrame
    scores: BacktestScores
    model: Model
    warnings: list[str]
    request_id: str
    next: str | None


def describe_backtest(answer: BacktestAnswer, request_id: str) -> BacktestReport:
    """Return the answer on the wire: the rows of its page, oldest first, and the scores of all pages."""
    bundle = as_series(answer.served.bundle)
    return BacktestReport(
        _frame(bundle, answer),
        BacktestScores(int(answer.outcomes.scored.sum()), answer.scores),
        describe_model(answer.served),
        [],
        request_id,
        answer.next,
    )


def _frame(bundle: SeriesBundle, answer: BacktestAnswer) -> BacktestFrame:
    forecast, outcomes, page = describe_frame(bundle, answer.on_page), answer.outcomes, answer.page
    place = forecast.columns.index(BEFORE_Y) + 1
    rows = zip(forecast.data, outcomes.cells[page], outcomes.samples[page].tolist(), strict=True)
    data = [(*row[:place], y, *row[place:], sample) for row, y, sample in rows]
    columns = (*forecast.columns[:place], Y, *forecast.columns[place:], SAMPLE)
    return BacktestFrame(columns, list(range(page.start, page.stop)), data)
