"""The windows of a panel: from the first to the last bar of all its series, and how many rows they have together."""

from dataclasses import dataclass

import numpy as np
from msgspec import UNSET

from lockstep.bundles.entries import Window
from lockstep.bundles.manifest import MANIFEST_FILE, PanelManifest
from lockstep.bundles.panels.index import PanelIndex
from lockstep.bundles.panels.index_lines import INDEX_FILE
from lockstep.bundles.windows import find_learning_rows
from lockstep.data.calendar import NOT_A_SESSION, Calendar, Numbers
from lockstep.errors import InvalidBundle


@dataclass(frozen=True)
class Windows:
    """What all series together were learned from and tested on."""

    learning: Window
    test: Window


def span_windows(index: PanelIndex, calendar: Calendar, manifest: PanelManifest) -> Windows:
    """Return the windows of a panel; raise `InvalidBundle` for a series beyond the calendar, or with too few bars."""
    first = calendar.session_numbers(index.first)
    last = first + index.bars - 1
    _require(index, (first != NOT_A_SESSION) & (last < calendar.n_sessions), f"is beyond the calendar {calendar.name}")
    lookback_bars, horizon_bars = manifest.feature_set.lookback_bars, manifest.horizon_bars
    learning = find_learning_rows(0, lookback_bars, horizon_bars, 0)  # its stop counts from the end of a series
    oldest, newest = first + learning.start, last + learning.stop - index.test_rows
    _require(index, (index.test_rows > 0) & (newest >= oldest), "has no test rows, or no bar to learn from")
    return Windows(
        _describe(calendar, oldest, newest),
        _describe(calendar, last - index.test_rows + 1, last),
    )


def check_windows(manifest: PanelManifest, index: PanelIndex, calendar: Calendar) -> None:
    """Raise `InvalidBundle` if windows or fitted rows that a manifest states cannot be those of its series."""
    found = span_windows(index, calendar, manifest)
    if (stated := Windows(manifest.learning, manifest.test)) != found:
        raise InvalidBundle(f"{MANIFEST_FILE} states {stated}; the series of {INDEX_FILE} have {found}")
    fitted_rows = manifest.fitted_rows
    if fitted_rows is not UNSET and not 0 < fitted_rows <= found.learning.rows:
        raise InvalidBundle(f"{MANIFEST_FILE} states {fitted_rows} fitted rows, of {found.learning.rows} learning rows")


def _require(index: PanelIndex, holds: "np.ndarray[tuple[int], np.dtype[np.bool_]]", reason: str) -> None:
    if (bad := np.flatnonzero(~holds)).size:
        raise InvalidBundle(f"{INDEX_FILE}: the series {index.symbols[bad[0]]} {reason}")


def _describe(calendar: Calendar, oldest: Numbers, newest: Numbers) -> Window:
    first, last = calendar.session_dates(np.array([oldest.min(), newest.max()]))
    return Window(str(first), str(last), int((newest - oldest + 1).sum()))
