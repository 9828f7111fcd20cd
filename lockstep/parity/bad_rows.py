"""Bad input for a model of a table."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from lockstep.data.column import ColumnSchema
from lockstep.parity.asking import Requests
from lockstep.parity.bad_input import BadBodies, BadInput, choose_case, compare_refusal
from lockstep.parity.cells import UNLEARNED
from lockstep.parity.doors.bad_input import list_door_cases
from lockstep.parity.draws import Draws
from lockstep.parity.local import FORECAST
from lockstep.parity.table import TableSubject
from lockstep.parity.table_forms import INSTANCES, RECORDS, SPLIT
from lockstep.scoring.kinds import INVALID_INPUT, MALFORMED, WRONG_KIND

MOST_ROWS = 12
BARS = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [["2013-03-04", 1, 1, 1, 1, 1]]}

Cells = dict[str, Any]
Columns = tuple[ColumnSchema, ...]


def list_cases(subject: TableSubject, draws: Draws) -> list[BadInput]:
    """Return each kind of bad input, around rows that are drawn."""
    bodies, columns = BadBodies(subject, draws, subject.route), subject.bundle.schema.columns
    rows = subject.list_records(subject.repeat(draws.pick(draws.size(MOST_ROWS), len(subject.tested))))
    if subject.protocol is not None:
        return list_door_cases(subject, subject.protocol, draws, rows, partial(spoil_records, columns))
    cases = [*bodies.list_broken({SPLIT: _frame(rows)}), *bodies.list_wrong_names({RECORDS: rows})]
    cases += [
        *bodies.list_bad_levels({RECORDS: rows}),
        *list_bad_forms(bodies, rows),
        *list_bad_cells(bodies, columns, rows),
    ]
    is_lone = len(subject.version.models) == 1
    named = {"model": subject.bundle.manifest.name, **subject.client.named}
    bars = msgspec.json.encode({SPLIT: BARS, **named})
    beside = BadBodies(subject, draws, FORECAST)
    cases.append(beside.make("bars for a model of a table", WRONG_KIND, bars, is_local=is_lone))
    return [*cases, *bodies.list_refused()]


def list_bad_forms(bodies: BadBodies, rows: list[Cells]) -> Iterator[BadInput]:
    """Yield bodies that hold no rows, or rows that make no table."""
    names, cells = list(rows[0]), list(rows[0].values())
    yield bodies.make("no form", MALFORMED, b"{}")
    yield bodies.make("a list of lists", MALFORMED, b"[[1]]")
    yield bodies.make("two forms", MALFORMED, bodies.write({SPLIT: _frame(rows), RECORDS: rows}))
    for what, members in (
        ("no rows", {RECORDS: []}),
        ("rows of unequal lengths", {INSTANCES: [cells, cells[:-1]]}),
        ("too many cells", {INSTANCES: [[*cells, 1.0]]}),
        ("a column twice", {SPLIT: {"columns": [*names, names[0]], "data": [[*cells, cells[0]]]}}),
        ("an unknown column", {RECORDS: [{**row, UNLEARNED: 1.0} for row in rows]}),
        ("a missing column", {RECORDS: [{name: row[name] for name in names[1:]} for row in rows]}),
    ):
        yield bodies.make(what, INVALID_INPUT, bodies.write(members))


def list_bad_cells(bodies: BadBodies, columns: Columns, rows: list[Cells]) -> Iterator[BadInput]:
    """Yield rows with one cell that its column does not take, for each kind of column that there is."""
    for what, spoilt in spoil_cells(columns, rows, bodies.draws):
        yield bodies.make(what, INVALID_INPUT, bodies.write({RECORDS: spoilt}))


def spoil_records(columns: Columns, rows: list[Cells], draws: Draws) -> Iterator[tuple[str, list[Cells]]]:
    """Yield records that cannot be right, and why."""
    yield from spoil_cells(columns, rows, draws)
    yield "an unknown column", [{**row, UNLEARNED: 1.0} for row in rows]
    if len(columns) > 1:
        yield "a missing column", [{column.name: row[column.name] for column in columns[1:]} for row in rows]


def spoil_cells(columns: Columns, rows: list[Cells], draws: Draws) -> Iterator[tuple[str, list[Cells]]]:
    """Yield records with one cell that its column does not take, for each kind of column that there is."""
    seen: set[str] = set()
    for column in columns:
        for what, cell in _list_wrong(column):
            if what not in seen:
                seen.add(what)
                place = draws.below(len(rows))
                yield (
                    f"{what} in {column.name}",
                    [*rows[:place], {**rows[place], column.name: cell}, *rows[place + 1 :]],
                )


def _list_wrong(column: ColumnSchema) -> Iterator[tuple[str, Any]]:
    if column.kind == "number":
        yield "text for a number", "24.5"
        yield "a list for a number", [1.0]
        yield "a number beyond all", 1e300
        if column.type == "integer":
            yield "half a number", 0.5
    else:
        yield "a number for text", 1.0
        yield "empty text", ""
        if column.refuses_unseen:
            yield "an unknown category", UNLEARNED
    if not column.takes_missing:
        yield "a null", None


def _frame(rows: list[Cells]) -> Cells:
    return {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


def count_cases(subject: TableSubject) -> int:
    """Return how many kinds of bad input there are for the bundle."""
    return len(list_cases(subject, subject.draws("errors", 0)))


def draw_case(subject: TableSubject, draws: Draws) -> BadInput:
    """Return the bad input of the request's number."""
    return choose_case(list_cases(subject, draws), draws)


ERRORS = Requests("errors", draw_case, count_cases, compare_refusal)
