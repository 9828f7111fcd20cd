"""The function behind a frame of many series: each is scored as if its rows were posted alone.

So a bad series is a problem for its rows, and no series can change a bit of another's forecast.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lockstep.bundles.registry import Registry
from lockstep.errors import InvalidInput, LockstepError, MissingBars
from lockstep.scoring.errors import NoSeriesAnswered, RequestError, describe
from lockstep.scoring.kinds import TOO_LARGE
from lockstep.scoring.problems import FAILURE, ProblemAnswer
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import Answer, ScoringRequest, Table, check_intervals, check_rows, score

ROWS_PER_SERIES = 20
"""How many rows each series counts for: to look back costs more than to forecast one row more."""
MOST_SERIES = 200
"""The first requests for so many series of a panel, each of which is checked then, take some two seconds of a core."""


@dataclass(frozen=True)
class PostedSeries:
    """The rows of one series in a frame of many; `rows` are their places as posted."""

    symbol: str
    rows: Sequence[int]
    table: Table


@dataclass(frozen=True, kw_only=True)
class ManySeriesRequest(ScoringRequest):
    """What a caller asks for with a table of many series, which `split` splits; it raises `InvalidInput`."""

    split: Callable[[], Sequence[PostedSeries]]


@dataclass(frozen=True)
class RefusedSeries:
    """A series that cannot be answered, and why; the problem names its rows as they were posted."""

    posted: PostedSeries
    problem: ProblemAnswer


@dataclass(frozen=True)
class ManySeriesAnswer:
    """The answer to each series that has one, at least one, and the problem of each other, in the order posted."""

    request: ManySeriesRequest
    answers: dict[str, Answer]
    refused: tuple[RefusedSeries, ...]


def score_series(
    registry: Registry, request: ManySeriesRequest, record: RequestRecord | None = None
) -> ManySeriesAnswer:
    """Return the answer to a request; the record gets the versions that answer, the rows and the times.

    Raises the `LockstepError` of the whole request, or that of its first series if none can be answered.
    """
    record = record or RequestRecord()
    record.rows = len(request.table)
    series = _split(request)
    record.end_stage("parse")
    answers: dict[str, Answer] = {}
    errors: list[tuple[PostedSeries, LockstepError]] = []
    for posted in series:
        part = RequestRecord()
        try:
            asked = replace(request, table=posted.table, symbol=posted.symbol)
            answers[posted.symbol] = _place(score(registry, asked, part), posted.rows)
        except LockstepError as error:
            errors.append((posted, _renumber(error, posted.rows)))
        record.add_part(part)
    refused = tuple(_refuse(posted, error) for posted, error in errors)
    if not answers:
        raise NoSeriesAnswered(refused[0].posted.symbol, len(refused), errors[0][1])
    record.code = refused[0].problem.kind.code if refused else None
    return ManySeriesAnswer(request, answers, refused)


def count_series(max_rows: int) -> int:
    """Return how many series one request may name in a service that takes `max_rows` rows."""
    return max(1, min(MOST_SERIES, max_rows // ROWS_PER_SERIES))


def _split(request: ManySeriesRequest) -> Sequence[PostedSeries]:
    """Return the series of a request; raise `RequestError` for more than one answer may hold, or `InvalidInput`."""
    check_rows(len(request.table), request.max_rows)
    check_intervals(request.levels or (), len(request.table), request.max_rows)
    series, limit = request.split(), count_series(request.max_rows)
    if len(series) > limit:
        raise RequestError(TOO_LARGE, f"{len(series)} series; this service takes {limit} in one request")
    return series


def _place(answer: Answer, rows: Sequence[int]) -> Answer:
    """Return the answer to rows at some places of a frame; a copy, so that it does not hold a whole look-back."""
    forecast = answer.forecast
    return replace(answer, rows=rows, forecast=forecast.select(np.arange(forecast.rows.size)))


def _renumber(error: LockstepError, rows: Sequence[int]) -> LockstepError:
    """Return an error that names its rows as they were posted."""
    if isinstance(error, InvalidInput):
        return error.renumbered(rows, error.unit)
    return error.renumbered(rows) if isinstance(error, MissingBars) else error


def _refuse(posted: PostedSeries, error: LockstepError) -> RefusedSeries:
    """Return the problem of a series; raise the error if the fault is the service's, which nobody should overlook."""
    problem = describe(error)
    if problem is FAILURE:
        raise error
    return RefusedSeries(posted, problem)
