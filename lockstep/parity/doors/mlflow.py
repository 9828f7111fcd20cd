"""MLflow's scoring protocol: rows in JSON in five forms, or as CSV; predictions in JSON, or as CSV."""

import csv
import io
import json
from typing import Any

from lockstep.data.bars import DATE
from lockstep.data.table import TableSchema
from lockstep.doors.door import JSON
from lockstep.parity.answers import Reply, UnexpectedAnswer, check_success
from lockstep.parity.callers import draw_headers
from lockstep.parity.difference import Value
from lockstep.parity.doors.bad_invocations import CSV_TYPE, PATH, list_broken, name_path, write_records
from lockstep.parity.doors.csv_writer import is_of_values, write_csv
from lockstep.parity.doors.protocol import Columns, Protocol
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws
from lockstep.parity.options import draw_names
from lockstep.parity.posted import History, Posted, Sent
from lockstep.parity.subject import Subject
from lockstep.parity.wish import Wish
from lockstep.predict.stages import PREDICTION

SPLIT, RECORDS = "dataframe_split", "dataframe_records"
ROWS, OBJECTS, COLUMNS = "a list of rows", "a list of objects", "an object of columns"
CSV, HEADLESS = "CSV", "CSV without a header"
NAMED = (SPLIT, RECORDS, OBJECTS, COLUMNS, CSV)
"""Forms that name their columns: MLflow's own server matches others by position, and only if all are numbers."""
WITH_NAMES = {ROWS: SPLIT, HEADLESS: CSV}
"""What takes the place of a form without names if the columns are not those of the Schema."""
LISTS = ("instances", "inputs")
CSV_TYPES = (CSV_TYPE, f"{CSV_TYPE}; charset=utf-8")


def list_forms(subject: Subject) -> tuple[str, ...]:
    """Return the forms; a line of CSV has no place for a version, nor for a symbol."""
    if not subject.is_ours:
        return _list_kept(subject)
    names_version = subject.client.version is not None and not subject.is_default
    needs_params = names_version or bool(subject.series_name)
    forms = (*NAMED, ROWS, HEADLESS)
    return tuple(form for form in forms if not (needs_params and form in (CSV, HEADLESS)))


def _list_kept(subject: Subject) -> tuple[str, ...]:
    """Return the forms in which MLflow's own server hands over what was posted.

    Its reader of CSV has no dates; a missing text of `instances` and `inputs` becomes a text there.
    """
    schema = subject.bundle.schema
    if not isinstance(schema, TableSchema):
        return tuple(form for form in NAMED if form != CSV)
    has_gaps = any(column.kind == "text" and column.takes_missing for column in schema.columns)
    return tuple(form for form in NAMED if not (has_gaps and form in (OBJECTS, COLUMNS)))


def write(subject: Subject, sheet: Sheet, draws: Draws, wish: Wish) -> Posted:
    """Return the request that posts the rows; another server knows no options but the history."""
    form = draws.choose(wish.paths or list_forms(subject))
    if sheet.names != _name_schema(subject):
        form = WITH_NAMES.get(form, form)
    is_lines = form in (CSV, HEADLESS)
    if is_lines or not subject.is_ours:
        sheet = sheet.name_days()
    path, params = _draw_target(subject, draws, has_params=not is_lines)
    history: History = "stored" if is_lines else wish.history
    if history == "none" or (subject.is_ours and draws.chance(4)):
        params["history"] = history
    headers = draw_headers(draws)
    if is_lines:
        body, headers["Content-Type"] = _write_lines(sheet, draws, form)
    else:
        members = {**_write_rows(sheet, draws, form), **({"params": json.dumps(params)} if params else {})}
        body = sheet.layout.write_object(members)
    if not subject.is_ours:  # it refuses parameters of a media type
        headers["Content-Type"] = CSV_TYPE if is_lines else JSON
    elif draws.chance(3):
        headers["Accept"] = CSV_TYPE
    sent = Sent(path, body.encode(), headers=headers)
    return Posted(sheet.rows, sent, history, wish.is_anchored, wish.before, form, (PREDICTION,))


def _name_schema(subject: Subject) -> tuple[str, ...]:
    schema = subject.bundle.schema
    return tuple(schema.names) if isinstance(schema, TableSchema) else (DATE, *schema.columns)


