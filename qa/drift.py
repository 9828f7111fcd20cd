"""How often the tests of `lockstep drift` raise an alarm without a change, and how soon with one.

`python -m qa.drift` prints it, in some minutes. The numbers are in docs/drift.md. Bars are simulated, their intervals
are the library's own, and forecasts are guesses of the next move: so a model is as evaluated unless something is
changed. Real prices are the repository's and those of bokeh_sampledata, in blocks.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from bokeh_sampledata import stocks

from lockstep.data.bars import Array, Bars
from lockstep.drift.bets import run_tests
from lockstep.drift.samples import Sample
from lockstep.predict.intervals import find_bounds, interval_at
from lockstep.predict.stages import HALF_WIDTH
from lockstep.worth.intervals import Intervals
from qa.intervals.chance import simulate_bars
from qa.intervals.series import read_stock

RUNS, N_EVALUATED, N_NEW = 500, 961, 1000
FEW = 100
"""Rows of a short evaluation."""
STEPS = 8
"""Of the random walk of a day."""
PERSISTENCE, UNREST, MORE_UNREST = 0.98, 0.1, 0.15
"""Of the logarithm of the volatility from day to day: as in stocks at least, and more than in any."""
GUESS = 0.003
"""The standard deviation of a forecast's step away from "no change"."""
LEVEL = 80
STOCKS = ("AAPL", "GOOG", "IBM", "MSFT")

Volatility = Callable[[np.random.Generator, int], Array]
"""From a generator and a number of bars to the relative volatility of each bar."""


@dataclass(frozen=True)
class Setting:
    """What is simulated: the volatility, the horizon, the rows of the evaluation, and what changes after them.

    The moves of new bars are multiplied by `growth`, and each side of the new intervals by `width`. Forecasts guess the
    side of a move right with a chance of 0.5 + `skill` in the evaluation, and of 0.5 after it.
    """

    name: str
    volatility: Volatility
    horizon_bars: int = 1
    n_evaluated: int = N_EVALUATED
    growth: float = 1.0
    width: float = 1.0
    skill: float = 0.0


def stay_calm(_: np.random.Generator, n_bars: int) -> Array:
    """Return the same volatility for all bars."""
    return np.ones(n_bars)


def wander(rng: np.random.Generator, n_bars: int, unrest: float = UNREST) -> Array:
    """Return a volatility that is high for months and low for months."""
    shocks, level, found = unrest * rng.standard_normal(n_bars), 0.0, np.empty(n_bars)
    for place, shock in enumerate(shocks):
        level = PERSISTENCE * level + shock
        found[place] = level
    return np.exp(found)


def storm(rng: np.random.Generator, n_bars: int) -> Array:
    """Return a volatility that changes much more."""
    return wander(rng, n_bars, MORE_UNREST)


SETTINGS = (
    Setting("as evaluated, constant volatility", stay_calm),
    Setting("as evaluated, clustered volatility", wander),
    Setting("as evaluated, strongly clustered volatility", storm),
    Setting("as evaluated, clustered, evaluation of 100 rows", wander, n_evaluated=FEW),
    Setting("as evaluated, clustered, 5 bars ahead", wander, horizon_bars=5),
    Setting("volatility three times as high", wander, growth=3.0),
    Setting("intervals a fifth too narrow", wander, width=0.8),
    Setting("intervals a third too narrow", wander, width=2 / 3),
    Setting("intervals a third too wide", wander, width=4 / 3),
    Setting("60 % of the sides right, then 50 %", wander, skill=0.1),
    Setting("70 % of the sides right, then 50 %", wander, skill=0.2),
)


