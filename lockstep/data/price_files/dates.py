"""How a price file writes its dates: found out if only one reading is possible, and made ISO 8601."""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lockstep.data.bars import DATE
from lockstep.data.cells import show_cell
from lockstep.data.price_csv import EXPECTED_DATE
from lockstep.data.price_files.cells import PriceCells
from lockstep.data.price_files.form import PriceForm
from lockstep.errors import Problem

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
TIMED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})")
YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
FORMS = (ISO, TIMED, YEAR_FIRST, YEAR_LAST)
LAST_MONTH = 12
OPTION = "--date-format"
OF_TIMES = (
    "if these are daily bars in another time zone, write their own days, in pandas: "
    'prices.tz_convert("America/New_York").tz_localize(None).to_csv(…)'
)


@dataclass(frozen=True)
class Reading:
    """How a cell becomes a date in ISO 8601, None if it is none in this form, and what there is to say of it."""

    read: Callable[[str], str | None]
    said: tuple[str, ...] = ()


def is_like_date(cell: object) -> bool:
    """Return whether a cell is a date of Parquet, or a text in one of the forms that are known."""
    return isinstance(cell, np.datetime64) or any(form.fullmatch(str(cell)) for form in FORMS)


def tidy_dates(cells: PriceCells, form: PriceForm) -> PriceCells:
    """Return the cells with the dates in ISO 8601; one that is not written as the others are is left as it is.

    Raises `InvalidInput` if the dates can be read in two ways, or in none that is known.
    """
    dates = cells.find(DATE)
    if dates is None or (isinstance(dates, np.ndarray) and dates.dtype.kind == "M"):
        return cells
    texts = ["" if cell is None else str(cell) for cell in dates]
    if form.date_format is not None:
        return cells.replacing(DATE, _read_told(cells, texts, form.date_format))
    first = next((text for text in texts if is_like_date(text)), None)
    if first is None:  # also for 20130301: eight digits may be a number as well as a date
        hint = f"say how the dates are written, such as {OPTION} %d.%m.%y"
        raise cells.refuse([Problem(0, DATE, f"{show_cell(texts[0])} is not {EXPECTED_DATE}; {hint}")])
    if ISO.fullmatch(first):
        return cells
    reading = _find_reading(cells, texts, first)
    return cells.replacing(DATE, [reading.read(text) or text for text in texts]).saying(*reading.said)


def _read_told(cells: PriceCells, texts: Sequence[str], date_format: str) -> list[str]:
    read = [_read_by(date_format, text) for text in texts]
    if None in read:
        expected = f"a date in the form {OPTION} {date_format}, without a time of day"
        raise cells.refuse(
            [
                Problem(row, DATE, f"{show_cell(texts[row])} is not {expected}")
                for row, iso in enumerate(read)
                if iso is None
            ]
        )
    return [iso or "" for iso in read]


def _read_by(date_format: str, text: str) -> str | None:
    try:
        found = datetime.datetime.strptime(text.strip(), date_format)
    except ValueError:
        return None
    return found.date().isoformat() if found.time() == datetime.time() else None


def _find_reading(cells: PriceCells, texts: Sequence[str], first: str) -> Reading:
    """Return the only way to read the texts, of which `first` is in a known form."""
    if MIDNIGHT.fullmatch(first):
        return Reading(_cut_midnight, (f"dates have a time of day, midnight, which is left out: {first}",))
    if TIMED.fullmatch(first):
        raise cells.refuse([Problem(texts.index(first), DATE, f"{first!r} is not {EXPECTED_DATE}; {OF_TIMES}")])
    if found := YEAR_FIRST.fullmatch(first):
        return Reading(_read_year_first, (f"dates are yyyy{found[2]}mm{found[2]}dd, such as {first}",))
    return _choose_order(cells, texts)


def _choose_order(cells: PriceCells, texts: Sequence[str]) -> Reading:
    """Return the reading of dates that end in a year, of which a number above 12 says which one is the day."""
    found = {row: each for row, text in enumerate(texts) if (each := YEAR_LAST.fullmatch(text))}
    days_first = [row for row, each in found.items() if int(each[1]) > LAST_MONTH]
    days_second = [row for row, each in found.items() if int(each[3]) > LAST_MONTH]
    mark = next(iter(found.values()))[2]
    month_first, day_first = f"{OPTION} %m{mark}%d{mark}%Y", f"{OPTION} %d{mark}%m{mark}%Y"
    if days_first and days_second:
        other = f"{texts[days_first[0]]!r} has the day first, and {texts[days_second[0]]!r} the month"
        raise cells.refuse([Problem(None, DATE, f"{other}; write all dates in one form")])
    if not days_first and not days_second:
        shown = texts[next(iter(found))]
        raise cells.refuse(
            [
                Problem(
                    None,
                    DATE,
                    f"{shown!r} can be read in two ways, as no day is above 12; pass {month_first} or {day_first}",
                )
            ]
        )
    day, month = (1, 3) if days_first else (3, 1)
    name = f"dd{mark}mm{mark}yyyy" if days_first else f"mm{mark}dd{mark}yyyy"
    said = f"dates are {name}, such as {texts[(days_first or days_second)[0]]}"
    return Reading(lambda text: _write_iso(YEAR_LAST.fullmatch(text), (4, month, day)), (said,))


def _cut_midnight(text: str) -> str | None:
    found = MIDNIGHT.fullmatch(text)
    return found and found[1]


def _read_year_first(text: str) -> str | None:
    return _write_iso(YEAR_FIRST.fullmatch(text), (1, 3, 4))


def _write_iso(found: re.Match[str] | None, places: tuple[int, int, int]) -> str | None:
    """Return the date whose year, month and day are the groups at `places`; one that is none is refused later."""
    if found is None:
        return None
    year, month, day = (found[place] for place in places)
    return f"{year}-{month:0>2}-{day:0>2}"