def _draw_target(subject: Subject, draws: Draws, *, has_params: bool) -> tuple[str, dict[str, Any]]:
    """Return a path, and params that name what the path does not."""
    names: dict[str, Any] = draw_names(subject, draws) if subject.is_ours else {}
    if "model" in names and (not has_params or draws.chance(2)):
        return name_path(names.pop("model")), names
    return PATH, names


def _write_rows(sheet: Sheet, draws: Draws, form: str) -> dict[str, str]:
    """Return the member that holds the rows; what is missing is null or the literal NaN."""
    if draws.chance(2):
        sheet = sheet.respell({"null": "NaN"})
    if form == SPLIT:
        return {SPLIT: _write_split(sheet.shuffle(), draws)}
    if form == RECORDS:
        return {RECORDS: sheet.shuffle().write_records()}
    name = draws.choose(LISTS)
    if form == COLUMNS:
        return {name: _write_columns(sheet.shuffle(), draws)}
    return {name: sheet.write_rows() if form == ROWS else sheet.shuffle().write_records()}


def _write_split(sheet: Sheet, draws: Draws) -> str:
    """Return a frame with an index or without; the index of bars may hold their dates."""
    layout, members = sheet.layout, {}
    if draws.chance(2):
        index = list(map(str, range(len(sheet))))
        if DATE in sheet.names and draws.chance(2):
            index = list(sheet.columns[sheet.names.index(DATE)])
            sheet = sheet.arrange([place for place, name in enumerate(sheet.names) if name != DATE])
        members["index"] = layout.write_list(index)
    members["columns"] = layout.write_list(list(map(layout.write_text, sheet.names)))
    return layout.write_object({**members, "data": sheet.write_rows()})


def _write_columns(sheet: Sheet, draws: Draws) -> str:
    """Return an object from column to cells; to the one cell of a row, if there is one row."""
    layout, is_alone = sheet.layout, len(sheet) == 1 and draws.chance(2)
    pairs = zip(sheet.names, sheet.columns, strict=True)
    return layout.write_object({name: cells[0] if is_alone else layout.write_list(cells) for name, cells in pairs})


def _write_lines(sheet: Sheet, draws: Draws, form: str) -> tuple[str, str]:
    """Return lines of CSV and the media type that declares them."""
    has_header = form == CSV
    declares = draws.chance(2) if has_header or is_of_values(sheet) else True
    parameter = f"; header={'present' if has_header else 'absent'}" if declares else ""
    sheet = sheet.shuffle() if has_header else sheet
    return write_csv(sheet, draws, has_header=has_header), f"{draws.choose(CSV_TYPES)}{parameter}"


def read(subject: Subject, posted: Posted, reply: Reply) -> Columns:
    """Return the predictions; raise `UnexpectedAnswer`."""
    check_success(reply)
    try:
        if posted.sent.headers.get("Accept") == CSV_TYPE:
            return {PREDICTION: _read_lines(subject, reply.content.decode())}
        told = json.loads(reply.content)["predictions"]
        if told and all(isinstance(item, dict) for item in told):  # what a model that answers a frame is answered as
            return {PREDICTION: [_mark_missing(item[PREDICTION]) for item in told]}
        return {PREDICTION: [_mark_missing(item) for item in told]}
    except (AttributeError, KeyError, TypeError, ValueError, csv.Error, RecursionError) as error:
        raise UnexpectedAnswer(f"{reply.asked} answered no list of predictions: {error!r}") from error


def _read_lines(subject: Subject, text: str) -> list[Value | None]:
    """Return the value of each line: a label by its text, or a number."""
    cells = [cell for [cell] in csv.reader(io.StringIO(text, newline=""), strict=True)]
    labels = {str(label): label for label in subject.bundle.manifest.classes}
    return [(labels[cell] if labels else float(cell)) if cell else None for cell in cells]


def _mark_missing(value: Any) -> Any:
    return None if value != value else value  # noqa: PLR0124 -- NaN alone differs


PROTOCOL = Protocol(
    "mlflow", PATH, list_forms, write, read, write_records, list_broken, names_model=True, answers_proba=False
)
