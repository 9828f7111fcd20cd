"""Bad requests of the Open Inference Protocol."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec

from lockstep.data.bars import DATE
from lockstep.data.table import TableSchema
from lockstep.parity.doors.body import HEAD_LENGTH
from lockstep.parity.doors.protocol import BadBody, Record
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Sent
from lockstep.parity.subject import Subject
from lockstep.scoring.kinds import BAD_REQUEST, INVALID_INPUT, MALFORMED, TOO_LARGE, UNKNOWN_MODEL

HUGE = 10**9
Inputs = list[dict[str, Any]]


def write_path(model: str, version: str = "") -> str:
    """Return the path at which a model, or one of its versions, infers."""
    named = f"/versions/{quote(version, safe='')}" if version else ""
    return f"/v2/models/{quote(model, safe='')}{named}/infer"


def write_records(subject: Subject, records: list[Record]) -> Sent:
    """Return the request that posts the records: a tensor for each column, whatever its cells are."""
    return _send(subject, _write_inputs(subject, records))


def _write_inputs(subject: Subject, records: list[Record]) -> Inputs:
    schema = subject.bundle.schema
    kinds: dict[str, str] = {DATE: "text"}
    if isinstance(schema, TableSchema):
        kinds = {column.name: column.type for column in schema.columns}
    names = list(records[0]) if records else list(kinds)
    return [
        {
            "name": name,
            "shape": [len(records)],
            "datatype": {"number": "FP64", "integer": "INT64"}.get(kinds.get(name, "number"), "BYTES"),
            "data": [_write_cell(record[name]) for record in records],
        }
        for name in names
    ]


def _write_cell(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else cell


def _send(subject: Subject, inputs: Inputs, **members: Any) -> Sent:
    path, parameters = (
        write_path(subject.bundle.manifest.name),
        {**subject.series_name, **members.pop("parameters", {})},
    )
    named = {"parameters": parameters} if parameters else {}
    return Sent(path, msgspec.json.encode({"inputs": inputs, **members, **named}))


def list_broken(subject: Subject, records: list[Record], draws: Draws) -> Iterator[BadBody]:
    """Yield tensors that contradict themselves, options that there are not, and lying lengths."""
    right = _write_inputs(subject, records)
    name, whole = f"no-{draws.below(10**6)}", _send(subject, right)
    first, others = right[0], right[1:]
    for what, kind, inputs in (
        ("no inputs", MALFORMED, []),
        ("an unknown datatype", MALFORMED, [{**first, "datatype": name}, *others]),
        ("a shape of three dimensions", MALFORMED, [{**first, "shape": [len(records), 1, 1]}, *others]),
        ("another shape", INVALID_INPUT, [{**first, "shape": [len(records) + 1]}, *others]),
        ("a huge shape", TOO_LARGE, [{**first, "shape": [HUGE]}, *others]),
        ("bytes that do not follow", INVALID_INPUT, [_declare(first, 8 * len(records)), *others]),
        ("a huge size", INVALID_INPUT, [_declare(first, HUGE), *others]),
        ("a tensor twice", INVALID_INPUT, [*right, first]),
    ):
        yield BadBody(what, kind, _send(subject, inputs))
    for what, kind, members in (
        ("an unknown output", INVALID_INPUT, {"outputs": [{"name": name}]}),
        ("an output twice", INVALID_INPUT, {"outputs": [{"name": "prediction"}] * 2}),
        ("an unknown member", MALFORMED, {name: 1}),
        ("an unknown option", MALFORMED, {"parameters": {name: 1}}),
        ("another model name", INVALID_INPUT, {"model_name": name}),
    ):
        yield BadBody(what, kind, _send(subject, right, **members))
    for what, length in (("a length beyond the body", len(whole.body) + 1), ("a length of nothing", 0)):
        yield BadBody(what, BAD_REQUEST, replace(whole, headers={HEAD_LENGTH: str(length)}))
    longer = replace(whole, body=whole.body + b"\0" * 8, headers={HEAD_LENGTH: str(len(whole.body))})
    yield BadBody("bytes that no tensor has", INVALID_INPUT, longer)
    for what, path in (
        ("an unknown model", write_path(name)),
        ("an unknown version", write_path(subject.bundle.manifest.name, name)),
    ):
        yield BadBody(what, UNKNOWN_MODEL, replace(whole, path=path), is_local=len(subject.version.models) == 1)


def _declare(tensor: dict[str, Any], size: int) -> dict[str, Any]:
    members = {name: value for name, value in tensor.items() if name != "data"}
    return {**members, "parameters": {"binary_data_size": size}}
