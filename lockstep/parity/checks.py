"""The checks of each kind of model: what each proves, and how much it has to compare."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lockstep.parity import backtest_checks, bad_bars, bad_rows, frame_checks, rows_checks, series_checks, table_checks
from lockstep.parity.compare import Comparison
from lockstep.parity.identity import check_identity
from lockstep.parity.panel import FRAMES
from lockstep.parity.rows_checks import CONCURRENT_CLIENTS

BACKTEST = "backtest"
OF_OUR_API = (BACKTEST, FRAMES)
"""The checks of what no other protocol answers."""
FEWEST_TEST_ROWS = 10
"""A table may be small, and every row of it counts for itself."""
REFUSED = "bad input gets its documented status and body, never 500, never 200"
CHANGED = "changed {} change the answers exactly as they change the local ones"


@dataclass(frozen=True)
class Check:
    """Name a check, say what it proves, hold the function that runs it and the count below which it proves nothing."""

    name: str
    proves: str
    run: Callable[[Any], Comparison]
    floor: int


REPEAT = Check("repeat", "the same request gives the same bytes, but for the request id", rows_checks.REPEAT, 8)
BATCH = Check("batch", "all evaluation rows in one request give evaluation.csv", rows_checks.BATCH, 30)
CHUNKS = Check("chunks", "so do requests of some of them, from one row to all", rows_checks.CHUNKS, 30)
SHUFFLED = Check("shuffled", "so do the rows in a random order", rows_checks.SHUFFLED, 30)
CONCURRENT = Check(
    "concurrent", f"{CONCURRENT_CLIENTS} clients at once get what this side answers", rows_checks.CONCURRENT, 30
)
IDENTITY = Check("identity", "every answer of the run came from the bundle that was evaluated", check_identity, 1)
CHECKS = (
    REPEAT,
    BATCH,
    CHUNKS,
    SHUFFLED,
    Check(
        "stateless", "so do the rows with their look-back posted along, without history", series_checks.STATELESS, 30
    ),
    Check("causal", "bars after a row change nothing in its answer", series_checks.CAUSAL, 10),
    Check("sensitive", CHANGED.format("bars"), series_checks.SENSITIVE, 10),
    Check("history", "any stored bars, as they are or changed, are forecast as locally", series_checks.HISTORY, 30),
    Check("fresh", "bars of the sessions after the stored history are forecast as locally", series_checks.FRESH, 10),
    Check(BACKTEST, "backtests answer the rows of /v1/forecast and what came true", backtest_checks.BACKTEST, 30),
    CONCURRENT,
    Check("wire", "every form of dates and numbers gives the same answers", series_checks.WIRE, 30),
    Check("errors", REFUSED, bad_bars.ERRORS, 10),
    IDENTITY,
)
"""The checks of a series."""

TABLE_CHECKS = (
    REPEAT,
    replace(BATCH, floor=FEWEST_TEST_ROWS),
    CHUNKS,
    replace(SHUFFLED, floor=FEWEST_TEST_ROWS),
    Check("sensitive", CHANGED.format("cells"), table_checks.SENSITIVE, 10),
    CONCURRENT,
    Check("wire", "every form of rows, as pandas and others write it, gives the same answers", table_checks.WIRE, 30),
    Check("errors", REFUSED, bad_rows.ERRORS, 10),
    IDENTITY,
)
"""The checks of a table."""

PANEL_CHECKS = (
    *CHECKS[:-1],
    Check(FRAMES, "each row of a frame of many series is answered by its own series", frame_checks.FRAMES_OF_MANY, 30),
    IDENTITY,
)
"""The checks of a panel: each request of those of a series is about one of its series, which is drawn."""

CHECKS_OF = {"series": CHECKS, "table": TABLE_CHECKS, "panel": PANEL_CHECKS}
"""The checks of each kind of model."""
