"""The routes of the protocol, and the door that they make."""

from lockstep.doors.door import JSON, KEY, NOT_READY, SHOWN, Door, Page, Route
from lockstep.doors.oip import pages
from lockstep.doors.oip.binary import HEADER_LENGTH, OCTETS
from lockstep.doors.oip.infer import decode, encode, name_series, write_example
from lockstep.doors.oip.problems import encode_problem
from lockstep.doors.oip.wire import (
    InferAnswer,
    InferRequest,
    ModelMetadata,
    ModelReady,
    OipProblem,
    ServerHealth,
    ServerMetadata,
)
from lockstep.scoring.kinds import CHOICE, LIMITED, SCORING, WITH_KEY
from lockstep.scoring.score import ANY_KIND

PREFIX = "/v2"
MODEL = f"{PREFIX}/models/{{model}}"
VERSION = f"{MODEL}/versions/{{version}}"
READY = (200, NOT_READY)


def _infer(path: str, name: str, what: str) -> Route:
    return Route(
        "POST",
        f"{path}/infer",
        name,
        f"Predict with {what}: tensors in, tensors out, in JSON or as bytes",
        answer=InferAnswer,
        body=InferRequest,
        access=KEY,
        scopes=(WITH_KEY, LIMITED, SCORING, CHOICE),
        media_types=(JSON, OCTETS),
        takes=(JSON, OCTETS),
    )


def _show(path: str, name: str, summary: str, answer: type, scopes: tuple[str, ...] = ()) -> Route:
    return Route("GET", path, name, summary, answer, access=SHOWN, scopes=(WITH_KEY, *scopes))


def _probe(path: str, name: str, summary: str, answer: type, scopes: tuple[str, ...] = ()) -> Route:
    return Route("GET", f"{path}/ready", name, summary, answer, scopes=scopes, statuses=READY)


SERVER = "The server, in the Open Inference Protocol"
DOOR = Door(
    PREFIX,
    (_infer(MODEL, "oip_infer", "a model"), _infer(VERSION, "oip_infer_version", "one of its versions")),
    decode,
    encode,
    write_example,
    ANY_KIND,
    headers=(HEADER_LENGTH.lower(),),
    name_series=name_series,
    pages=(
        Page(_show(PREFIX, "oip_server", SERVER, ServerMetadata), pages.get_server),
        Page(_show(f"{PREFIX}/", "oip_server_slash", SERVER, ServerMetadata), pages.get_server),
        Page(
            Route("GET", f"{PREFIX}/health/live", "oip_live", "Whether the process is alive", ServerHealth),
            pages.get_live,
        ),
        Page(_probe(f"{PREFIX}/health", "oip_ready", "Whether every self-check passed", ServerHealth), pages.get_ready),
        Page(_show(MODEL, "oip_model", "The tensors of a model", ModelMetadata, (CHOICE,)), pages.get_model),
        Page(_show(VERSION, "oip_version", "The tensors of a version", ModelMetadata, (CHOICE,)), pages.get_model),
        Page(
            _probe(MODEL, "oip_model_ready", "Whether a model is ready", ModelReady, (CHOICE,)), pages.get_model_ready
        ),
        Page(
            _probe(VERSION, "oip_version_ready", "Whether a version is", ModelReady, (CHOICE,)), pages.get_model_ready
        ),
    ),
    encode_problem=encode_problem,
    problem=OipProblem,
    title="Open Inference Protocol",
)
