"""What is forecast: a named target with its horizon, and whether its function reads beyond that."""

from dataclasses import dataclass

import numpy as np

from lockstep.bundles.entries import RETURN
from lockstep.bundles.targets import BUILT_IN, BuildTargets, Targets, is_known, is_labels
from lockstep.data.bars import Bars
from lockstep.errors import TrainingError

CUTS = 32
"""Where the bars are cut off to see whether a target reads beyond its horizon; it may do so in some rows only."""


@dataclass(frozen=True)
class Target:
    """A named target, its horizon in bars, and the function of bars (oldest first) and horizon that builds it."""

    name: str
    horizon_bars: int
    function: BuildTargets

    def build(self, bars: Bars) -> Targets:
        """Return the targets of all bars; raise `TrainingError` if the function returns anything else."""
        try:
            targets = self.function(bars, self.horizon_bars)
        except Exception as error:  # a user's code may raise anything
            raise TrainingError(f"the target {self.name} raised {type(error).__name__}: {error}") from error
        is_array = isinstance(targets, np.ndarray)
        if not is_array or targets.shape != (len(bars),) or not (targets.dtype == np.float64 or is_labels(targets)):
            shown = f"{targets.dtype} {targets.shape}" if is_array else f"a {type(targets).__name__}"
            raise TrainingError(
                f"the target {self.name} returned {shown}; expected an array ({len(bars)},): float64 with NaN where it "
                "is not known yet, or text with an empty label there"
            )
        return targets

    def build_learning(self, bars: Bars, rows: slice) -> Targets:
        """Return the targets of `rows`, all known, from no bar later than `horizon_bars` after the newest of them.

        Raises `TrainingError` if the function reads other bars than its horizon says.
        """
        targets = self.build(bars)
        self._check_horizon(bars, targets, rows.start)
        for stop in np.linspace(rows.start + 1, rows.stop, CUTS, dtype=np.intp):
            early = self.build(bars.select(slice(stop + self.horizon_bars)))[rows.start : stop]
            self._check_cut(bars, early, targets, rows.start)
        return early

    def _check_cut(self, bars: Bars, early: Targets, targets: Targets, first: int) -> None:
        """Raise `TrainingError` if a target of the rows from `first` on changes with bars beyond its horizon."""
        changed = first + np.flatnonzero(early != targets[first : first + early.size])
        if changed.size:
            row = changed[0]
            raise TrainingError(
                f"the target {self.name} of {bars.dates[row]} is {early[row - first]} from the {self.horizon_bars} "
                f"bars after it, but {targets[row]} with later bars: it reads beyond its horizon; pass a larger one"
            )

    def _check_horizon(self, bars: Bars, targets: Targets, first: int) -> None:
        """Raise `TrainingError` unless exactly the newest `horizon_bars` targets are unknown, from row `first` on."""
        known = is_known(targets)
        expected = np.arange(len(bars)) < len(bars) - self.horizon_bars
        wrong = np.flatnonzero((known != expected)[first:])
        if wrong.size:
            row = first + wrong[0]
            shown, newest = "known" if known[row] else "not known", f"the newest {self.horizon_bars} targets"
            raise TrainingError(
                f"the target {self.name} of {bars.dates[row]} is {shown}; with a horizon of {self.horizon_bars} bars, "
                f"{newest} are not known yet and all others are"
            )


NEXT_RETURN = Target(RETURN, 1, BUILT_IN[RETURN])
