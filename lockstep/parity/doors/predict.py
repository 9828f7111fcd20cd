"""`/predict`: a row, rows, records or one text, each answered in a form of its own."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from lockstep.doors.predict import find_only_text
from lockstep.parity.answers import Reply, UnexpectedAnswer, check_success, read_json
from lockstep.parity.callers import TYPED, UNTYPED, draw_headers
from lockstep.parity.doors.protocol import BadBody, Columns, Protocol, Record
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.subject import Subject
from lockstep.parity.wish import Wish
from lockstep.predict.stages import PREDICTION
from lockstep.scoring.kinds import INVALID_INPUT

PATH = "/predict"
ROW, ROWS, RECORDS, TEXT = "row", "rows", "records", "text"


def list_forms(_: Subject) -> tuple[str, ...]:
    """Return the forms that hold any number of rows."""
    return ROWS, RECORDS


def write(subject: Subject, sheet: Sheet, draws: Draws, wish: Wish) -> Posted:
    """Return the request that posts the rows."""
    forms = wish.paths or (ROWS, RECORDS, *([ROW] * 2 if len(sheet) == 1 else []), *_list_text(subject, sheet))
    form = draws.choose(forms)
    sent = Sent(PATH, _write_body(form, sheet).encode(), headers=draw_headers(draws, (*TYPED, *UNTYPED)))
    return Posted(sheet.rows, sent, "stored", wish.is_anchored, wish.before, form, (PREDICTION,))


def _list_text(subject: Subject, sheet: Sheet) -> list[str]:
    return [TEXT, TEXT] if len(sheet) == 1 and find_only_text(subject.bundle.schema) is not None else []


def _write_body(form: str, sheet: Sheet) -> str:
    if form == ROWS:
        return sheet.write_rows()
    if form == RECORDS:
        return sheet.shuffle().write_records()
    [cells] = sheet.cells
    if form == ROW:
        return sheet.layout.write_list(cells)
    return sheet.layout.write_object({sheet.names[0]: cells[0]})


def read(subject: Subject, posted: Posted, reply: Reply) -> Columns:
    """Return the predictions; raise `UnexpectedAnswer`."""
    if posted.form == ROW:
        check_success(reply)
        return {PREDICTION: [_read_text(subject, reply.content.decode(errors="replace"))]}
    told = read_json(reply)
    try:
        return {PREDICTION: _read_form(posted.form, told)}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"the answer is not in the form that answers {posted.form}: {error!r}") from error


def _read_form(form: str, told: Any) -> list[Any]:
    if form == ROWS:
        return list(told) if isinstance(told, list) else told["a list of predictions"]
    if form == TEXT:
        return [told["res"]]
    named = told["predictions"]
    return [named[f"prediction_{row}"] for row in range(len(named))]


def _read_text(subject: Subject, text: str) -> Any:
    """Return a label that is text as it is, and any other value as JSON writes it."""
    if any(isinstance(label, str) for label in subject.bundle.manifest.classes):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnexpectedAnswer(f"the answer {text!r} is no number") from error


def write_records(_: Subject, records: list[Record]) -> Sent:
    """Return the request that posts the records."""
    return Sent(PATH, msgspec.json.encode(records))


def list_broken(_: Subject, records: list[Record], draws: Draws) -> Iterator[BadBody]:
    """Yield bodies that are in none of the four forms."""
    rows = [list(record.values()) for record in records]
    for what, body in (
        ("an empty list", []),
        ("a number", draws.below(100)),
        ("a list and a record", [rows[0], records[0]]),
        ("a row of lists", [[rows[0]]]),
        ("an object with members of no model", {f"no {name}": cell for name, cell in records[0].items()}),
        ("rows of unequal lengths", [rows[0], rows[0][:-1]]),
    ):
        yield BadBody(what, INVALID_INPUT, Sent(PATH, msgspec.json.encode(body)))


PROTOCOL = Protocol("predict", PATH, list_forms, write, read, write_records, list_broken, answers_proba=False)
