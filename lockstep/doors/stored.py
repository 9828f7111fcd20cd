"""Stored bars and rows as frames that can be posted."""

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.bundles.table import as_table
from lockstep.data.bars import DATE, Bars
from lockstep.data.table import TableRows


def write_newest(bundle: Bundle) -> dict[str, object]:
    """Return the newest stored bar of a series as a frame."""
    return write_frame(as_series(bundle).bars.select(slice(-1, None)))


def write_first(bundle: Bundle) -> dict[str, object]:
    """Return a row of a bundle as a frame: the newest stored bar of a series, the first test row of a table."""
    if isinstance(bundle, SeriesBundle):
        return write_newest(bundle)
    return write_rows(as_table(bundle).held_out.rows.select(slice(1)))


def write_frame(bars: Bars) -> dict[str, object]:
    """Return bars as a frame that can be posted."""
    rows = zip(bars.dates.astype(str).tolist(), *bars.values.tolist(), strict=True)
    return {"columns": [DATE, *bars.columns], "data": [list(row) for row in rows]}


def write_rows(rows: TableRows) -> dict[str, object]:
    """Return rows of a table as a frame that can be posted; a missing cell is null."""
    columns = zip(rows.schema.columns, rows.columns, strict=True)
    written = [column.write(values) for column, values in columns]
    return {"columns": rows.schema.names, "data": [list(row) for row in zip(*written, strict=True)]}
