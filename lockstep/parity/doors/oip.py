"""The Open Inference Protocol: tensors in JSON or in bytes, one for each column or one for all."""

import json
import math
from typing import Any

from lockstep.data.bars import DATE
from lockstep.data.table import TableSchema
from lockstep.doors.answers import PROBA_COLUMN
from lockstep.parity.answers import Reply, UnexpectedAnswer, check_success
from lockstep.parity.callers import TYPED, draw_headers, draw_request_id
from lockstep.parity.doors.bad_tensors import list_broken, write_path, write_records
from lockstep.parity.doors.body import HEAD_LENGTH
from lockstep.parity.doors.protocol import Columns, Protocol
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.doors.tensor_writer import TensorWriter
from lockstep.parity.doors.tensors import Element, read_elements, unpack
from lockstep.parity.draws import Draws
from lockstep.parity.options import draw_names
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.subject import Subject
from lockstep.parity.wish import Wish
from lockstep.predict.stages import PREDICTION, PROBA

PREFIX = "/v2"
COLUMNS, MATRIX = "a tensor for each column", "one tensor"
BINARY_COLUMNS, BINARY_MATRIX = f"{COLUMNS} in bytes", f"{MATRIX} in bytes"
MATRICES, BINARIES = (MATRIX, BINARY_MATRIX), (BINARY_COLUMNS, BINARY_MATRIX)
OCTETS = "application/octet-stream"
SYNONYMS = {"predict": PREDICTION, "predict_proba": PROBA}
"""What other servers call the outputs."""


def list_forms(subject: Subject) -> tuple[str, ...]:
    """Return the forms; columns of texts and of numbers make no one tensor.

    Bytes are an extension, and whether a tensor is a column is the model's own business: of another server one form is
    expected.
    """
    is_of_texts = bool(_list_texts(subject))
    if not subject.is_ours:
        return (COLUMNS,) if is_of_texts else (MATRIX,)
    return (COLUMNS, BINARY_COLUMNS) if is_of_texts else (COLUMNS, MATRIX, BINARY_COLUMNS, BINARY_MATRIX)


def _list_texts(subject: Subject) -> list[str]:
    """Return the names of the columns of texts."""
    schema = subject.bundle.schema
    if not isinstance(schema, TableSchema):
        return [DATE]
    return [column.name for column in schema.columns if column.kind == "text"]


def write(subject: Subject, sheet: Sheet, draws: Draws, wish: Wish) -> Posted:
    """Return the request that posts the rows."""
    form = draws.choose(wish.paths or list_forms(subject))
    writer = TensorWriter(sheet, draws, is_binary=form in BINARIES)
    inputs = [writer.write_matrix()] if form in MATRICES else writer.write_columns(_list_texts(subject))
    members, outputs = _draw_options(subject, draws, wish)
    layout = sheet.layout
    head = layout.write_object({"inputs": layout.write_list(inputs), **members}).encode()
    headers = draw_headers(draws, (OCTETS, *TYPED, None) if form in BINARIES else (*TYPED, None))
    if form in BINARIES:
        headers[HEAD_LENGTH] = str(len(head))
    sent = Sent(_draw_path(subject, draws), head + b"".join(writer.octets), headers=headers)
    return Posted(sheet.rows, sent, wish.history, wish.is_anchored, wish.before, form, outputs)


def _draw_options(subject: Subject, draws: Draws, wish: Wish) -> tuple[dict[str, str], tuple[str, ...] | None]:
    """Return the members beside the inputs as JSON text, and the columns that they ask for; None for all."""
    members: dict[str, str] = {"id": json.dumps(draw_request_id(draws))} if draws.chance(2) else {}
    if not subject.is_ours:  # which outputs and options others have, no protocol says
        return members, None
    parameters: dict[str, Any] = {"history": wish.history} if wish.history == "none" or draws.chance(4) else {}
    if draws.chance(3):
        parameters["binary_data_output"] = draws.chance(2)
    parameters |= subject.series_name
    if parameters:
        members["parameters"] = json.dumps(parameters)
    if draws.chance(2):
        return members, None
    names = draws.shuffle(list(_list_outputs(subject)))[: 1 + draws.below(2)]
    members["outputs"] = json.dumps([_draw_output(name, draws) for name in names])
    return members, tuple(column for name in names for column in _list_outputs(subject)[name])


def _draw_output(name: str, draws: Draws) -> dict[str, Any]:
    said = draws.choose((None, True, False))
    return {"name": name} if said is None else {"name": name, "parameters": {"binary_data": said}}


def _list_outputs(subject: Subject) -> dict[str, tuple[str, ...]]:
    """Return the columns of each output, those of the probabilities in the order of the classes."""
    manifest = subject.bundle.manifest
    probabilities = tuple(PROBA_COLUMN.format(label) for label in manifest.classes)
    return {PREDICTION: (PREDICTION,), **({PROBA: probabilities} if PROBA in manifest.stages else {})}


def _draw_path(subject: Subject, draws: Draws) -> str:
    names = draw_names(subject, draws)
    return write_path(subject.bundle.manifest.name, str(names.get("version", "")) if subject.is_ours else "")


def read(subject: Subject, _: Posted, reply: Reply) -> Columns:
    """Return the columns of all outputs; raise `UnexpectedAnswer`."""
    check_success(reply)
    length, columns = int(reply.headers.get(HEAD_LENGTH) or len(reply.content)), dict[str, list[Element]]()
    octets, known = reply.content[length:], _list_outputs(subject)
    try:
        for output in json.loads(reply.content[:length])["outputs"]:
            size = int(output.get("parameters", {}).get("binary_data_size", 0))
            elements = _read_output(output, octets[:size])
            octets = octets[size:]
            names = known[SYNONYMS.get(output["name"], output["name"])]
            columns |= {name: elements[place :: len(names)] for place, name in enumerate(names)}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"{reply.asked} answered no outputs of the model: {error!r}") from error
    if octets:
        raise UnexpectedAnswer(f"{reply.asked} answered {len(octets)} bytes behind the last output")
    return columns


def _read_output(output: dict[str, Any], octets: bytes) -> list[Element]:
    """Return the elements row by row; raise `ValueError` unless there are as many as the shape says."""
    datatype, shape = output["datatype"], output["shape"]
    elements = read_elements(output["data"], datatype) if "data" in output else unpack(octets, datatype)
    if math.prod(shape) != len(elements):
        raise ValueError(f"{len(elements)} elements of the shape {shape}")
    return [None if element == "" else element for element in elements]  # no label is empty: there is no forecast


PROTOCOL = Protocol("oip", PREFIX, list_forms, write, read, write_records, list_broken, names_model=True)
