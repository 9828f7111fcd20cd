"""What came true after some bars: a backtest compares it with their forecasts, which must not see it.

So what forecasts may not import this module; a test of the architecture says who may.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.targets import BUILT_IN, Targets, is_known
from lockstep.data.bars import Bars, Dates

Sample = Literal["learning", "test", "new"]
LEARNING, TEST, NEW = "learning", "test", "new"
SCORED = (TEST, NEW)
"""What a model was not made from."""


@dataclass(frozen=True)
class Outcomes:
    """What came true after some rows, and of which sample they are, each (n,); `known` says which came true already."""

    values: NDArray[Any]
    known: NDArray[np.bool_]
    samples: NDArray[np.str_]

    @property
    def all_before_test(self) -> bool:
        """Return whether every row is of the learning sample."""
        return bool((self.samples == LEARNING).all())

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Return which rows are scored, (n,)."""
        return self.known & np.isin(self.samples, SCORED)

    @property
    def cells(self) -> list[Any]:
        """Return the values, None if they are not known."""
        return [value if known else None for value, known in zip(self.values.tolist(), self.known, strict=True)]


def find_outcomes(bundle: SeriesBundle, bars: Bars, places: NDArray[np.intp]) -> Outcomes:
    """Return what came true after the bars at `places`; `bars` are all that are known, oldest first.

    Of a target that Lockstep does not bring, only the evaluation knows the values, and only for its own bars.
    """
    manifest = bundle.manifest
    samples = find_samples(bundle, bars.dates[places])
    if build := BUILT_IN.get(manifest.target):
        values = build(bars, manifest.horizon_bars)[places]
        return Outcomes(values, is_known(values), samples)
    evaluation = bundle.evaluation
    rows = np.searchsorted(evaluation.dates, bars.dates[places]).clip(max=evaluation.dates.size - 1)
    known = (evaluation.dates[rows] == bars.dates[places]) & evaluation.realised[rows]
    return Outcomes(evaluation.y_true[rows], known & _has_stored(bundle, bars), samples)


def find_samples(bundle: SeriesBundle, dates: Dates) -> NDArray[np.str_]:
    """Return of which sample the bars of some dates are: all before the test window are `LEARNING`."""
    test = bundle.manifest.test
    is_new = dates > np.datetime64(test.last)
    return np.where(is_new, NEW, np.where(dates < np.datetime64(test.first), LEARNING, TEST))


def _has_stored(bundle: SeriesBundle, bars: Bars) -> bool:
    """Return whether the stored bars are among `bars` as they are stored: a target may read any of them."""
    stored = bundle.bars
    first = int(np.searchsorted(bars.dates, stored.dates[0]))
    return np.array_equal(bars.values[:, first : first + len(stored)], stored.values)


def find_learned(bundle: SeriesBundle) -> Targets | None:
    """Return the targets of the learning rows, oldest first; None if Lockstep does not bring the target."""
    manifest = bundle.manifest
    build = BUILT_IN.get(manifest.target)
    if build is None:
        return None
    return build(bundle.bars, manifest.horizon_bars)[bundle.learning_rows]
