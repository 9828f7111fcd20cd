"""What a model's evaluation says, as its own backtest answers it: the test rows, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from lockstep.data.bars import Array, Dates
from lockstep.doors.answers import LOWER
from lockstep.drift.outcomes import BuildOutcome, find_target
from lockstep.drift.samples import Columns, Sample, read_sample
from lockstep.drift.sources import Source
from lockstep.parity.answers import UnexpectedAnswer, read_columns
from lockstep.parity.local import BACKTEST
from lockstep.predict.intervals import DEFAULT_LEVELS, EVALUATED_LEVELS


@dataclass(frozen=True)
class Evaluated:
    """The test rows of a model, oldest first, by column, and the `model` as answers describe it.

    `sample` are those whose outcome was known at the evaluation, and `levels` those of its intervals. `build_outcome`
    is None if only training knows what comes true.
    """

    columns: Columns
    model: dict[str, Any]
    levels: tuple[int, ...]
    sample: Sample
    build_outcome: BuildOutcome | None

    @property
    def dates(self) -> Dates:
        """Return the dates of the rows, (n,)."""
        return np.array(self.columns["date"], "datetime64[D]")

    @property
    def close(self) -> Array:
        """Return the stored closes of the rows, (n,)."""
        return np.array(self.columns["close"])

    @property
    def horizon_bars(self) -> int:
        """Return how many of the newest rows had no outcome yet."""
        return len(self.columns["date"]) - len(self.sample)


def ask_evaluated(source: Source) -> Evaluated:
    """Return the evaluation of a model; raise a `LockstepError`, of which `UnexpectedAnswer` for another form."""
    try:
        newest = source.ask(BACKTEST, {"n_windows": 1})
        levels = EVALUATED_LEVELS if LOWER.format(*DEFAULT_LEVELS) in newest["backtest"]["columns"] else ()
        pages = list(_ask_pages(source, levels))
        columns = {name: list(chain.from_iterable(page[name] for page in pages)) for name in pages[0]}
        sample = read_sample(columns, columns["y"], levels)
        return Evaluated(columns, newest["model"], levels, sample, find_target(columns, columns["y"]))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"the answer is of another form than the contract's: {error!r}") from error


def _ask_pages(source: Source, levels: tuple[int, ...]) -> Iterator[Columns]:
    """Yield the test rows, which are those that a backtest answers if none are named."""
    body: dict[str, Any] = {"level": list(levels)}
    while True:
        page = source.ask(BACKTEST, body)
        yield read_columns(page["backtest"])
        if page["next"] is None:
            return
        body["next"] = page["next"]