def forecast(rng: np.random.Generator, bars: Bars, horizon_bars: int, right: Array) -> Sample:
    """Return the intervals of all rows, and guesses whose side is right with the chance `right` (n_bars,)."""
    interval = interval_at(horizon_bars)
    places = np.arange(interval.lookback_bars - 1, len(bars) - horizon_bars)
    lower, upper = find_bounds(interval.measure(bars, places, (LEVEL,)).stages[HALF_WIDTH][:, 0])
    y_true = bars.close[places + horizon_bars] / bars.close[places]
    sides = np.sign(y_true - 1.0) * np.where(rng.random(places.size) < right[places], 1.0, -1.0)
    y_pred = 1.0 + GUESS * np.abs(rng.standard_normal(places.size)) * sides
    return Sample(bars.dates[places + horizon_bars], y_true, y_pred, 1.0, (Intervals(LEVEL, lower, upper),))


def select(sample: Sample, rows: slice, width: float = 1.0) -> Sample:
    """Return some of the rows, their intervals multiplied in width."""
    [held] = sample.intervals
    lower, upper = (1.0 + width * (each[rows] - 1.0) for each in (held.lo, held.hi))
    intervals = (Intervals(LEVEL, lower, upper),)
    return Sample(sample.dates[rows], sample.y_true[rows], sample.y_pred[rows], sample.naive, intervals)


def run_setting(setting: Setting, n_runs: int = RUNS) -> list[int | None]:
    """Return after how many rows each run of a setting raised an alarm; None if it raised none."""
    return [_run_once(setting, np.random.default_rng([seed, 12])) for seed in range(n_runs)]


def _run_once(setting: Setting, rng: np.random.Generator) -> int | None:
    lookback_bars = interval_at(setting.horizon_bars).lookback_bars
    first_new = lookback_bars - 1 + setting.n_evaluated
    n_bars = first_new + N_NEW + setting.horizon_bars
    is_new = np.arange(n_bars) >= first_new
    volatility = setting.volatility(rng, n_bars) * np.where(is_new, setting.growth, 1.0)
    bars = simulate_bars(rng, volatility, STEPS)
    rows = forecast(rng, bars, setting.horizon_bars, 0.5 + np.where(is_new, 0.0, setting.skill))
    evaluated = select(rows, slice(setting.n_evaluated))
    return find_rows_to_alarm(evaluated, select(rows, slice(setting.n_evaluated, None), setting.width), setting)


def find_rows_to_alarm(evaluated: Sample, new: Sample, setting: Setting) -> int | None:
    """Return how many rows came true until the first alarm; None if there is none."""
    alarms = [test.alarm for test in run_tests(evaluated, new, setting.horizon_bars) if test.alarm]
    return int(np.searchsorted(new.dates, np.datetime64(min(alarms)))) + 1 if alarms else None


def cut_blocks(n_evaluated: int, n_new: int) -> Iterator[tuple[Sample, Sample]]:
    """Yield an evaluation and the rows after it from real prices, again and again, `n_new` rows later each time."""
    for seed, name in enumerate(STOCKS):
        bars, rng = read_stock(getattr(stocks, name)), np.random.default_rng(seed)
        rows = forecast(rng, bars, 1, np.full(len(bars), 0.5))
        for start in range(0, len(rows) - n_evaluated - n_new, n_new):
            stop = start + n_evaluated
            yield select(rows, slice(start, stop)), select(rows, slice(stop, stop + n_new))


def main() -> int:
    """Print a line for each setting, and one for real prices."""
    for setting in SETTINGS:
        found = run_setting(setting)
        alarms = [rows for rows in found if rows is not None]
        after = f", half of them within {int(np.median(alarms))} rows" if alarms else ""
        print(f"{setting.name}: {len(alarms)} alarms in {len(found)} runs of {N_NEW} rows{after}", flush=True)
    for n_evaluated, n_new in ((961, 500), (500, 250)):
        blocks = list(cut_blocks(n_evaluated, n_new))
        count = sum(find_rows_to_alarm(*block, SETTINGS[0]) is not None for block in blocks)
        print(f"real prices, {n_new} rows after {n_evaluated}: {count} alarms in {len(blocks)} blocks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
