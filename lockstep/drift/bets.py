"""The bets that are made on the rows since an evaluation, and what their wealth says."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from lockstep.data.bars import Array, Dates
from lockstep.drift.samples import Sample
from lockstep.worth.intervals import is_covered
from lockstep.worth.sequential import Bounds, alarm_at, bet_above, find_alarm, limit_mean

TESTED_LEVEL = 80
"""Of all levels it has the most misses to learn from, but 50, which says little of the tails."""
MORE_MISSES, FEWER_MISSES, LARGER_LOSS = "more misses", "fewer misses", "larger loss"


class Evidence(msgspec.Struct, frozen=True):
    """A bet: the mean of what it is on, in the evaluation and since, its wealth, and the date of its alarm, if any.

    After an alarm, `new` is the mean up to that date. `evidence` is the largest wealth so far; from `alarm_at` on it is
    an alarm.
    """

    name: str
    evaluated: float
    new: float
    evidence: float
    alarm_at: float
    alarm: str | None


@dataclass(frozen=True)
class Bet:
    """A quantity of rows that is bet to have risen above its mean in the evaluation; `dates` are those of `new`.

    `sign` is -1 if the quantity was negated, so that a fall is a rise.
    """

    name: str
    evaluated: Array
    new: Array
    dates: Dates
    bounds: Bounds
    sign: float = 1.0


def run_tests(evaluated: Sample, new: Sample, horizon_bars: int) -> list[Evidence]:
    """Return the tests that the rows allow, which together keep the false-alarm rate; none without rows."""
    bets = [bet for bet in _list_bets(evaluated, new) if bet.evaluated.size and bet.new.size]
    return [_settle(bet, horizon_bars, len(bets)) for bet in bets]


def _list_bets(evaluated: Sample, new: Sample) -> Iterator[Bet]:
    levels = [each.level for each in evaluated.intervals]
    if TESTED_LEVEL in levels:
        missed, missed_new = (_find_misses(each, levels.index(TESTED_LEVEL)) for each in (evaluated, new))
        yield Bet(MORE_MISSES, missed, missed_new, new.dates, Bounds(0.0, 1.0))
        yield Bet(FEWER_MISSES, -missed, -missed_new, new.dates, Bounds(-1.0, 0.0), -1.0)
    moved = new.largest_differences > 0.0
    yield Bet(LARGER_LOSS, _find_losses(evaluated), _find_losses(new), new.dates[moved], Bounds(-1.0, 1.0))


def _find_misses(sample: Sample, place: int) -> Array:
    return np.asarray(~is_covered(sample.y_true, sample.intervals[place]), np.float64)


def _find_losses(sample: Sample) -> Array:
    """Return how much of its step away from the naive forecast each forecast lost, from -1, all gained, to 1."""
    model, naive = sample.losses
    moved = sample.largest_differences > 0.0
    return np.clip((model - naive)[moved] / sample.largest_differences[moved], -1.0, 1.0)


def _settle(bet: Bet, horizon_bars: int, n_tests: int) -> Evidence:
    limit = limit_mean(bet.evaluated, bet.bounds, horizon_bars)
    wealth = bet_above(bet.new, limit, bet.bounds.smallest, horizon_bars)
    alarm = find_alarm(wealth, n_tests)
    settled = bet.new if alarm is None else bet.new[: alarm + 1]
    evaluated, new = (bet.sign * float(np.mean(values)) + 0.0 for values in (bet.evaluated, settled))
    date = None if alarm is None else str(bet.dates[alarm])
    return Evidence(bet.name, evaluated, new, float(wealth[-1]), alarm_at(n_tests), date)
