"""Whether a bundle gets intervals: by what is forecast, how far ahead, and how many bars there are."""

from dataclasses import dataclass
from typing import Literal

from lockstep.bundles.entries import RETURN
from lockstep.data.bars import Adjusts
from lockstep.errors import TrainingError
from lockstep.predict.intervals import MAX_HORIZON_BARS, RollingInterval, interval_at

WantsInterval = Literal["auto", "none", "experimental"]
"""Where they were shown to be worth having; never; at any horizon."""


@dataclass(frozen=True)
class Chosen:
    """The interval of a bundle, or the reason why it has none."""

    interval: RollingInterval | None
    reason: str = ""


@dataclass(frozen=True)
class Needs:
    """What an interval depends on: target, horizon, what is adjusted, and how many bars end in the oldest test row."""

    target: str
    horizon_bars: int
    adjusts: Adjusts
    bars_before: int


def choose_interval(wanted: WantsInterval, needs: Needs) -> Chosen:
    """Return the interval, or why there is none.

    Raises `TrainingError` if an experimental one is asked for and cannot be had.
    """
    if wanted == "none":
        return Chosen(None, "--interval none")
    interval = interval_at(needs.horizon_bars)
    reason = _find_obstacle(interval, needs)
    if reason and wanted == "experimental":
        raise TrainingError(f"--interval experimental: {reason}")
    if not reason and wanted == "auto" and needs.horizon_bars > MAX_HORIZON_BARS:
        reason = (
            f"{needs.horizon_bars} bars ahead it did not cover what it says on every series; up to "
            f"{MAX_HORIZON_BARS} it did. --interval experimental gives it all the same"
        )
    return Chosen(None, reason) if reason else Chosen(interval)


def _find_obstacle(interval: RollingInterval, needs: Needs) -> str:
    if needs.target != RETURN:
        return f"the target is {needs.target}, and only a return has intervals"
    if needs.adjusts != "prices":
        return "the feature set adjusts the close alone, and so ranges and closes do not fit together"
    if needs.bars_before < interval.lookback_bars:
        return f"the oldest test row has {needs.bars_before} bars, and an interval reads {interval.lookback_bars}"
    return ""
