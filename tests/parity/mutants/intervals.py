"""Wrong intervals: each gets one thing of the real one wrong; the forecast inside it stays right."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Bars
from lockstep.features.formulas import true_ranges
from lockstep.features.windows import lag_windows
from lockstep.predict.forecast import Forecaster
from lockstep.predict.intervals import DEFAULT_LEVELS, UNMEASURED, Levels, Measured, RollingInterval
from lockstep.predict.scales import DECAYS, SMALLEST_SCALE, measure_scales
from lockstep.predict.stages import HALF_WIDTH, SCALE
from tests.parity.mutants.forecasters import Mutant

Places = NDArray[np.intp]
DIVIDEND, QUARTER_DAYS = 0.995, 91
"""A share of the price, paid four times a year: raw prices step by it, adjusted ones do not."""


def with_interval(kind: type[RollingInterval]) -> Callable[[Forecaster], Forecaster]:
    """Return what gives a forecaster another interval of the same horizon and look-back."""

    def mutate(original: Forecaster) -> Forecaster:
        mutant, interval = Mutant(original), original.interval
        assert interval is not None
        mutant.interval = kind(interval.horizon_bars, interval.scale_values, interval.windows)
        return mutant

    return mutate


class SeesOneBarAhead(RollingInterval):
    """Calibrate on the outcome of the forecast itself, as far as there is one."""

    def _find_quantiles(self, scores: Array, places: Places, levels: Levels) -> Array:
        last = self.lookback_bars - 1 + scores.size - self.windows
        return super()._find_quantiles(scores, np.minimum(places + self.horizon_bars, last), levels)


class TakesWholeHistory(RollingInterval):
    """Sort all the scores that there are before a row."""

    def _find_quantiles(self, scores: Array, places: Places, levels: Levels) -> Array:
        ends = places - self.scale_values - self.horizon_bars + 1
        return np.array([np.quantile(scores[:end], np.array(levels) / 100) for end in ends.tolist()])


class LeavesOutPlusOne(RollingInterval):
    """Take the plain share of the scores, as if tomorrow's were among them."""

    def _find_quantiles(self, scores: Array, places: Places, levels: Levels) -> Array:
        windows = np.sort(lag_windows(scores, self.windows).T[places - self.lookback_bars + 1], axis=1)
        return np.stack([windows[:, max(self.windows * level // 100 - 1, 0)] for level in levels], axis=1)


class OtherWidths(RollingInterval):
    """Change the half widths alone."""

    def change(self, widths: Array) -> Array:
        raise NotImplementedError

    def measure(self, bars: Bars, places: Places, levels: Levels) -> Measured:
        measured = super().measure(bars, places, levels)
        stages = {**measured.stages, HALF_WIDTH: self.change(measured.stages[HALF_WIDTH])}
        return Measured(stages, measured.oddities)


class CrossesLevels(OtherWidths):
    """Give the last level the width of the first, and the reverse."""

    def change(self, widths: Array) -> Array:
        return np.ascontiguousarray(widths[:, ::-1])


class HasConstantWidth(OtherWidths):
    """Answer all rows of a request with one width, as split conformal prediction does."""

    def change(self, widths: Array) -> Array:
        return np.tile(np.median(widths, axis=0), (len(widths), 1))


class RoundsToFloat32(OtherWidths):
    """Keep half widths in single precision."""

    def change(self, widths: Array) -> Array:
        return widths.astype(np.float32).astype(np.float64)


class IsStale(RollingInterval):
    """Answer with the half width of the bar before, where there is one."""

    def measure(self, bars: Bars, places: Places, levels: Levels) -> Measured:
        measured = super().measure(bars, places, levels)
        before = super().measure(bars, np.maximum(places - 1, self.lookback_bars - 1), levels)
        return Measured({**measured.stages, HALF_WIDTH: before.stages[HALF_WIDTH]}, measured.oddities)


class IgnoresLevels(RollingInterval):
    """Answer every level with the width of the default one."""

    def measure(self, bars: Bars, places: Places, levels: Levels) -> Measured:
        return super().measure(bars, places, DEFAULT_LEVELS * len(levels))


class SeesNoOddities(RollingInterval):
    """Notice neither jumps nor flat prices."""

    def measure(self, bars: Bars, places: Places, levels: Levels) -> Measured:
        return Measured(super().measure(bars, places, levels).stages, UNMEASURED.oddities)


class OtherScale(RollingInterval):
    """Measure scales in a way of its own; the scores are of these scales."""

    def find_scales(self, bars: Bars) -> Array:
        raise NotImplementedError

    def measure(self, bars: Bars, places: Places, levels: Levels) -> Measured:
        scales = np.maximum(self.find_scales(bars), SMALLEST_SCALE)
        ours = scales[places - self.scale_values]
        widths = self._find_quantiles(self._score(bars, scales), places, levels) * ours[:, np.newaxis]
        return Measured({SCALE: ours, HALF_WIDTH: widths}, super().measure(bars, places, levels).oddities)

    def find_ranges(self, bars: Bars) -> Array:
        high, low = bars.high[1:], bars.low[1:]
        return true_ranges(high, low, bars.close[:-1]) * 2.0 / (high + low)


class ReadsRawPrices(OtherScale):
    """Measure scales of prices from which no dividend is taken."""

    def find_scales(self, bars: Bars) -> Array:
        values = bars.values.copy()
        values[:4] /= DIVIDEND ** (bars.dates.astype(np.int64) // QUARTER_DAYS - 180)
        return measure_scales(Bars(bars.dates, values), self.scale_values)


class TakesPlainMean(OtherScale):
    """Weigh all ranges alike."""

    def find_scales(self, bars: Bars) -> Array:
        return np.asarray(lag_windows(self.find_ranges(bars), self.scale_values).mean(axis=0))


class RunsOn(OtherScale):
    """Carry the exponential means on from the first bar that it has."""

    def find_scales(self, bars: Bars) -> Array:
        ranges = self.find_ranges(bars)
        scales = np.zeros(ranges.size)
        for decay in DECAYS:
            running = [ranges[0]]
            for value in ranges[1:].tolist():
                running.append(decay * running[-1] + (1.0 - decay) * value)
            scales = scales + 0.5 * np.array(running)
        return scales[self.scale_values - 1 :]


class SumsInAnotherOrder(OtherScale):
    """Sum the weighted ranges of a window from the oldest on."""

    def find_scales(self, bars: Bars) -> Array:
        windows, newest = lag_windows(self.find_ranges(bars), self.scale_values), self.scale_values - 1
        scales = np.zeros(windows.shape[1])
        for decay in DECAYS:
            total = np.zeros(windows.shape[1])
            for lag, values in enumerate(windows):
                total = total + values * decay ** (newest - lag)
            scales = scales + 0.5 * total * ((1.0 - decay) / (1.0 - decay**self.scale_values))
        return scales


class LeavesOutTheOldestRange(OtherScale):
    """Take 63 ranges for 64."""

    def find_scales(self, bars: Bars) -> Array:
        ranges, n = self.find_ranges(bars), self.scale_values
        weights = (decay ** (n - 1) * (1.0 - decay) / (1.0 - decay**n) for decay in DECAYS)
        return measure_scales(bars, n) - 0.5 * sum(weights) * ranges[: 1 - n]


class MeasuresStoredBars(Mutant):
    """Make intervals from the stored bars of the dates that are posted."""

    def measure(self, bars: Bars, places: Places, levels: Levels) -> Measured:
        stored, values = self.history.bars, bars.values.copy()
        known = np.flatnonzero(np.isin(bars.dates, stored.dates))
        values[:, known] = stored.values[:, np.searchsorted(stored.dates, bars.dates[known])]
        return super().measure(Bars(bars.dates, values), places, levels)


@dataclass(frozen=True)
class WrongInterval:
    """What makes a forecaster's intervals wrong, the checks that claim to find it, and the stage that it is seen in."""

    mutate: Callable[[Forecaster], Forecaster]
    killers: frozenset[str]
    stage: str
    name: str


def _swap(kind: type[RollingInterval], stage: str, *killers: str) -> WrongInterval:
    return WrongInterval(with_interval(kind), frozenset(killers), stage, kind.__name__)


WRONG_INTERVALS = (
    _swap(SeesOneBarAhead, HALF_WIDTH, "batch", "chunks", "causal"),
    _swap(TakesWholeHistory, HALF_WIDTH, "batch", "chunks"),
    _swap(LeavesOutPlusOne, HALF_WIDTH, "batch", "chunks", "sensitive"),
    _swap(CrossesLevels, HALF_WIDTH, "chunks", "sensitive"),
    _swap(HasConstantWidth, HALF_WIDTH, "batch", "chunks"),
    _swap(RoundsToFloat32, HALF_WIDTH, "batch", "chunks", "fresh"),
    _swap(IsStale, HALF_WIDTH, "batch", "chunks", "sensitive"),
    _swap(IgnoresLevels, HALF_WIDTH, "chunks", "sensitive"),
    _swap(SeesNoOddities, "", "sensitive"),
    _swap(ReadsRawPrices, SCALE, "batch", "chunks"),
    _swap(TakesPlainMean, SCALE, "batch", "chunks", "sensitive"),
    _swap(RunsOn, SCALE, "batch", "chunks", "stateless"),
    _swap(SumsInAnotherOrder, SCALE, "batch", "chunks"),
    _swap(LeavesOutTheOldestRange, SCALE, "batch", "chunks", "sensitive"),
    WrongInterval(MeasuresStoredBars, frozenset({"sensitive"}), SCALE, "MeasuresStoredBars"),
)
"""In the default bundle; a stage is empty where the answer beside the stages is wrong."""
