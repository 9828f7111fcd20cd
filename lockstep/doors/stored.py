"""Stored bars as a frame that can be posted."""

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import as_series
from lockstep.data.bars import DATE, Bars


def write_newest(bundle: Bundle) -> dict[str, object]:
    """Return the newest stored bar of a series as a frame."""
    return write_frame(as_series(bundle).bars.select(slice(-1, None)))


def write_frame(bars: Bars) -> dict[str, object]:
    """Return bars as a frame that can be posted."""
    rows = zip(bars.dates.astype(str).tolist(), *bars.values.tolist(), strict=True)
    return {"columns": [DATE, *bars.columns], "data": [list(row) for row in rows]}
