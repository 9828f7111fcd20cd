"""Bad input for a model of a table, and the status and code that the contract has for each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from lockstep.data.column import ColumnSchema
from lockstep.parity.bad_input import BadInput, refuse_callers
from lockstep.parity.compare import Comparison
from lockstep.parity.table import TableSubject
from lockstep.parity.table_wire import INSTANCES, RECORDS, SPLIT

UNSEEN = "\u2205 never learned"
"""A category that no file has."""
BARS = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [["2013-03-04", 1, 1, 1, 1, 1]]}

Cells = dict[str, Any]


def check_table_errors(subject: TableSubject) -> Comparison:
    """Post each kind of bad input and compare status and code of the answers."""
    names = subject.bundle.schema.names
    row: Cells = dict(zip(names, subject.tested.select(slice(1)).write_cells()[0], strict=True))
    named = subject.client.named
    cases = [*bad_row_bodies(row, named), *bad_cells(subject.bundle.schema.columns, row, named)]
    cases = [replace(case, path=subject.route) for case in cases]
    bars = msgspec.json.encode({"dataframe_split": BARS, **named, "model": subject.bundle.manifest.name})
    cases.append(BadInput("bars for a model of a table", bars, 422, "wrong-kind", path="/v1/forecast"))
    cases += refuse_callers(subject.client, subject.route)
    return Comparison(len(cases), faults=tuple(fault for case in cases for fault in case.judge(subject.client)))


def bad_row_bodies(row: Cells, named: Cells) -> Iterator[BadInput]:
    """Yield bodies that hold no rows, or rows that make no table."""
    names, cells, first = list(row), list(row.values()), next(iter(row))
    split = {"columns": names, "data": [cells]}
    whole = msgspec.json.encode({SPLIT: split, **named})
    yield BadInput("no body", b"", 400, "empty")
    yield BadInput("half a body", whole[:-5], 400, "malformed")
    yield BadInput("no form", b"{}", 400, "malformed")
    yield BadInput("a list of lists", b"[[1]]", 400, "malformed")
    yield BadInput("NaN", b'{"instances": [[NaN]]}', 400, "malformed")
    for what, body, status, code in (
        ("two forms", {SPLIT: split, RECORDS: [row]}, 400, "malformed"),
        ("no rows", {RECORDS: []}, 422, "invalid-input"),
        ("rows of unequal lengths", {INSTANCES: [cells, cells[:-1]]}, 422, "invalid-input"),
        ("too many cells", {INSTANCES: [[*cells, 1.0]]}, 422, "invalid-input"),
        ("a column twice", {SPLIT: {"columns": [*names, first], "data": [[*cells, cells[0]]]}}, 422, "invalid-input"),
        ("an unknown column", {RECORDS: [{**row, UNSEEN: 1.0}]}, 422, "invalid-input"),
    ):
        yield BadInput(what, msgspec.json.encode({**body, **named}), status, code)


def bad_cells(columns: tuple[ColumnSchema, ...], row: Cells, named: Cells) -> Iterator[BadInput]:
    """Yield one row with one cell that its column does not take, for each kind of column that there is."""
    seen: set[str] = set()
    for column in columns:
        for what, cell in _list_bad_cells(column):
            if what not in seen:
                seen.add(what)
                body = msgspec.json.encode({RECORDS: [{**row, column.name: cell}], **named})
                yield BadInput(f"{what} in {column.name}", body, 422, "invalid-input")
    without = {name: cell for name, cell in row.items() if name != columns[0].name}
    yield BadInput("a missing column", msgspec.json.encode({RECORDS: [without], **named}), 422, "invalid-input")


def _list_bad_cells(column: ColumnSchema) -> Iterator[tuple[str, Any]]:
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
            yield "an unknown category", UNSEEN
    if not column.takes_missing:
        yield "a null", None
