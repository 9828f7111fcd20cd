"""What a model forecasts, in sentences: the session to come first, then what to compare it with."""

from collections.abc import Sequence
from datetime import date

from lockstep.bundles.manifest import SeriesManifest
from lockstep.report_card.digits import show_move, show_percent, show_price, show_value
from lockstep.web.console.outlook import Ahead

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""In English, whatever the locale of the process."""


def tell_outlook(manifest: SeriesManifest, ahead: Sequence[Ahead]) -> tuple[str, str]:
    """Return what the newest bar forecasts, in a sentence, and what stands beside it."""
    newest = ahead[-1]
    said, beside = _tell_target(manifest, newest) if newest.price is None else _tell_price(newest, newest.price)
    ends = f"The stored bars end on {name_day(newest.date)}."
    return f"{_name_session(manifest, newest)}: {said}", f"{beside} {ends}"


def name_day(day: str) -> str:
    """Return a date with its weekday: Friday 2013-03-01."""
    return f"{WEEKDAYS[date.fromisoformat(day).weekday()]} {day}"


def _name_session(manifest: SeriesManifest, newest: Ahead) -> str:
    ahead = "Next session" if manifest.horizon_bars == 1 else f"{manifest.horizon_bars} sessions ahead"
    return f"{ahead}, {name_day(newest.session)}" if newest.session else ahead


def _tell_price(newest: Ahead, price: float) -> tuple[str, str]:
    says = f"{show_price(price)} ({show_move(price / newest.close - 1.0)})"
    beside = f"No change would be {show_price(newest.close)}."
    if newest.bound is None:
        return f"{says}.", f"{beside} The model has no interval."
    lo, hi = (show_price(each) for each in (newest.bound.lo, newest.bound.hi))
    return f"{newest.bound.level} % between {lo} and {hi}.", f"{beside} The model says {says}."


def _tell_target(manifest: SeriesManifest, newest: Ahead) -> tuple[str, str]:
    forecast, naive = _show(newest.forecast), _show(newest.naive)
    if manifest.classes:
        chance = "" if newest.probability is None else f", with a probability of {show_percent(newest.probability)}"
        return f"{forecast}{chance}.", f"A forecast that looks at nothing always says {naive}."
    return f"{manifest.target} {forecast}.", f"A forecast that looks at nothing always says {naive}."


def _show(value: float | str) -> str:
    return value if isinstance(value, str) else show_value(value)
