"""Many price series with the one calendar that all of them follow."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lockstep.bundles.entries import Source
from lockstep.data.bars import VOLUME, Bars, Dates
from lockstep.data.calendar import (
    DEFAULT_EXCHANGE,
    FROM_FILE,
    NOT_A_SESSION,
    Calendar,
    choose_calendar,
)
from lockstep.data.panel.finding import digest_panel, find_panel
from lockstep.data.panel.sources import BadSeries, describe_reading, read_panel
from lockstep.data.price_files.form import UNTOLD, PriceForm
from lockstep.data.schema import BarsSchema
from lockstep.data.texts import check_text
from lockstep.errors import MAX_LISTED, TrainingError
from lockstep.features.feature_set import FeatureSet
from lockstep.training.holes import refuse_holes
from lockstep.training.prices import WITHOUT_VOLUME_ADVICE, missing_sessions

OnStep = Callable[[str, int, int], None]
"""Is called with the name of a piece of work, how many of its steps are done, and how many it has."""

Series = Mapping[str, Bars]
"""The bars of each symbol, oldest first, in the order of the symbols."""


@dataclass(frozen=True)
class PanelPrices:
    """Series of consecutive sessions of `calendar`, where they are from, and what was left out, with the reasons.

    `said` is how they are written, if not as in the Yahoo format.
    """

    series: Series
    calendar: Calendar
    source: Source
    bad: tuple[BadSeries, ...]
    said: str = ""


def pass_over(_work: str, _done: int, _steps: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Input:
    """The folder or the file that holds series, and what is known of how they are written."""

    path: Path
    form: PriceForm = UNTOLD


def load_panel_prices(wanted: Input, calendar_name: str | None, features: FeatureSet, on_step: OnStep) -> PanelPrices:
    """Return the series of a folder or a long frame; see `find_panel` and `choose_panel_calendar`.

    Raises `TrainingError` if no series is left, and `InvalidInput` for what is no panel.
    """
    path = wanted.path
    check_text("the name of the input", path.resolve().name)
    panel, series, bad = find_panel(path, wanted.form), dict[str, Bars](), list[BadSeries]()
    n_series = len(panel.sources) + len(panel.bad)
    for done, each in enumerate(read_panel(panel, BarsSchema(None, features.adjusts, features.reads_volume)), 1):
        if isinstance(each, BadSeries):
            bad.append(each)
        else:
            series[each[0]] = each[1]
        on_step("read", done, n_series)
    require_series(series, bad)
    calendar = choose_panel_calendar(calendar_name, series)
    faults = {symbol: find_calendar_fault(bars.dates, calendar) for symbol, bars in series.items()}
    good = {symbol: bars for symbol, bars in series.items() if not faults[symbol]}
    bad += [BadSeries(symbol, fault) for symbol, fault in faults.items() if fault]
    require_series(good, bad)
    source = Source(path.resolve().name, digest_panel(path, panel))
    return PanelPrices(good, calendar, source, tuple(bad), describe_reading(panel))


def require_series(series: Series, bad: Iterable[BadSeries]) -> None:
    """Raise `TrainingError` if all series are bad, with the first of the reasons."""
    listed = list(bad)
    if not series:
        advice = f"; {WITHOUT_VOLUME_ADVICE}" if listed[0].reason.startswith(f"{VOLUME}: the column is missing") else ""
        raise TrainingError(f"{describe_unusable(listed)}{advice}")


def describe_unusable(bad: Sequence[BadSeries]) -> str:
    """Return that all series are bad, with the first of the reasons."""
    return f"no series of {len(bad)} can be used; {bad[0].symbol}: {bad[0].reason}"


def choose_panel_calendar(name: str | None, series: Series) -> Calendar:
    """Return the calendar called `name` for all series; `file` takes the union of their dates.

    None takes `XNYS` if every date of more than half of the series is a session of it, less the few on which none of
    them has a bar. Raises `TrainingError` for dates of which no calendar follows, and for too many such sessions.
    """
    union = _unite(series.values())
    chosen = choose_calendar(name, union)
    if name is not None:
        return chosen
    if chosen.name != FROM_FILE:
        return _refuse_holes(chosen, series.values())
    exchange = choose_calendar(DEFAULT_EXCHANGE, union)
    fitting = [bars for bars in series.values() if (exchange.session_numbers(bars.dates) != NOT_A_SESSION).all()]
    if 2 * len(fitting) > len(series):
        return _refuse_holes(choose_calendar(None, _unite(fitting)), fitting)
    raise TrainingError(
        f"{len(series) - len(fitting)} of {len(series)} series have dates that are no sessions of {DEFAULT_EXCHANGE}; "
        "name the exchange, such as --calendar XLON or --calendar 24/7, or pass --calendar file to take the dates of "
        "all series together for the sessions"
    )


def find_calendar_fault(dates: Dates, calendar: Calendar) -> str:
    """Return why dates are not consecutive sessions of a calendar, empty if they are."""
    stray = dates[calendar.session_numbers(dates) == NOT_A_SESSION].astype(str).tolist()
    if stray:
        return f"{len(stray)} date(s) are no sessions of {calendar.name}: {', '.join(stray[:MAX_LISTED])}"
    if missing := missing_sessions(dates, calendar):
        return f"no bar for {len(missing)} session(s) of {calendar.name}: {', '.join(missing[:MAX_LISTED])}"
    return ""


def _refuse_holes(calendar: Calendar, series: Collection[Bars]) -> Calendar:
    """Return the calendar; raise `TrainingError` if too many sessions have no bar of any series that spans them."""
    refuse_holes(calendar, _unite(series), "the panel", [(bars.dates[0], bars.dates[-1]) for bars in series])
    return calendar


def _unite(series: Iterable[Bars]) -> Dates:
    return np.unique(np.concatenate([bars.dates for bars in series]))
