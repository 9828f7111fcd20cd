"""Bodies as clients of a table write them: all five forms, columns in any order, numbers in any spelling."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lockstep.data.table import TableRows, TableSchema
from lockstep.parity.compare import Comparison, merge_comparisons
from lockstep.parity.reference import Reference
from lockstep.parity.table import Keyed, TableSubject

WIRE_ROWS = 64
PRECISIONS = (10, 15)
SPLIT, RECORDS, INSTANCES = "dataframe_split", "dataframe_records", "instances"


@dataclass(frozen=True)
class Form:
    """Rows as text, and the member of a body that takes them; without a member the text is a whole body."""

    member: str | None
    text: str


def check_table_wire(subject: TableSubject) -> Comparison:
    """Post rows in every form; compare with the local prediction of the cells as they were written.

    A bare list names no model, so it is posted if the table is what answers then.
    """
    rows, parts = subject.tested.select(slice(-WIRE_ROWS, None)), []
    for form in write_table_forms(rows, subject.random()):
        if form.member is None and not subject.is_default:
            continue
        said = read_table_form(form, rows.rows.schema)
        keys = [f"row {place}" for place in range(len(said))]
        answer = subject.client.post_rows(_write_body(subject, form), keys)
        reference = Reference(keys, subject.bundle.predict(said).stages)
        compared = subject.compare_outputs(reference, answer)
        faults = subject.find_frame_faults(Keyed(keys, said), answer)
        # its rows are few, and may have one prediction: that there are several is for other checks to show
        parts.append(replace(compared, faults=(*faults, *compared.faults), distinct=frozenset()))
    return merge_comparisons(parts)


def _write_body(subject: TableSubject, form: Form) -> bytes:
    if form.member is None:
        return form.text.encode()
    named = json.dumps(subject.client.named)[1:-1]
    return f'{{"{form.member}": {form.text}{", " if named else ""}{named}}}'.encode()


def write_table_forms(rows: Keyed, rng: np.random.Generator) -> Iterator[Form]:
    """Yield the rows in every form: what `DataFrame.to_json` writes, and what other clients do."""
    names, cells = rows.rows.schema.names, rows.write_cells()
    frame = pd.DataFrame(cells, columns=names, dtype=object).convert_dtypes()
    shuffled = frame.sample(frac=1.0, random_state=int(rng.integers(2**31)))
    for form in (frame, shuffled, shuffled[frame.columns[::-1]]):
        for precision in PRECISIONS:
            yield Form(SPLIT, form.to_json(orient="split", double_precision=precision))
            yield Form(RECORDS, form.to_json(orient="records", double_precision=precision))
    yield Form(INSTANCES, frame.to_json(orient="values", double_precision=PRECISIONS[-1]))
    yield Form(INSTANCES, json.dumps(cells, indent=1))
    yield Form(INSTANCES, json.dumps([[_spell_whole(cell) for cell in row] for row in cells]))
    records = [dict(zip(names, row, strict=True)) for row in cells]
    yield Form(RECORDS, json.dumps(records))
    yield Form(None, json.dumps(records))
    if all(isinstance(cell, float) for cell in cells[-1]):
        yield Form(None, json.dumps(cells[-1]))


def read_table_form(form: Form, schema: TableSchema) -> TableRows:
    """Return the rows that a form says, in its order, read by the standard library alone."""
    told = json.loads(form.text)
    if form.member == SPLIT:
        records = [dict(zip(told["columns"], row, strict=True)) for row in told["data"]]
    elif isinstance(told[0], dict):
        records = told
    else:
        rows = told if isinstance(told[0], list) else [told]
        records = [dict(zip(schema.names, row, strict=True)) for row in rows]
    columns = []
    for column in schema.columns:
        cells = [record[column.name] for record in records]
        if column.kind == "number":
            columns.append(np.array([np.nan if cell is None else float(cell) for cell in cells]))
        else:
            columns.append(np.array([*cells, None], object)[:-1])
    return TableRows(schema, tuple(columns))


def _spell_whole(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
