"""`POST /invocations` and `GET /ping`: MLflow's scoring protocol, and SageMaker's container contract."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.doors.door import JSON, KEY, NOT_READY, Door, Encoded, Page, Received, Route
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.mlflow.answer import InvocationProblem, Invoked, encode, encode_problem
from lockstep.doors.mlflow.csv_lines import CSV_CELLS
from lockstep.doors.mlflow.csv_table import decode_csv
from lockstep.doors.mlflow.forms import BODY, Params, decode_invocation
from lockstep.doors.mlflow.media import CSV, OFFERED, choose_media_type, read_parameters
from lockstep.doors.stored import write_first
from lockstep.doors.wire import Health
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.kinds import CHOICE, LIMITED, NEGOTIATED, SCORING, WITH_KEY
from lockstep.scoring.score import ANY_KIND, ScoringRequest


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`. Its reply is the media type of the answer."""
    body, max_rows, model = received.body, received.max_rows, received.names.get("model")
    reply = choose_media_type(received.headers.get("accept", ""))
    if received.media_type == CSV:
        _, parameters = read_parameters(received.headers.get("content-type", CSV))
        table = decode_csv(body, max_rows, parameters)
        return ScoringRequest(table, CSV_CELLS, max_rows, model, kinds=ANY_KIND, reply=reply)
    asked = decode_invocation(body, max_rows)
    params = asked.params or Params()
    if params.model is not None:
        if model not in (None, params.model):
            detail = f"the path names the model {model[:40]!r}, and `params` {params.model[:40]!r}"
            raise InvalidInput([Problem(None, "model", detail)])
        model = params.model
    options = (model, params.version, params.symbol, params.history or "stored")
    return ScoringRequest(asked.rows, JSON_CELLS, max_rows, *options, kinds=ANY_KIND, reply=reply)


def write_example(bundle: Bundle) -> dict[str, object]:
    """Return a body that posts a row of the bundle."""
    return {"dataframe_split": write_first(bundle)}


def name_series(symbol: str) -> dict[str, object]:
    """Return the member that names a series."""
    return {"params": {"symbol": symbol}}


def get_ping(registry: Registry, _: Mapping[str, str]) -> Encoded:
    """Return whether every self-check passed, with status 503 if one did not."""
    if registry.faults:
        return Encoded(msgspec.json.encode(Health("not ready")), status=NOT_READY)
    return Encoded(msgspec.json.encode(Health("ready")))


PING = Page(
    Route(
        "GET", "/ping", "ping", "Whether the service is ready, for MLflow and SageMaker", Health, statuses=(200, 503)
    ),
    get_ping,
)
ROUTE = Route(
    "POST",
    "/invocations",
    "invocations",
    "Predict with any kind of model, as MLflow's scoring server and SageMaker's containers do; JSON or CSV",
    answer=Invoked,
    body=BODY,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING, CHOICE, NEGOTIATED),
    media_types=OFFERED,
    takes=(JSON, CSV),
)
NAMED = replace(
    ROUTE,
    path="/endpoints/{model}/invocations",
    name="endpoint_invocations",
    summary="The same with a model that the path names, for MLflow's deployment client",
)
DOOR = Door(
    ROUTE.path,
    (ROUTE,),
    decode,
    encode,
    write_example,
    ANY_KIND,
    names_of_json=frozenset(),
    headers=("accept", "content-type"),
    name_series=name_series,
    pages=(PING,),
    encode_problem=encode_problem,
    problem=InvocationProblem,
    title="MLflow and SageMaker",
)
ENDPOINTS = replace(DOOR, prefix="/endpoints", routes=(NAMED,), pages=())
