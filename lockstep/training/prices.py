"""A price file with the calendar that its dates follow: what training starts from."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lockstep.bundles.entries import Source
from lockstep.data.bars import DATE, PRICE_COLUMNS, VOLUME, Bars, Dates
from lockstep.data.calendar import (
    DEFAULT_EXCHANGE,
    FROM_FILE,
    NOT_A_SESSION,
    Calendar,
    choose_calendar,
    exchange_calendar,
)
from lockstep.data.price_files.cells import PriceCells
from lockstep.data.price_files.form import UNTOLD
from lockstep.data.price_files.reading import PriceFile, read_price_file
from lockstep.data.schema import KNOWN, BarsSchema, normalise_column
from lockstep.data.texts import check_text
from lockstep.errors import MAX_LISTED, InvalidInput, TrainingError, UnknownCalendar
from lockstep.features.feature_set import FeatureSet
from lockstep.training.holes import refuse_holes

WITHOUT_VOLUME = "prices"
"""The application's feature set that reads no volume."""
WITHOUT_VOLUME_ADVICE = f"features without it: --features {WITHOUT_VOLUME}"
NO_VOLUME = {"0", "0.0", "", "None", "nan", "NaN", "null"}
"""The cells of a volume that is not known, as for currencies and indices."""


@dataclass(frozen=True)
class Prices:
    """Bars of consecutive sessions of `calendar`, oldest first, and the file they are from."""

    bars: Bars
    calendar: Calendar
    source: Source


def load_prices(path: Path, calendar_name: str | None, features: FeatureSet) -> Prices:
    """Return the prices in a file; see `take_prices`. Raises OSError as well."""
    return take_prices(read_price_file(path, UNTOLD), calendar_name, features)


def take_prices(file: PriceFile, calendar_name: str | None, features: FeatureSet) -> Prices:
    """Return the prices of a file, without a gap by the named calendar; see `choose_calendar`.

    What is read, and what an adjusted close adjusts, is as `features` say.

    Raises `InvalidBundle` for a name that a manifest must not hold, `InvalidInput` for bad cells and for dates that
    are no sessions, `TrainingError` for missing sessions, or for more than are taken for closed days.
    """
    check_text("the name of the file", file.name)
    reads = (features.adjusts, features.reads_volume)
    try:
        dates = file.cells.read(BarsSchema(None, *reads)).dates
    except InvalidInput as error:
        raise _name_prices(error, file.cells) from None
    calendar = choose_checked(calendar_name, dates, file.name)
    bars = file.cells.read(BarsSchema(calendar, *reads))
    refuse_gaps(bars.dates, calendar, file.name)
    return Prices(bars, calendar, Source(file.name, file.sha256))


def find_volume_fault(cells: PriceCells) -> str:
    """Return why cells hold no volume, empty if they do: no column, or nothing in it but zeros and missing cells.

    Without that column, it is also empty if others are missing or unknown: the volume may be one of these.
    """
    volume = cells.find(VOLUME)
    if volume is None:
        names = set(map(normalise_column, cells.names))
        return "the prices have no volume" if {DATE, *PRICE_COLUMNS} <= names <= set(KNOWN) else ""
    return "" if set(map(str, volume)) - NO_VOLUME else "the volume of every bar is 0 or missing"


def choose_checked(name: str | None, dates: Dates, file: str) -> Calendar:
    """Return the calendar of a file's dates, oldest first; see `choose_calendar`.

    Raises `UnknownCalendar`, and if none is named, `TrainingError` for dates with too many holes; see `refuse_holes`.
    """
    calendar = choose_calendar(name, dates)
    if name is None:
        refuse_holes(calendar, dates, file)
    return calendar


def refuse_gaps(dates: Dates, calendar: Calendar, name: str) -> None:
    """Raise `TrainingError` if sessions between the first date and the last have no bar; `name` is that of the file."""
    if missing := missing_sessions(dates, calendar):
        raise TrainingError(
            f"{name} has no bar for {len(missing)} session(s) of {calendar.name}: {_list_sessions(missing)}; add them, "
            "or pass --calendar file to take the file's own dates for the sessions"
        )


def _name_prices(error: InvalidInput, cells: PriceCells) -> InvalidInput:
    """Return the refusal, with the feature set that needs no volume if that is all that the file lacks."""
    if not find_volume_fault(cells) or {each.column for each in error.problems} != {VOLUME}:
        return error
    if cells.find(VOLUME) is not None:
        return error.advising(WITHOUT_VOLUME_ADVICE)
    return InvalidInput([replace(each, reason=f"{each.reason}; {WITHOUT_VOLUME_ADVICE}") for each in error.problems])


def missing_sessions(dates: Dates, calendar: Calendar) -> list[str]:
    """Return the sessions between the first date and the last that are not among the dates, ISO, oldest first."""
    numbers = calendar.session_numbers(dates)
    absent = np.setdiff1d(np.arange(numbers[0], numbers[-1] + 1), numbers)
    return [str(date) for date in calendar.session_dates(absent)]


def _list_sessions(sessions: list[str]) -> str:
    more = f" and {len(sessions) - MAX_LISTED} more" if len(sessions) > MAX_LISTED else ""
    return f"{', '.join(sessions[:MAX_LISTED])}{more}"


def _compare_with_exchange(dates: Dates) -> str:
    own = "file, its own dates and after them every day of the week that it has"
    try:
        exchange = exchange_calendar(DEFAULT_EXCHANGE, dates[0], dates[-1])
    except UnknownCalendar:
        return own
    stray = dates[exchange.session_numbers(dates) == NOT_A_SESSION]
    absent = np.setdiff1d(exchange.session_dates(np.arange(exchange.n_sessions)), dates)
    against = [
        f"{found.size} {what} {DEFAULT_EXCHANGE}{rest}, first {found[0]}"
        for found, what, rest in ((stray, "dates are no sessions of", ""), (absent, "sessions of", " have no bar"))
        if found.size
    ]
    return f"{own} ({'; '.join(against)})" if against else own


def describe_calendar(prices: Prices) -> str:
    """Return what training took for the calendar, and what to make of it where that is not an exchange's own."""
    name = prices.calendar.name
    if name == FROM_FILE:
        return _compare_with_exchange(prices.bars.dates)
    if name.startswith(f"{DEFAULT_EXCHANGE} without"):
        dates = prices.bars.dates
        exchange = exchange_calendar(DEFAULT_EXCHANGE, dates[0], dates[-1])
        listed = _list_sessions(missing_sessions(dates, exchange))
        hint = f"--calendar {DEFAULT_EXCHANGE} refuses them"
        return f"{name}, taken for closed since the file has no bar: {listed}; {hint}"
    return name
