"""The checks: each posts bars to a service and compares the answers with the local forecast of the same bars."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from lockstep.data.bars import Bars
from lockstep.parity.bad_input import check_errors
from lockstep.parity.compare import Comparison, Posted, compare_answers, merge_comparisons
from lockstep.parity.identity import check_identity
from lockstep.parity.subject import Subject
from lockstep.parity.wire import check_wire

CHUNK_ROWS = (1, 7, 64, 961)
MAX_CHUNKS = 48
CAUSAL_ROWS = 24
LOOK_BACK_CHANGED = 30
FRESH_ROWS = 12
CONCURRENT_CLIENTS = 8
CONCURRENT_REQUESTS = 48
REPEATS = 8
LARGEST_CHANGE = 0.2


@dataclass(frozen=True)
class Check:
    """Name a check, say what it proves, hold the function that runs it and the count below which it proves nothing."""

    name: str
    proves: str
    run: Callable[[Subject], Comparison]
    floor: int


def check_repeat(subject: Subject) -> Comparison:
    """Post the same rows again and again; all but the request id has to be the same bytes."""
    bars = subject.test_bars.select(slice(-64, None))
    bodies = set()
    for _ in range(REPEATS):
        response = subject.client.post_frame(bars, "stored", "values")
        bodies.add(response.content.replace(response.headers.get("X-Request-Id", "").encode() or b"\0", b""))
    faults = (f"{len(bodies)} different answers to {REPEATS} equal requests",) if len(bodies) > 1 else ()
    return Comparison(REPEATS, faults=faults)


def check_batch(subject: Subject) -> Comparison:
    """Compare all evaluation rows, posted in one request to each of the two routes, with evaluation.csv itself."""
    return _compare_both_routes(subject, subject.test_bars)


def check_chunks(subject: Subject) -> Comparison:
    """Compare evaluation rows, posted in pieces of several sizes; a seeded sample of them where there are many."""
    bars, parts = subject.test_bars, []
    for size in CHUNK_ROWS:
        firsts = range(0, len(bars), size)
        drawn = subject.random().permutation(len(firsts))[: MAX_CHUNKS - 1]
        for place in sorted({len(firsts) - 1, *drawn.tolist()}):
            parts.append(_compare_both_routes(subject, bars.select(slice(firsts[place], firsts[place] + size))))
    return merge_comparisons(parts)


def check_shuffled(subject: Subject) -> Comparison:
    """Compare all evaluation rows, posted in a seeded random order, to both routes."""
    return _compare_both_routes(subject, subject.test_bars.select(subject.random().permutation(len(subject.test_bars))))


def _compare_both_routes(subject: Subject, bars: Bars, changed: bool = False) -> Comparison:
    if not subject.is_default:
        return subject.compare(bars, changed=changed)  # the plain route forecasts the default only
    plain = subject.client.forecast_plain(bars)
    expected = subject.expect(Posted(bars, changed=changed)).predictions
    by_date = compare_answers(expected, plain.dates, plain.y_pred)
    return merge_comparisons([subject.compare(bars, changed=changed), by_date])


def check_stateless(subject: Subject) -> Comparison:
    """Compare all evaluation rows, posted with their look-back and without the stored history."""
    return subject.compare(subject.with_look_back(), history="none")


def check_causal(subject: Subject) -> Comparison:
    """Compare the row at t with every row after it replaced by seeded random bars, for many t."""
    rng, parts = subject.random(), []
    for row in subject.draw_rows(CAUSAL_ROWS):
        bars = subject.test_bars.select(slice(row, None))
        altered = change_bars(bars, rng)
        altered.values[:, 0] = bars.values[:, 0]
        parts.append(subject.compare(altered, only=bars.select(slice(1))))  # whose own window is as it was
    return merge_comparisons(parts)


def check_sensitive(subject: Subject) -> Comparison:
    """Compare all rows, posted with changed prices and volumes, with the local forecast of the very same bars.

    Only rows whose local forecast was changed count: the others cannot tell a service that ignores what is posted.
    """
    rng, parts = subject.random(), []
    single = [subject.test_bars.select(slice(row, row + 1)) for row in subject.draw_rows(CAUSAL_ROWS)]
    for bars in (subject.test_bars, *single):
        changed = change_bars(bars, rng)
        moved = subject.forecast(changed).prediction != subject.forecast(bars).prediction
        parts.append(replace(_compare_both_routes(subject, changed, changed=True), compared=int(moved.sum())))
    for row in subject.draw_rows(CAUSAL_ROWS):
        bars = subject.test_bars.select(slice(max(0, row - LOOK_BACK_CHANGED), row + 1))
        altered = change_bars(bars, rng)
        altered.values[:, -1] = bars.values[:, -1]
        parts.append(replace(subject.compare(altered, changed=True), compared=0))
    alone = change_bars(subject.with_look_back(), rng)
    parts.append(replace(subject.compare(alone, history="none", changed=True), compared=0))
    return merge_comparisons(parts)


def check_fresh(subject: Subject) -> Comparison:
    """Compare bars of the sessions after the stored history, posted alone: what the service is asked every day."""
    stored, calendar = subject.bundle.bars, subject.bundle.calendar
    first = int(calendar.session_numbers(stored.dates[-1:])[0]) + 1
    dates = calendar.session_dates(np.arange(first, min(first + FRESH_ROWS, calendar.n_sessions)))
    rng, parts = subject.random(), []
    for size in (*range(1, len(dates)), len(dates)):
        recent = stored.select(slice(-size, None))
        fresh = Bars(dates[:size], change_bars(recent, rng).values)
        parts.append(_compare_both_routes(subject, fresh, changed=True))
    return merge_comparisons(parts)


def check_concurrent(subject: Subject) -> Comparison:
    """Compare different rows posted by many clients at once."""
    sizes = [1 + 37 * place % 200 for place in range(CONCURRENT_REQUESTS)]
    pieces = [subject.test_bars.select(slice(-size, None)) for size in sizes]
    with ThreadPoolExecutor(CONCURRENT_CLIENTS) as pool:
        return merge_comparisons(list(pool.map(subject.compare, pieces)))


def change_bars(bars: Bars, rng: np.random.Generator) -> Bars:
    """Return bars of the same dates whose prices and volumes are all changed by up to a fifth."""
    values = bars.values * (1.0 + rng.uniform(-LARGEST_CHANGE, LARGEST_CHANGE, bars.values.shape))
    values[1], values[2] = values[:4].max(axis=0), values[:4].min(axis=0)
    return Bars(bars.dates, values)


CHECKS = (
    Check("repeat", "the same request gives the same bytes, but for the request id", check_repeat, REPEATS),
    Check("batch", "all evaluation rows in one request give evaluation.csv", check_batch, 30),
    Check("chunks", f"so do requests of {', '.join(map(str, CHUNK_ROWS))} rows", check_chunks, 30),
    Check("shuffled", "so do the rows in a random order", check_shuffled, 30),
    Check("stateless", "so do the rows with their look-back posted along, without history", check_stateless, 30),
    Check("causal", "bars after a row change nothing in its answer", check_causal, 10),
    Check("sensitive", "changed bars change the answers exactly as they change the local ones", check_sensitive, 10),
    Check("fresh", "bars of the sessions after the stored history are forecast as locally", check_fresh, 10),
    Check("concurrent", f"{CONCURRENT_CLIENTS} clients at once get what one gets", check_concurrent, 30),
    Check("wire", "every form that pandas writes gives the same answers", check_wire, 30),
    Check("errors", "bad input gets its documented status and body, never 500, never 200", check_errors, 10),
    Check("identity", "every answer of the run came from the bundle that was evaluated", check_identity, 1),
)
