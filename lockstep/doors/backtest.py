"""`POST /v1/backtest`: which cutoffs in, a frame of forecasts, outcomes and scores out."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from lockstep.bundles.bundle import Bundle
from lockstep.doors.backtested import BacktestReport, describe_backtest
from lockstep.doors.body import AskedLevels, read_levels, refuse_repeated_members
from lockstep.doors.door import KEY, Door, Encoded, Received, Route
from lockstep.doors.forms import BodyForm, describe_forms
from lockstep.doors.frame import JSON_CELLS, Frame, decode_body
from lockstep.doors.series_body import FRAMES, SeriesBody
from lockstep.scoring.backtest import BacktestAnswer, BacktestRequest, backtest
from lockstep.scoring.cutoffs import Windows
from lockstep.scoring.kinds import CHOICE, LIMITED, SCORING, WITH_KEY
from lockstep.scoring.score import SERIES

EXAMPLE_WINDOWS = 3
EXPECTED = "a JSON object that says which cutoffs; {} for all test rows"
Count = Annotated[float, Meta(ge=1, le=2**31 - 1, multiple_of=1, extra_json_schema={"type": "integer"})]
"""A whole number as JSON Schema has it: 3.0 is one as well, which an `int` would refuse."""
NO_FRAME = Frame([], [])


class BacktestBody(SeriesBody):
    """The body: which cutoffs to forecast from, and maybe a frame of bars that replace or extend the stored ones.

    The cutoffs are the bars from `first` to `last`, or the newest `n_windows` up to `last`, every `step_size` bars. By
    default they run from the first test row to the newest bar. `h` has to be the model's horizon; `level` lists the
    intervals to answer, in percent, as `POST /v1/forecast` has it. `max_rows` is how many rows a page may have; `next`
    asks for the page that begins with that cutoff, which the page before has named.
    """

    first: date | None = None
    last: date | None = None
    n_windows: Count | None = None
    step_size: Count = 1
    h: Count | None = None
    level: AskedLevels | None = None
    max_rows: Count | None = None
    next: date | None = None


BODY = Annotated[BacktestBody, describe_forms(BodyForm(()), *FRAMES)]
_DECODER = msgspec.json.Decoder(BacktestBody)


def decode(received: Received) -> BacktestRequest:
    """Return the request; raise `RequestError`."""
    asked = decode_body(received, _DECODER, EXPECTED)
    refuse_repeated_members(received.body, asked.n_members)
    return BacktestRequest(
        asked.frame if asked.has_frame else NO_FRAME,
        JSON_CELLS,
        received.max_rows,
        *(asked.model, asked.version, asked.symbol),
        has_bars=asked.has_frame,
        windows=Windows(asked.first, asked.last, _whole(asked.n_windows), int(asked.step_size), asked.next),
        h=_whole(asked.h),
        levels=read_levels(asked.level),
        page_rows=_whole(asked.max_rows),
    )


def _whole(count: float | None) -> int | None:
    return None if count is None else int(count)


def encode(answer: BacktestAnswer, request_id: str) -> Encoded:
    """Return the answer."""
    return Encoded(msgspec.json.encode(describe_backtest(answer, request_id)))


def write_example(_: Bundle) -> dict[str, object]:
    """Return the body that asks for the newest cutoffs."""
    return {"n_windows": EXAMPLE_WINDOWS}


ROUTE = Route(
    "POST",
    "/v1/backtest",
    "backtest",
    "Forecast again from stored bars, beside what came true, with scores; a frame may replace or extend the bars",
    answer=BacktestReport,
    body=BODY,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING, CHOICE),
)
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_example, SERIES, score=backtest, title="Backtests")
