"""Azure ML's scoring route: rows of cells in `data`, and a `method` that is answered with labels or probabilities."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from lockstep.doors.answers import PROBA_COLUMN
from lockstep.parity.answers import Reply, UnexpectedAnswer, read_json
from lockstep.parity.callers import TYPED, UNTYPED, draw_headers
from lockstep.parity.doors.protocol import BadBody, Columns, Protocol, Record
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.subject import Subject
from lockstep.parity.wish import Wish
from lockstep.predict.stages import PREDICTION, PROBA
from lockstep.scoring.kinds import INVALID_INPUT, MALFORMED

PATH = "/score"
PREDICT, PREDICT_PROBA, UNSAID = "predict", "predict_proba", "no method"


def list_forms(subject: Subject) -> tuple[str, ...]:
    """Return the methods, and a body that names none; other servers have other probabilities, if any."""
    return (PREDICT, PREDICT_PROBA, UNSAID) if _has_probabilities(subject) and subject.is_ours else (PREDICT, UNSAID)


def _has_probabilities(subject: Subject) -> bool:
    return PROBA in subject.bundle.manifest.stages


def write(subject: Subject, sheet: Sheet, draws: Draws, wish: Wish) -> Posted:
    """Return the request that posts the rows; one row may stand alone."""
    form = draws.choose(wish.paths or list_forms(subject))
    is_alone = len(sheet) == 1 and draws.chance(2)
    members = {"data": sheet.layout.write_list(sheet.cells[0]) if is_alone else sheet.write_rows()}
    if form != UNSAID:
        members["method"] = json.dumps(form)
    body = sheet.layout.write_object(members).encode()
    sent = Sent(PATH, body, headers=draw_headers(draws, (*TYPED, *UNTYPED)))
    outputs = _list_probabilities(subject) if form == PREDICT_PROBA else (PREDICTION,)
    return Posted(sheet.rows, sent, "stored", wish.is_anchored, wish.before, form, outputs)


def _list_probabilities(subject: Subject) -> tuple[str, ...]:
    return tuple(PROBA_COLUMN.format(label) for label in subject.bundle.manifest.classes)


def read(subject: Subject, posted: Posted, reply: Reply) -> Columns:
    """Return the predictions, or the probabilities in the order of the classes; raise `UnexpectedAnswer`."""
    told = read_json(reply)
    if not isinstance(told, list):
        raise UnexpectedAnswer("the answer is no list with an item for each row")
    if posted.form != PREDICT_PROBA:
        return {PREDICTION: told}
    names = _list_probabilities(subject)
    if not all(isinstance(row, list) and len(row) == len(names) for row in told):
        raise UnexpectedAnswer(f"the answer does not hold {len(names)} probabilities for each row")
    return {name: [row[place] for row in told] for place, name in enumerate(names)}


def write_records(_: Subject, records: list[Record]) -> Sent:
    """Return the request that posts the cells of the records."""
    return Sent(PATH, _encode([list(record.values()) for record in records]))


def _encode(data: Any, **members: Any) -> bytes:
    return msgspec.json.encode({"data": data, **members})


def list_broken(subject: Subject, records: list[Record], draws: Draws) -> Iterator[BadBody]:
    """Yield bodies with another method or other data than the two members may hold."""
    rows, name = [list(record.values()) for record in records], f"method {draws.below(10**6)}"
    for what, body in (
        ("another method", _encode(rows, method=name)),
        ("a method that is no text", _encode(rows, method=None)),
        ("an unknown member", _encode(rows, **{name: 1})),
        ("no data", msgspec.json.encode({"method": PREDICT})),
        ("data that is a record", _encode(records[0])),
        ("cells and rows", _encode([rows[0], *rows[0]])),
        ("a list", msgspec.json.encode(rows)),
    ):
        yield BadBody(what, MALFORMED, Sent(PATH, body))
    yield BadBody("rows of unequal lengths", INVALID_INPUT, Sent(PATH, _encode([rows[0], rows[0][:-1]])))
    if not _has_probabilities(subject):
        asked = Sent(PATH, _encode(rows, method=PREDICT_PROBA))
        yield BadBody("probabilities that there are not", INVALID_INPUT, asked)


PROTOCOL = Protocol("azure", PATH, list_forms, write, read, write_records, list_broken)
