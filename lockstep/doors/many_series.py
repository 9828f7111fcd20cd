"""The answer to a frame of many series: one frame in the order posted, and what is worth knowing of each series."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from lockstep.bundles.series import as_series
from lockstep.data.price_files.cells import SYMBOL
from lockstep.doors.answers import describe_frame, describe_interval, describe_trace
from lockstep.doors.door import Encoded
from lockstep.doors.series_warnings import warn_of_series
from lockstep.doors.wire import ForecastFrame, Interval
from lockstep.scoring.many_series import ManySeriesAnswer
from lockstep.scoring.problems import ProblemBody
from lockstep.scoring.score import Answer

MULTI_STATUS = 207
MAX_NAMED = 3
"""So many series are named in front of a warning that holds for several."""
Row = tuple[str | float | None, ...]


class AnsweringModel(msgspec.Struct):
    """A version that answered some of the series; `interval` is there if it answered any."""

    name: str
    version: int
    aliases: list[str]
    digest: str
    lookback_bars: int
    interval: Interval | UnsetType = UNSET


class AnsweredSeries(msgspec.Struct):
    """A series that was answered: by which model, its name and version as in `msft/1`, and from which stored bars.

    `trace` is as in the answer to one series; its `rows` are places in the frame.
    """

    symbol: str
    model: str
    newest_stored_bar: str
    trace: dict[str, list[Any]] | UnsetType = UNSET


class RefusedSeries(ProblemBody, kw_only=True):
    """The problem of one series, as it would be answered alone; `unanswered` are the places of its rows in the frame.

    All rows that a problem names are named by their places in the frame.
    """

    symbol: str
    unanswered: list[int]


class ManySeriesForecast(msgspec.Struct):
    """The answer of `POST /v1/forecast` to a frame with a column `symbol`.

    `forecast` has a column `symbol` before the others, and null where a row has no forecast or its series no such
    column. `problems` is there, with status 207, if some of the series could not be answered; all else of their rows is
    null, and the first warning counts them. A warning begins with the symbols of its series.
    """

    forecast: ForecastFrame
    models: list[AnsweringModel]
    series: list[AnsweredSeries]
    warnings: list[str]
    request_id: str
    problems: list[RefusedSeries] | UnsetType = UNSET


def encode_series(answer: ManySeriesAnswer, request_id: str) -> Encoded:
    """Return the answer; its status is 207 if some series are refused."""
    described = ManySeriesForecast(
        _join_frames(answer),
        _list_models(answer.answers.values()),
        [_describe_series(symbol, each) for symbol, each in answer.answers.items()],
        _join_warnings({symbol: _warn(each) for symbol, each in answer.answers.items()}),
        request_id,
    )
    if not answer.refused:
        return Encoded(msgspec.json.encode(described))
    described.problems = [
        msgspec.convert(
            {"symbol": each.posted.symbol, "unanswered": each.posted.rows, **each.problem.describe(request_id)},
            RefusedSeries,
        )
        for each in answer.refused
    ]
    described.warnings.insert(0, _warn_of_refused(answer))
    return Encoded(msgspec.json.encode(described), status=MULTI_STATUS)


def _join_frames(answer: ManySeriesAnswer) -> ForecastFrame:
    """Return the frames of the series as one, its rows in the order posted."""
    frames = {symbol: describe_frame(as_series(each.served.bundle), each) for symbol, each in answer.answers.items()}
    columns = tuple(dict.fromkeys(name for frame in frames.values() for name in frame.columns))
    data: list[Row] = [()] * len(answer.request.table)
    for symbol, frame in frames.items():
        rows = frame.data if frame.columns == columns else _align(frame, columns)
        for place, cells in zip(answer.answers[symbol].rows or (), rows, strict=True):
            data[place] = (symbol, *cells)
    for refused in answer.refused:
        for place in refused.posted.rows:
            data[place] = (refused.posted.symbol, *[None] * len(columns))
    return ForecastFrame((SYMBOL, *columns), list(range(len(data))), data)


def _align(frame: ForecastFrame, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a frame that lacks some of the columns, with null there."""
    places = [frame.columns.index(name) if name in frame.columns else None for name in columns]
    return [tuple(None if place is None else row[place] for place in places) for row in frame.data]


def _list_models(answers: Iterable[Answer]) -> list[AnsweringModel]:
    """Return each version that answered, once."""
    return [_describe_model(each) for each in {str(each.served): each for each in answers}.values()]


def _describe_model(answer: Answer) -> AnsweringModel:
    served, bundle = answer.served, as_series(answer.served.bundle)
    known = (served.name, served.version, list(served.aliases), bundle.manifest.digest, bundle.lookback_bars)
    return AnsweringModel(*known, describe_interval(bundle, answer.levels))


def _describe_series(symbol: str, answer: Answer) -> AnsweredSeries:
    newest = str(as_series(answer.served.bundle).bars.dates[-1])
    return AnsweredSeries(symbol, str(answer.served), newest, describe_trace(answer))


def _warn_of_refused(answer: ManySeriesAnswer) -> str:
    symbols = [each.posted.symbol for each in answer.refused]
    n_series = len(symbols) + len(answer.answers)
    return f"{_name_symbols(symbols)}: not answered, {len(symbols)} of {n_series} series; `problems` has the reasons"


def _warn(answer: Answer) -> list[str]:
    return warn_of_series(as_series(answer.served.bundle), answer)


def _join_warnings(warnings: dict[str, list[str]]) -> list[str]:
    """Return the lines of all series, each once, behind the symbols of the series that have it."""
    symbols: dict[str, list[str]] = {}
    for symbol, lines in warnings.items():
        for line in lines:
            symbols.setdefault(line, []).append(symbol)
    return [f"{_name_symbols(named)}: {line}" for line, named in symbols.items()]


def _name_symbols(symbols: list[str]) -> str:
    named = ", ".join(symbols[:MAX_NAMED])
    more = len(symbols) - MAX_NAMED
    return f"{named} and {more} more" if more > 0 else named
