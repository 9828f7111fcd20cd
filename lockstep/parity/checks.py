"""The checks of each kind of model: what each proves, and how much it has to compare."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lockstep.parity.bad_input import check_errors
from lockstep.parity.bad_rows import check_table_errors
from lockstep.parity.compare import Comparison
from lockstep.parity.identity import check_identity
from lockstep.parity.rows_checks import (
    CHUNK_ROWS,
    CONCURRENT_CLIENTS,
    REPEATS,
    check_batch,
    check_chunks,
    check_concurrent,
    check_repeat,
    check_sensitive,
    check_shuffled,
)
from lockstep.parity.series_checks import check_causal, check_fresh, check_sensitive_bars, check_stateless
from lockstep.parity.table_wire import check_table_wire
from lockstep.parity.wire import check_wire

FEWEST_HELD_OUT = 10
"""A table may be small, and every row of it counts for itself."""
ERRORS = "bad input gets its documented status and body, never 500, never 200"
CHANGED = "changed {} change the answers exactly as they change the local ones"


@dataclass(frozen=True)
class Check:
    """Name a check, say what it proves, hold the function that runs it and the count below which it proves nothing."""

    name: str
    proves: str
    run: Callable[[Any], Comparison]
    floor: int


REPEAT = Check("repeat", "the same request gives the same bytes, but for the request id", check_repeat, REPEATS)
BATCH = Check("batch", "all evaluation rows in one request give evaluation.csv", check_batch, 30)
CHUNKS = Check("chunks", f"so do requests of {', '.join(map(str, CHUNK_ROWS))} rows", check_chunks, 30)
SHUFFLED = Check("shuffled", "so do the rows in a random order", check_shuffled, 30)
CONCURRENT = Check("concurrent", f"{CONCURRENT_CLIENTS} clients at once get what one gets", check_concurrent, 30)
IDENTITY = Check("identity", "every answer of the run came from the bundle that was evaluated", check_identity, 1)
CHECKS = (
    REPEAT,
    BATCH,
    CHUNKS,
    SHUFFLED,
    Check("stateless", "so do the rows with their look-back posted along, without history", check_stateless, 30),
    Check("causal", "bars after a row change nothing in its answer", check_causal, 10),
    Check("sensitive", CHANGED.format("bars"), check_sensitive_bars, 10),
    Check("fresh", "bars of the sessions after the stored history are forecast as locally", check_fresh, 10),
    CONCURRENT,
    Check("wire", "every form that pandas writes gives the same answers", check_wire, 30),
    Check("errors", ERRORS, check_errors, 10),
    IDENTITY,
)
"""The checks of a series."""

TABLE_CHECKS = (
    REPEAT,
    replace(BATCH, floor=FEWEST_HELD_OUT),
    CHUNKS,
    replace(SHUFFLED, floor=FEWEST_HELD_OUT),
    Check("sensitive", CHANGED.format("cells"), check_sensitive, 10),
    CONCURRENT,
    Check("wire", "every form of rows, as pandas and others write it, gives the same answers", check_table_wire, 30),
    Check("errors", ERRORS, check_table_errors, 10),
    IDENTITY,
)
"""The checks of a table."""

CHECKS_OF = {"series": CHECKS, "table": TABLE_CHECKS}
"""The checks of each kind of model."""
