"""What is worth knowing of the posted bars of a series, and of the intervals of their forecasts."""

from collections.abc import Callable

import numpy as np
from msgspec import UNSET

from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.bundles.verdicts import WORSE
from lockstep.data.bars import Dates
from lockstep.data.schema import NumberedBars
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import DEFAULT_LEVELS, JUMP_SCALES, Jump, Levels, find_bounds
from lockstep.predict.stages import HALF_WIDTH
from lockstep.scoring.score import Answer

MAX_SEAM_FACTOR = 2.0
"""From one close to the next, of a model without a scale: what is further apart is a split far more often than a
market."""
MAX_LISTED = 3
[OWN_LEVEL] = DEFAULT_LEVELS
"""The level of the interval that a forecast should lie in."""


def warn_of_series(bundle: SeriesBundle, answer: Answer) -> list[str]:
    """Return a line for everything that is worth knowing."""
    posted, forecast, warnings = answer.posted, answer.forecast, []
    if unanswered := len(posted.bars) - forecast.rows.size:
        warnings.append(f"{unanswered} rows are look-back only and have no forecast: the posted bars stand alone")
    if answer.request.history == "stored":
        warnings += warn_of_posted(bundle, posted, answer.levels, answer.place)
    return warnings + warn_of_forecast(bundle, forecast, answer.levels, posted.bars.dates, answer.place)


def warn_of_posted(
    bundle: SeriesBundle, posted: NumberedBars, levels: Levels, place: Callable[[int], int] = int
) -> list[str]:
    """Return what is worth knowing of posted bars beside the stored ones; a scale sees their seam by itself.

    `place` is what a row is called.
    """
    warnings = []
    if replaced := bundle.forecaster.history.count_replaced(posted.bars, posted.sessions):
        warnings.append(f"{replaced} posted bars replace stored bars of the same date that have other values")
    if bundle.forecaster.interval is None or not levels:
        warnings += _warn_of_seam(bundle, posted, place)
    return warnings


def warn_of_forecast(
    bundle: SeriesBundle, forecast: Forecast, levels: Levels, posted: Dates, place: Callable[[int], int] = int
) -> list[str]:
    """Return what is worth knowing of the bars that were read, of the intervals, and of the model.

    `posted` are the dates of the posted bars; `place` is what a row is called.
    """
    warnings = _warn_of_jumps(forecast.oddities.jumps, posted) + _warn_of_intervals(levels, forecast, place)
    entry = bundle.manifest.interval
    if entry is not UNSET and entry.experimental and levels:
        warnings.append(f"intervals {bundle.manifest.horizon_bars} bars ahead are experimental: look at their scores")
    return warnings + _warn_of_verdict(bundle.manifest)


def _warn_of_verdict(manifest: SeriesManifest) -> list[str]:
    if manifest.verdict is UNSET or manifest.verdict.verdict != WORSE:
        return []
    return show_verdict(manifest)[:1]


def _warn_of_seam(bundle: SeriesBundle, posted: NumberedBars, place: Callable[[int], int]) -> list[str]:
    stored_close, oldest = bundle.forecaster.history.close_before(posted.sessions), int(posted.sessions.argmin())
    close = float(posted.bars.close[oldest])
    if stored_close is None or stored_close <= close * MAX_SEAM_FACTOR <= stored_close * MAX_SEAM_FACTOR**2:
        return []
    return [
        f"the close {close} of row {place(oldest)} is more than a factor {MAX_SEAM_FACTOR:g} from {stored_close}, the "
        "stored close before it: are the posted prices adjusted as the stored ones are?"
    ]


def _warn_of_jumps(jumps: tuple[Jump, ...], posted: Dates) -> list[str]:
    """Return a line for each of the newest jumps; between a posted bar and a stored one it is a seam."""
    warnings = []
    for jump in jumps[: -MAX_LISTED - 1 : -1]:
        sides = np.isin([jump.date_before, jump.date], posted).tolist()
        is_seam = sides[0] != sides[1]
        owners = [" (posted)" if is_posted else " (stored)" for is_posted in sides] if is_seam else ["", ""]
        why = "are both adjusted alike?" if is_seam else "a split or dividend that is not adjusted, or news?"
        warnings.append(
            f"the close of {jump.date}, {jump.close}{owners[1]}, is {jump.scales:.1f} scales from that of "
            f"{jump.date_before}, {jump.close_before}{owners[0]}; usual are less than {JUMP_SCALES:g}: {why}"
        )
    if (more := len(jumps) - MAX_LISTED) > 0:
        warnings.append(f"{more} older closes in the look-back are as far from the ones before them")
    return warnings


def _warn_of_intervals(levels: Levels, forecast: Forecast, place: Callable[[int], int]) -> list[str]:
    warnings = []
    if flat := forecast.oddities.n_flat:
        warnings.append(f"{flat} rows have prices that have hardly moved: their intervals have hardly any width")
    if OWN_LEVEL in levels:
        lower, upper = find_bounds(forecast.stages[HALF_WIDTH][:, levels.index(OWN_LEVEL)])
        if outside := np.flatnonzero((forecast.prediction < lower) | (forecast.prediction > upper)).tolist():
            first = place(int(forecast.rows[outside[0]]))
            lie = f"{len(outside)} forecasts lie outside their" if len(outside) > 1 else "1 forecast lies outside its"
            warnings.append(f"{lie} own {OWN_LEVEL} % interval, first that of row {first}")
    return warnings
