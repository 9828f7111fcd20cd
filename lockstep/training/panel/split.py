"""The common cut of a panel: before it all series are learned from, from it on they are tested.

With cuts of their own, series that end early would be tested on days of which other series were learned. Series move
together, so that would leak. With one cut no model has seen a bar after the first test session.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lockstep.bundles.evaluation import MIN_EVALUATION_ROWS
from lockstep.bundles.windows import find_learning_rows
from lockstep.data.bars import Bars
from lockstep.data.panel.sources import BadSeries
from lockstep.errors import TrainingError
from lockstep.training.panel.prices import PanelPrices, describe_unusable
from lockstep.training.recipe import Recipe
from lockstep.training.split import (
    DEFAULT_TEST_ROWS,
    LARGEST_SHARE,
    MIN_LEARNING_ROWS,
    Split,
    advise_test_rows,
    count_beside,
)


@dataclass(frozen=True)
class PanelSplit:
    """The first test session, the split of each series, the series that have none, and what chose the cut, if asked."""

    cut: np.datetime64
    series: Mapping[str, Split]
    bad: tuple[BadSeries, ...]
    reason: str = ""

    @property
    def n_learning(self) -> int:
        """Return the number of learning rows of all series."""
        return sum(split.n_learning for split in self.series.values())

    def without(self, bad: Sequence[BadSeries]) -> "PanelSplit":
        """Return the split in which these series are bad as well."""
        symbols = {each.symbol for each in bad}
        kept = {symbol: each for symbol, each in self.series.items() if symbol not in symbols}
        return replace(self, series=kept, bad=(*self.bad, *bad))


def split_panel(prices: PanelPrices, recipe: Recipe, interval_bars: int = 0) -> PanelSplit:
    """Return the split of a panel by one cut: `recipe.test_rows` sessions before the end of the median series.

    A series that ends later has more test rows, one that ends earlier fewer. Without a number there are 961, or a third
    of the usable rows of the median series if that is less. With intervals, as many bars as one reads, `interval_bars`,
    have to end in the oldest test row. Raises `TrainingError` if no series is left.
    """
    lookback_bars, horizon_bars = recipe.feature_set.features.lookback_bars, recipe.target.horizon_bars
    usable = statistics.median_low([max(len(bars) - lookback_bars + 1, 0) for bars in prices.series.values()])
    n_sessions = recipe.test_rows or min(DEFAULT_TEST_ROWS, usable // LARGEST_SHARE)
    ends = np.array([bars.dates[-1] for bars in prices.series.values()])
    newest = prices.calendar.session_numbers(ends).tolist()
    place = statistics.median_low(newest) - n_sessions + 1
    cut = prices.calendar.session_dates(np.array([max(place, 0)]))[0]
    needs = _Needs(cut, lookback_bars, horizon_bars, interval_bars)
    found = {symbol: _split_series(bars, needs) for symbol, bars in prices.series.items()}
    splits = {symbol: each for symbol, each in found.items() if isinstance(each, Split)}
    bad = tuple(BadSeries(symbol, each) for symbol, each in found.items() if isinstance(each, str))
    if not splits:
        raise TrainingError(f"{describe_unusable(bad)}; {_advise(prices, newest, needs)}")
    is_share = recipe.test_rows is None and n_sessions < DEFAULT_TEST_ROWS
    reason = f"a third of the {usable} usable rows of the median series" if is_share else ""
    return PanelSplit(cut, splits, bad, reason)


@dataclass(frozen=True)
class _Needs:
    """The first test session, and what a series needs around it."""

    cut: np.datetime64
    lookback_bars: int
    horizon_bars: int
    interval_bars: int


def _advise(prices: PanelPrices, newest: Sequence[int], needs: _Needs) -> str:
    """Return which `--test-rows` would do for the longest of the series that end with the median one."""
    median = statistics.median_low(newest)
    longest = max(len(bars) for bars, each in zip(prices.series.values(), newest, strict=True) if each == median)
    beside = max(count_beside(needs.lookback_bars, needs.horizon_bars), needs.interval_bars - 1)
    return advise_test_rows(longest, beside, needs.horizon_bars)


def _split_series(bars: Bars, needs: _Needs) -> Split | str:
    """Return the split of one series, or why it has none."""
    before = int(np.searchsorted(bars.dates, needs.cut))
    tested, fewest = len(bars) - before, needs.horizon_bars + MIN_EVALUATION_ROWS
    if tested < fewest:
        return (
            f"{tested} bar(s) from the cut, {needs.cut}, to its newest of {bars.dates[-1]}; at least {fewest} are "
            "needed: more --test-rows move the cut back"
        )
    learning = find_learning_rows(len(bars), needs.lookback_bars, needs.horizon_bars, tested)
    if (n_learning := max(learning.stop - learning.start, 0)) < MIN_LEARNING_ROWS:
        return (
            f"{before} bar(s) before the cut, {needs.cut}, of which {n_learning} have a look-back of "
            f"{needs.lookback_bars} bars and can be learned from; at least {MIN_LEARNING_ROWS} are needed"
        )
    if before + 1 < needs.interval_bars:
        return (
            f"{before + 1} bar(s) end in its oldest test row, of {needs.cut}, and an interval reads "
            f"{needs.interval_bars}; --interval none needs no more"
        )
    return Split(learning, tested)
