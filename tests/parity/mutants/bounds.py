"""Proxies in front of a model with intervals: each spoils the bounds of some answers, or what is said of them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lockstep.doors.answers import LOWER, LOWER_CLOSE, UPPER, UPPER_CLOSE
from tests.parity.mutants.proxies import V1, Change, Proxy, edit, nudge
from tests.parity.mutants.seen import Seen

Row = dict[str, Any]
"""A row of the answered frame by column."""
DIGITS = 12


def change_bounds(change: Callable[[Row, str, Row], Row]) -> Change:
    """Return what updates each answered row; `change` gets the row, a level, and the row before it or itself."""

    def changed(body: dict[str, Any]) -> None:
        frame = body["forecast"]
        levels = [name.removeprefix(LOWER.format("")) for name in frame["columns"] if name.startswith(LOWER.format(""))]
        rows = [dict(zip(frame["columns"], cells, strict=False)) for cells in frame["data"]]
        answered = [row for row in rows if row["y_pred"] is not None]
        updates = [
            [change(row, level, before) for level in levels]
            for before, row in zip([*answered[:1], *answered], answered, strict=False)
        ]
        for row, news in zip(answered, updates, strict=True):
            for new in news:
                row.update(new)
        frame["data"] = [list(row.values()) for row in rows]

    return edit(changed)


def _write(row: Row, level: str, bounds: tuple[float, float]) -> Row:
    """Return the cells of other bounds; the prices follow from them."""
    (lower, upper), close = bounds, row["close"]
    return {
        LOWER.format(level): lower,
        UPPER.format(level): upper,
        LOWER_CLOSE.format(level): close * lower,
        UPPER_CLOSE.format(level): close * upper,
    }


def _read(row: Row, level: str) -> tuple[float, float]:
    return row[LOWER.format(level)], row[UPPER.format(level)]


def _swap(row: Row, level: str, before: Row) -> Row:
    lower, upper = _read(row, level)
    return _write(row, level, (upper, lower))


def _round(row: Row, level: str, before: Row) -> Row:
    lower, upper = _read(row, level)
    return _write(row, level, (round(lower, DIGITS), round(upper, DIGITS)))


def _move_up(row: Row, level: str, before: Row) -> Row:
    lower, upper = np.nextafter(_read(row, level), 2.0).tolist()
    return _write(row, level, (lower, upper))


def _centre(row: Row, level: str, before: Row) -> Row:
    (lower, upper), shift = _read(row, level), row["y_pred"] - 1.0
    return _write(row, level, (lower + shift, upper + shift))


def _take_close_before(row: Row, level: str, before: Row) -> Row:
    return {LOWER_CLOSE.format(level): before["close"] * row[LOWER.format(level)]}


def _claim(**claimed: Any) -> Change:
    """Return what states something else of the intervals, if there are any."""
    return edit(lambda body: body["interval"].update(claimed) if "interval" in body else None)


def _silence(text: str) -> Change:
    return edit(lambda body: body.update(warnings=[line for line in body["warnings"] if text not in line]))


def _asks(levels: Callable[[list[float]], bool]) -> Callable[[Seen], bool]:
    return lambda seen: seen.is_v1 and seen.has("level") and levels(seen.asked["level"])


OFTEN = ("chunks", "wire", "sensitive", "history")
BOUND_PROXIES = (
    Proxy("bounds swapped", ("chunks",), V1, change_bounds(_swap)),
    Proxy("bounds of 12 digits", ("chunks",), V1, change_bounds(_round)),
    Proxy("bounds one ULP higher", ("chunks",), V1, change_bounds(_move_up)),
    Proxy("bounds around the forecast", ("chunks",), V1, change_bounds(_centre)),
    Proxy("bounds of the close before", ("chunks",), V1, change_bounds(_take_close_before)),
    Proxy("an interval of another method", ("chunks",), V1, _claim(method="split-conformal")),
    Proxy("an interval around something else", ("chunks",), V1, _claim(center="y_pred")),
    Proxy("an interval of another look-back", ("chunks",), V1, _claim(lookback_bars=199)),
    Proxy("an interval of other levels", ("chunks",), V1, _claim(level=[90])),
    Proxy("an experimental interval", ("chunks",), V1, _claim(experimental=True)),
    Proxy("no interval told of", ("chunks",), V1, edit(lambda body: body.pop("interval", None))),
    Proxy("no warning of jumps", ("sensitive",), V1, _silence(" scales from that of ")),
    Proxy("no warning of forecasts outside", ("chunks", "sensitive"), V1, _silence(" % interval")),
    Proxy("no level asked", ("chunks",), lambda s: s.is_v1 and not s.has("level"), nudge),
    Proxy("an empty list of levels", OFTEN, _asks(lambda levels: not levels), nudge),
    Proxy("one level", OFTEN, _asks(lambda levels: len(levels) == 1), change_bounds(_move_up)),
    Proxy("several levels", OFTEN, _asks(lambda levels: len(levels) > 1), change_bounds(_move_up)),
    Proxy("the level 1", OFTEN, _asks(lambda levels: 1 in levels), change_bounds(_move_up)),
    Proxy("the level 99", OFTEN, _asks(lambda levels: 99 in levels), change_bounds(_move_up)),
    Proxy("levels that fall", OFTEN, _asks(lambda levels: levels != sorted(levels)), change_bounds(_move_up)),
)
"""In front of the default bundle."""
