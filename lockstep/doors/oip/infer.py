"""`infer`: from the bytes of a request to tensors, and from an answer to the bytes of its outputs."""

from dataclasses import dataclass
from typing import Any

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.data.cells import MAX_SHOWN_CHARACTERS
from lockstep.doors.body import TABLE_EXTENT, check_extent, decode_json, refuse_repeated_members, state_expected
from lockstep.doors.door import Encoded, Received
from lockstep.doors.literals import write_nulls
from lockstep.doors.oip.binary import HEADER_LENGTH, OCTETS, split_body
from lockstep.doors.oip.columns import TENSOR_CELLS, write_inputs
from lockstep.doors.oip.outputs import describe_outputs, list_warnings, write_output
from lockstep.doors.oip.posted import read_tensors
from lockstep.doors.oip.wire import InferAnswer, InferRequest, RequestParameters
from lockstep.doors.stored import write_first
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.score import ANY_KIND, Answer, ScoringRequest

EXPECTED = 'an inference request: {"inputs": [{"name": …, "shape": [n], "datatype": …, "data": […]}]}'
_DECODER = msgspec.json.Decoder(InferRequest)


@dataclass(frozen=True)
class Reply:
    """What the answer needs of the request: its id, and the outputs, with whether each follows as bytes."""

    id: str | None
    outputs: tuple[tuple[str, bool], ...]
    is_binary: bool


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError` or `InvalidInput`."""
    text, octets = split_body(received.body, received.headers.get(HEADER_LENGTH.lower()))
    check_extent(text, received.max_rows, TABLE_EXTENT)
    text = write_nulls(text)
    try:
        asked = decode_json(text, _DECODER, _leave, EXPECTED)
    except RequestError as error:
        raise state_expected(error, EXPECTED) from error.__cause__
    refuse_repeated_members(text, asked.n_members)
    model, options = received.names.get("model"), asked.parameters or RequestParameters()
    if asked.model_name is not None and asked.model_name != model:
        raise _refuse("model_name", f"{_show(asked.model_name)} is not the model of the path, {_show(model or '')}")
    return ScoringRequest(
        read_tensors(asked.inputs, octets, received.max_rows),
        TENSOR_CELLS,
        received.max_rows,
        model,
        received.names.get("version"),
        options.symbol,
        history=options.history or "stored",
        kinds=ANY_KIND,
        reply=_read_reply(asked, bool(options.binary_data_output)),
    )


def encode(answer: Answer, _: str) -> Encoded:
    """Return the answer; raise `InvalidInput` for an output that the model does not have."""
    reply: Reply = answer.request.reply
    described = {output.name: output for output in describe_outputs(answer.served.bundle)}
    wanted = reply.outputs or tuple((name, reply.is_binary) for name in described)
    if unknown := [name for name, _ in wanted if name not in described]:
        raise _refuse("outputs", f"there is no {_show(unknown[0])}; this model has {' and '.join(described)}")
    outputs = [write_output(described[name], answer, is_binary) for name, is_binary in wanted]
    written = InferAnswer(answer.served.name, str(answer.served.version), [output for output, _ in outputs])
    if reply.id is not None:
        written.id = reply.id
    if warnings := list_warnings(answer):
        written.parameters = {"warnings": "\n".join(warnings)}
    text = msgspec.json.encode(written)
    if not any(is_binary for _, is_binary in wanted):
        return Encoded(text)
    octets = b"".join(part for _, part in outputs)
    return Encoded(text + octets, OCTETS, headers={HEADER_LENGTH: str(len(text))})


def write_example(bundle: Bundle) -> dict[str, object]:
    """Return the body that posts the newest stored bar, or the first test row."""
    rows: Any = write_first(bundle)["data"]
    return {"inputs": write_inputs(bundle.schema, rows)}


def _leave(raw: Any) -> Any:
    """Return a body of a wrong form as it is: the message of the decoder names the place."""
    return raw


def _read_reply(asked: InferRequest, is_binary: bool) -> Reply:
    """Return what the answer needs; raise `InvalidInput` for an output that is there twice."""
    outputs = asked.outputs or []
    names = [output.name for output in outputs]
    if len(set(names)) < len(names):
        raise _refuse("outputs", "an output is there twice")
    flags = [is_binary if output.is_binary is None else output.is_binary for output in outputs]
    return Reply(asked.id, tuple(zip(names, flags, strict=True)), is_binary)


def _refuse(member: str, reason: str) -> InvalidInput:
    return InvalidInput([Problem(None, member, reason)])


def _show(name: str) -> str:
    return repr(name[:MAX_SHOWN_CHARACTERS])


def name_series(symbol: str) -> dict[str, object]:
    """Return the member that names a series."""
    return {"parameters": {"symbol": symbol}}
