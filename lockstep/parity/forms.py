"""Bars as clients write them: dates, numbers, columns and order in every form of the contract."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lockstep.data.bars import DATE, VALUE_COLUMNS, Adjusts, Bars, widen_ranges
from lockstep.parity.draws import Draws
from lockstep.parity.spelling import CUT, EXACT, Layout, Spell
from lockstep.parity.wish import Wish

PRICES, CLOSE = 4, 3
MS_PER_DAY = 86_400_000
SMALLEST_CUT = 1e-3
"""Prices below are not cut: too little would be left of them."""
DATES = ("iso", "midnight", "zulu", "epoch")
FACTORS = (2.0, 1.37)
"""Raw prices as multiples of adjusted ones: one that is exact, and one that is not."""
SPELLED: tuple[Callable[[str], str], ...] = (str, str.title, str.upper, " {} ".format)


@dataclass(frozen=True)
class Form:
    """How bars are written: their dates and where they stand, their numbers, and an adjusted close beside them."""

    dates: str
    is_index: bool
    spell: Spell
    factor: float | None


def draw_form(draws: Draws, bars: Bars, wish: Wish) -> Form:
    """Return a form of those that the wish leaves."""
    can_cut = not wish.is_exact and bars.values[:PRICES].min() >= SMALLEST_CUT
    spells = (*EXACT, *CUT) if can_cut else EXACT
    spell = wish.spell if wish.spell in spells else draws.choose(spells)
    factor = draws.choose(FACTORS[:1] if wish.is_exact else FACTORS) if draws.chance(4) else None
    return Form(wish.dates or draws.choose(DATES), draws.chance(3), spell, factor)


def write_bars(bars: Bars, form: Form, layout: Layout, adjusts: Adjusts) -> dict[str, str]:
    """Return the members of a split-oriented frame, each as JSON text."""
    draws = layout.draws
    spell_name = draws.choose(SPELLED)
    columns = spell_columns(bars, form, adjusts)
    dates = columns.pop(DATE)
    members = {}
    if form.is_index:
        members["index"] = layout.write_list(dates)
    else:
        columns = {DATE: dates, **columns}
        if draws.chance(2):
            members["index"] = layout.write_list(list(map(str, range(len(bars)))))
    names = draws.shuffle(list(columns)) if draws.chance(2) else list(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    members["columns"] = layout.write_list([layout.write_text(spell_name(name)) for name in names])
    members["data"] = layout.write_list([layout.write_list(row) for row in rows])
    return members


def spell_columns(bars: Bars, form: Form, adjusts: Adjusts) -> dict[str, list[str]]:
    """Return the cells of each column as JSON text, the dates first."""
    numbers = {name: list(map(form.spell, cells)) for name, cells in _list_cells(bars, form, adjusts).items()}
    return {DATE: _write_dates(bars, form.dates), **numbers}


def _list_cells(bars: Bars, form: Form, adjusts: Adjusts) -> dict[str, list[float]]:
    """Return the numbers of each column; beside an adjusted close stands the raw one."""
    values, beside = bars.values, {}
    if form.factor is not None:
        values, beside = values.copy(), {"adj close": bars.close.tolist()}
        if adjusts == "prices":
            values[:PRICES] *= form.factor
        else:
            values[CLOSE] = np.clip(bars.close, bars.low, bars.high)
    return {**dict(zip(bars.columns, values.tolist(), strict=True)), **beside}


def _write_dates(bars: Bars, dates: str) -> list[str]:
    if dates == "epoch":
        return [str(day * MS_PER_DAY) for day in bars.dates.astype(np.int64).tolist()]
    time = {"iso": "", "midnight": "T00:00:00.000", "zulu": "T00:00:00.000Z"}[dates]
    return [f'"{day}{time}"' for day in bars.dates.astype(str).tolist()]


def read_bars(frame: dict[str, Any], adjusts: Adjusts) -> Bars:
    """Return the bars of a frame that the standard library has read, in its order: another way than the service's."""
    names = [name.strip().lower().replace(" ", "_") for name in frame["columns"]]
    columns = dict(zip(names, zip(*frame["data"], strict=True), strict=True))
    dates = [_read_date(cell) for cell in (columns[DATE] if DATE in columns else frame["index"])]
    values = np.array([columns[name] for name in VALUE_COLUMNS if name in columns], dtype=np.float64)
    if "adj_close" in columns:
        adjusted = np.array(columns["adj_close"], dtype=np.float64)
        if adjusts == "prices":
            values[:PRICES] *= adjusted / values[CLOSE]
        values[CLOSE] = adjusted
    widen_ranges(values, adjusts)
    return Bars(np.array(dates, "datetime64[D]"), values)


def _read_date(cell: Any) -> np.datetime64:
    return np.datetime64(cell[:10], "D") if isinstance(cell, str) else np.datetime64(cell // MS_PER_DAY, "D")
