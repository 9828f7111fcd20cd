"""How the requests of the checks that only a table has are drawn."""

from dataclasses import replace

from lockstep.parity.asking import Requests
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Posted
from lockstep.parity.rows_checks import DIGESTS, compare_moved, draw_old
from lockstep.parity.table import TableSubject
from lockstep.parity.wish import Wish

N_SENSITIVE, N_WIRE = 48, 64


def draw_changed(subject: TableSubject, draws: Draws) -> Posted:
    """Return changed rows: first all of the evaluation, then any number."""
    rows, wish = subject.tested, Wish(keeps_order=True)
    if draws.origin.number:
        rows = subject.repeat(draws.pick(draws.size(subject.max_rows), len(rows)))
    else:
        wish = replace(wish, traces=DIGESTS)
    return subject.write(subject.change(rows, draws), draws, replace(wish, before=rows))


SENSITIVE = Requests("sensitive", draw_changed, N_SENSITIVE, compare_moved)
WIRE = Requests("wire", draw_old, N_WIRE)
