"""How the requests of the checks of any kind of model are drawn."""

from dataclasses import replace

import numpy as np

from lockstep.data.bits import same_bits
from lockstep.parity.answers import Reply
from lockstep.parity.asking import Requests
from lockstep.parity.compare import Comparison
from lockstep.parity.constant import is_constant
from lockstep.parity.draws import Draws
from lockstep.parity.judging import ask, send
from lockstep.parity.posted import Posted, Trace
from lockstep.parity.subject import Subject
from lockstep.parity.wish import EVALUATED
from lockstep.predict.forecast import Forecast
from lockstep.predict.stages import PREDICTION, PROBA

REPEATED, REPEATS = 4, 4
N_CHUNKS = 56
CONCURRENT_CLIENTS, N_CONCURRENT = 8, 48
DIGESTS: tuple[Trace, ...] = ("digests",)


def draw_whole(subject: Subject, draws: Draws) -> Posted:
    """Return all evaluation rows in their order: one request for each route."""
    wish = replace(EVALUATED, paths=(_choose_path(subject, draws),), traces=DIGESTS, keeps_order=True)
    return subject.write(subject.tested, draws, wish)


def draw_shuffled(subject: Subject, draws: Draws) -> Posted:
    """Return all evaluation rows in a random order: one request for each route."""
    rows = subject.tested.select(draws.permute(len(subject.tested)))
    return subject.write(rows, draws, replace(EVALUATED, paths=(_choose_path(subject, draws),), traces=DIGESTS))


def _choose_path(subject: Subject, draws: Draws) -> str:
    return subject.paths[draws.origin.number % len(subject.paths)]


def draw_chunk(subject: Subject, draws: Draws) -> Posted:
    """Return some evaluation rows that follow each other."""
    rows = subject.tested
    size = draws.size(min(len(rows), subject.max_rows))
    first = draws.below(len(rows) - size + 1)
    return subject.write(rows.select(slice(first, first + size)), draws, EVALUATED)


def draw_old(subject: Subject, draws: Draws) -> Posted:
    """Return rows that are known on this side, as they are or changed."""
    return subject.write(subject.draw_old(draws), draws)


def count_paths(subject: Subject) -> int:
    """Return how many requests post the whole evaluation: to each route, of a panel that of some series."""
    return len(subject.paths) * subject.n_evaluations


def compare_repeats(subject: Subject, posted: Posted) -> Comparison:
    """Post the same request again and again; all but the request id has to be the same bytes.

    Another server may number its answers, so what it predicts has to be the same.
    """
    replies = [send(subject, posted) for _ in range(REPEATS)]
    if subject.protocol is None or subject.is_ours:
        bodies = set(map(_strip_id, replies))
    else:
        read = subject.protocol.read
        bodies = {repr(read(subject, posted, reply)).encode() for reply in replies}
    faults = (f"{len(bodies)} different answers to {REPEATS} equal requests",) if len(bodies) > 1 else ()
    return Comparison(REPEATS, faults=faults)


def _strip_id(response: Reply) -> bytes:
    return response.content.replace(response.headers.get("X-Request-Id", "").encode() or b"\0", b"")


def compare_moved(subject: Subject, posted: Posted) -> Comparison:
    """Compare the answer to changed rows; only rows whose local answer was changed count.

    The others cannot tell a service that ignores what is posted. A constant model answers all rows alike; of such a
    model those count that any stage changes for.
    """
    found = ask(subject, posted)
    changed, before = (subject.forecast(rows, posted.history) for rows in (posted.rows, posted.before))
    return replace(found, compared=int(find_moved(subject, changed, before).sum()))


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


REPEAT = Requests("repeat", draw_old, REPEATED, compare_repeats)
BATCH = Requests("batch", draw_whole, count_paths)
CHUNKS = Requests("chunks", draw_chunk, N_CHUNKS)
SHUFFLED = Requests("shuffled", draw_shuffled, count_paths)
CONCURRENT = Requests("concurrent", draw_old, N_CONCURRENT, clients=CONCURRENT_CLIENTS)
