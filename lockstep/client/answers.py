"""Answers as pandas has them: every number as it was sent, dates as dates."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from lockstep.client.errors import SomeRefused, WrongDigest
from lockstep.client.frames import DATE, SYMBOL, Posted, label_rows
from lockstep.client.matching import check_bars, check_count
from lockstep.client.problems import Problem, Reply, decode_answer, list_rows

DATES = (DATE, "forecast_date")
DIGEST = "x-model-digest"
FEWEST_DIGITS = 12
"""The digits of a digest that `lockstep models` prints."""


class Split(msgspec.Struct):
    """A split-oriented frame of an answer."""

    columns: list[str]
    data: list[list[Any]]

    @property
    def by_column(self) -> dict[str, list[Any]]:
        """Return the cells of each column; raise ValueError if they make no table, or two columns have one name."""
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("a column is there twice")
        columns = zip(*self.data, strict=True) if self.data else ([] for _ in self.columns)
        return {name: [*cells] for name, cells in zip(self.columns, columns, strict=True)}


class Told(msgspec.Struct, kw_only=True):
    """What every answer says beside its frame."""

    request_id: str
    warnings: list[str]
    model: dict[str, Any] | None = None
    models: list[dict[str, Any]] = []
    interval: dict[str, Any] | None = None


class Forecasts(Told, kw_only=True):
    """The answer of `POST /v1/forecast`."""

    forecast: Split
    series: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []


class Predictions(Told, kw_only=True):
    """The answer of `POST /v1/predict`."""

    predictions: Split


class Scores(msgspec.Struct):
    """The scores of a backtest."""

    rows: int
    predictors: dict[str, dict[str, Any]]
    intervals: list[dict[str, Any]]


class BacktestPage(Told, kw_only=True):
    """The answer of `POST /v1/backtest`."""

    backtest: Split
    scores: Scores
    next: str | None


@dataclass(frozen=True)
class Backtest:
    """Forecasts of the past, beside what came true.

    `frame` has a row for each cutoff, its index: the columns of a forecast, `y`, what came true, and `sample`. `scores`
    has a row for each predictor, and `intervals` one for each level. They are those of `rows` rows: none that the model
    has learned from, and none whose `y` is not known.
    """

    frame: Any
    scores: Any
    intervals: Any
    rows: int


def read_forecasts(reply: Reply, posted: Posted, digest: str | None) -> Any:
    """Return the frame of forecasts, by date, in the order posted; of many series, by symbol and date.

    Raises `WrongDigest`, `NotLockstep`, or `SomeRefused` if some of the series have no answer.
    """
    told: Forecasts = decode_answer(reply, Forecasts)
    frame = _finish(told.forecast, told, reply, digest)
    check_bars(reply, told.forecast.by_column, posted, {each["symbol"] for each in told.problems})
    frame = frame.set_index([SYMBOL, DATE] if posted.find(SYMBOL) else DATE)
    if told.problems:
        raise _refuse_some(told, posted.labels, frame)
    return frame


def read_predictions(reply: Reply, index: Any, digest: str | None) -> Any:
    """Return the frame of predictions, with the index of the posted frame; raise as `read_forecasts` does."""
    told: Predictions = decode_answer(reply, Predictions)
    check_count(reply, len(told.predictions.data), len(index))
    return _finish(told.predictions, told, reply, digest).set_axis(index)


def read_page(reply: Reply, digest: str | None) -> tuple[Any, BacktestPage]:
    """Return the frame of a page, by cutoff, and all that the answer says."""
    told: BacktestPage = decode_answer(reply, BacktestPage)
    return _finish(told.backtest, told, reply, digest).set_index(DATE), told


def join_pages(frames: list[Any], last: BacktestPage) -> Backtest:
    """Return a backtest from the frames of its pages; each page has the scores of all."""
    frame = pd.concat(frames)
    frame.attrs = frames[-1].attrs
    scores = pd.DataFrame.from_dict(last.scores.predictors, orient="index").drop(columns="type", errors="ignore")
    intervals = pd.DataFrame(last.scores.intervals)
    return Backtest(frame, scores, intervals if intervals.empty else intervals.set_index("level"), last.scores.rows)


def list_models(told: Told) -> list[dict[str, Any]]:
    """Return what an answer says of the models that gave it."""
    return told.models or ([told.model] if told.model else [])


def check_digest(reply: Reply, told: Told, expected: str | None) -> list[str]:
    """Return the digests of the models that answered; raise `WrongDigest` if one is not the expected one.

    A digest may be expected by its first digits.
    """
    found = {str(model.get("digest", "")) for model in list_models(told)} | {reply.headers.get(DIGEST, "")}
    found.discard("")
    if expected is not None and (not found or any(not each.startswith(expected) for each in found)):
        answered = ", ".join(each[: len(expected)] for each in sorted(found)) or "one without a digest"
        raise WrongDigest(f"{reply.url}: model {answered} answered, not {expected}; its answer is not returned")
    return sorted(found)


def make_frame(split: Split) -> Any:
    """Return a frame of an answer: null is NaN, NaT in a column of dates."""
    return pd.DataFrame({name: _make_column(name, cells) for name, cells in split.by_column.items()})


def _make_column(name: str, cells: list[Any]) -> Any:
    if name in DATES:
        return pd.to_datetime(cells, format="%Y-%m-%d")
    # pandas would make a column of nothing but None one of objects
    if None in cells and all(cell is None or type(cell) in (int, float) for cell in cells):
        return np.array([np.nan if cell is None else cell for cell in cells], np.float64)
    return pd.Series(cells)


def _finish(split: Split, told: Told, reply: Reply, expected: str | None) -> Any:
    digests = check_digest(reply, told, expected)
    frame = make_frame(split)
    frame.attrs = {
        "digest": digests[0] if len(digests) == 1 else None,
        "request_id": told.request_id,
        "warnings": told.warnings,
        "models": list_models(told),
        "interval": told.interval,
    }
    return frame


def _refuse_some(told: Forecasts, labels: tuple[str, ...], frame: Any) -> SomeRefused:
    read = [(each["symbol"], msgspec.convert(each, Problem)) for each in told.problems]
    errors = [error for _, problem in read for error in label_rows(list_rows(problem), labels)]
    lines = [f"{symbol}: {problem.status} {problem.code}: {problem.detail}" for symbol, problem in read]
    n_series = len(read) + len(told.series)
    first = f"{len(read)} of {n_series} series have no answer, for these reasons; .forecast has the others"
    return SomeRefused(first, lines=lines, errors=errors, forecast=frame, problems=told.problems)
