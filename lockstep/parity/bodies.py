"""Bars as frames that a client posts."""

from typing import Any

from lockstep.data.bars import DATE, Bars


def split_frame(bars: Bars) -> dict[str, list[Any]]:
    """Return the bars as a split-oriented frame; written as JSON, its floats come back to the bit."""
    columns = [bars.dates.astype(str).tolist(), *bars.values.tolist()]
    return {"columns": [DATE, *bars.columns], "data": list(zip(*columns, strict=True))}
