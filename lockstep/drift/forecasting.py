"""Forecasts of the bars of a file, in pieces that a service takes, each with the bars that its forecasts read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lockstep.drift.filed_bars import FiledBars
from lockstep.drift.samples import Columns
from lockstep.drift.sources import NotWatched, Source
from lockstep.parity.answers import UnexpectedAnswer, read_columns
from lockstep.parity.local import FORECAST


@dataclass(frozen=True)
class Plan:
    """Which bars of a file are forecast, from place `start` on, and what is posted before each piece.

    With `before` bars of look-back from the file the posted bars stand alone. Without, the model's stored bars reach
    back, and all bars from `start` on have to be posted together.
    """

    start: int
    stop: int
    before: int | None

    def cut(self, max_rows: int) -> Iterator[slice]:
        """Yield the bars to post, in pieces of at most `max_rows`; raise `NotWatched` if they are too many."""
        step = self.stop - self.start if self.before is None else max_rows - self.before
        if step < 1 or (self.before is None and step > max_rows):
            raise NotWatched(
                f"{self.stop - self.start} bars, and {self.before or 0} before them, are more than the {max_rows} that "
                "the service takes at once: raise LOCKSTEP_MAX_ROWS there"
            )
        for first in range(self.start, self.stop, step):
            yield slice(first - (self.before or 0), min(first + step, self.stop))


@dataclass(frozen=True)
class Forecasts:
    """The answered rows of a file, by column, and their stages by name, of which `features` is one."""

    columns: Columns
    stages: dict[str, list[Any]]


def plan_forecasts(file: FiledBars, start: int, source: Source, lookback_bars: int) -> Plan:
    """Return how the bars from `start` on are forecast: from the file's own bars alone, if they reach back far enough.

    So all prices that a forecast reads are adjusted alike.
    """
    reaches = start >= lookback_bars - 1 and not source.whole_history
    return Plan(start, len(file), lookback_bars - 1 if reaches else None)


def forecast_file(file: FiledBars, plan: Plan, source: Source, levels: Sequence[int]) -> Forecasts:
    """Return the forecasts of the planned bars, with intervals and stages; raise a `LockstepError`."""
    history = "stored" if plan.before is None else "none"
    asked = {"history": history, "trace": "values", "level": list(levels)}
    pieces = []
    for piece in plan.cut(source.max_rows):
        answer = source.ask(FORECAST, {"dataframe_split": file.write_frame(piece), **asked})
        pieces.append(_read_piece(answer, plan.before or 0))
    columns = {name: list(chain.from_iterable(each.columns[name] for each in pieces)) for name in pieces[0].columns}
    stages = {name: list(chain.from_iterable(each.stages[name] for each in pieces)) for name in pieces[0].stages}
    return Forecasts(columns, stages)


def _read_piece(answer: Any, before: int) -> Forecasts:
    """Return the forecasts of an answer without the rows of look-back; raise `UnexpectedAnswer`."""
    try:
        columns, trace = read_columns(answer["forecast"]), dict(answer["trace"])
        n_rows = len(columns["date"])
        if trace.pop("rows") != list(range(before, n_rows)):
            raise UnexpectedAnswer("the answer does not trace every row but those of the look-back")
        return Forecasts({name: cells[before:] for name, cells in columns.items()}, trace)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise UnexpectedAnswer(f"the answer is of another form than the contract's: {error!r}") from error
