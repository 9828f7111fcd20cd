"""The checks of any kind of model: each posts rows and compares the answers with the evaluation."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from lockstep.data.bits import same_bits
from lockstep.parity.compare import Comparison, Posted, merge_comparisons
from lockstep.parity.constant import is_constant
from lockstep.parity.subject import Rows, Subject
from lockstep.predict.forecast import Forecast
from lockstep.predict.stages import PREDICTION, PROBA

CHUNK_ROWS = (1, 7, 64, 961)
MAX_CHUNKS = 48
SINGLE_ROWS = 24
CONCURRENT_CLIENTS = 8
CONCURRENT_REQUESTS = 48
REPEATS = 8
REPEATED_ROWS = 64
LARGEST_PIECE = 200


def check_repeat(subject: Subject) -> Comparison:
    """Post the same rows again and again; all but the request id has to be the same bytes."""
    rows = subject.tested.select(slice(-REPEATED_ROWS, None))
    body, bodies = subject.write_body(Posted(rows), "values"), set()
    for _ in range(REPEATS):
        response = subject.client.send("POST", subject.route, body)
        bodies.add(response.content.replace(response.headers.get("X-Request-Id", "").encode() or b"\0", b""))
    faults = (f"{len(bodies)} different answers to {REPEATS} equal requests",) if len(bodies) > 1 else ()
    return Comparison(REPEATS, faults=faults)


def check_batch(subject: Subject) -> Comparison:
    """Compare all evaluation rows, posted in one request to each route, with evaluation.csv itself."""
    return subject.compare_routes(subject.tested)


def check_chunks(subject: Subject) -> Comparison:
    """Compare evaluation rows, posted in pieces of several sizes; a seeded sample of them if there are many."""
    rows, parts = subject.tested, []
    for size in CHUNK_ROWS:
        firsts = range(0, len(rows), size)
        drawn = subject.random().permutation(len(firsts))[: MAX_CHUNKS - 1]
        for place in sorted({len(firsts) - 1, *drawn.tolist()}):
            parts.append(subject.compare_routes(rows.select(slice(firsts[place], firsts[place] + size))))
    return merge_comparisons(parts)


def check_shuffled(subject: Subject) -> Comparison:
    """Compare all evaluation rows, posted in a seeded random order, to each route."""
    return subject.compare_routes(subject.tested.select(subject.random().permutation(len(subject.tested))))


def check_concurrent(subject: Subject) -> Comparison:
    """Compare different rows posted by many clients at once."""
    sizes = [1 + 37 * place % LARGEST_PIECE for place in range(CONCURRENT_REQUESTS)]
    pieces = [subject.tested.select(slice(-size, None)) for size in sizes]
    with ThreadPoolExecutor(CONCURRENT_CLIENTS) as pool:
        return merge_comparisons(list(pool.map(subject.compare, pieces)))


def check_sensitive(subject: Subject) -> Comparison:
    """Compare all rows, posted with changed values, with the local prediction of the very same rows.

    Only rows whose local answer was changed count: the others cannot tell a service that ignores what is posted. A
    constant model answers all rows alike; of such a model those count that any stage changes for.
    """
    rng, parts = subject.random(), []
    for rows in [subject.tested, *draw_single_rows(subject)]:
        changed = subject.change(rows, rng)
        moved = find_moved(subject, subject.forecast(changed), subject.forecast(rows))
        parts.append(replace(subject.compare_routes(changed, changed=True), compared=int(moved.sum())))
    return merge_comparisons(parts)


def draw_single_rows(subject: Subject) -> list[Rows]:
    """Return some evaluation rows, each alone."""
    return [subject.tested.select(slice(row, row + 1)) for row in subject.draw_rows(SINGLE_ROWS).tolist()]


def find_moved(subject: Subject, changed: Forecast, before: Forecast) -> np.ndarray:
    """Return which rows (n,) have another answer than `before`."""
    stages = tuple(changed.stages) if is_constant(subject.bundle) else (PROBA, PREDICTION)
    moved = np.zeros(len(changed.rows), np.bool_)
    for stage in stages:
        if stage in changed.stages:
            now, was = changed.stages[stage], before.stages[stage]
            differs = ~same_bits(now, was) if now.dtype.kind == "f" else np.asarray(now != was)
            moved |= differs if differs.ndim == 1 else differs.any(axis=1)
    return moved
