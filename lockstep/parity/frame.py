"""What stands beside the prediction in the frame that `/v1/forecast` answers."""

import numpy as np

from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.parity.answers import Answer

NO_CHANGE = 1.0


def find_frame_faults(calendar: Calendar, bars: Bars, answer: Answer) -> tuple[str, ...]:
    """Return which columns are not what follows from the bars, one for one, and the answer's own predictions."""
    expected: dict[str, list[object]] = {
        "index": list(range(len(bars))),
        "close": bars.close.tolist(),
        "forecast_date": [None if np.isnat(day) else str(day) for day in calendar.next_sessions(bars.dates)],
        "close_pred": [
            None if ratio is None else close * ratio
            for close, ratio in zip(bars.close.tolist(), answer.y_pred, strict=True)
        ],
        "naive": [NO_CHANGE] * len(bars),
    }
    return tuple(
        f"the column {name} of the answered frame is not what follows from the posted bars"
        for name, values in expected.items()
        if answer.columns.get(name) != values
    )
