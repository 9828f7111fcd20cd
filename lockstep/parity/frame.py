"""What stands beside the forecast in the frame that `/v1/forecast` answers."""

from lockstep.bundles.entries import RETURN
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.parity.answers import Answer


def find_frame_faults(bundle: SeriesBundle, bars: Bars, answer: Answer) -> tuple[str, ...]:
    """Return which columns are not what follows from the bars, one for one, and the answer's own predictions."""
    manifest, calendar = bundle.manifest, bundle.calendar
    ratios = answer.predictions if manifest.target == RETURN else [None] * len(bars)
    reached = calendar.session_dates(calendar.session_numbers(bars.dates) + manifest.horizon_bars)
    expected: dict[str, list[object]] = {
        "index": list(range(len(bars))),
        "close": bars.close.tolist(),
        "forecast_date": [str(day) if day else None for day in reached.tolist()],
        "close_pred": [
            close * ratio if isinstance(ratio, float) else None
            for close, ratio in zip(bars.close.tolist(), ratios, strict=True)
        ],
        "naive": [manifest.naive] * len(bars),
    }
    return tuple(
        f"the column {name} of the answered frame is not what follows from the posted bars"
        for name, values in expected.items()
        if answer.columns.get(name) != values
    )
