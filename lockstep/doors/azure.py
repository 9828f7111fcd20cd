"""`POST /score`: the scoring route of Azure ML, as its endpoints and their clients call it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.table import TableBundle
from lockstep.doors.body import (
    TABLE_EXTENT,
    Cell,
    check_extent,
    decode_json,
    mark_cell,
    mark_row,
    refuse_repeated_members,
)
from lockstep.doors.door import KEY, SHOWN, UNTYPED, Door, Encoded, Page, Received, Route
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.posted import CellRows
from lockstep.doors.stored import write_first
from lockstep.doors.swagger import Scored, describe_scoring
from lockstep.doors.wire import Label
from lockstep.errors import InvalidInput, Problem
from lockstep.predict.stages import PREDICTION, PROBA
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import LIMITED, MALFORMED, SCORING, WITH_KEY
from lockstep.scoring.score import TABLES, Answer, ScoringRequest

Method = Literal["predict", "predict_proba"]
STAGES: Mapping[Method, str] = {"predict": PREDICTION, "predict_proba": PROBA}
EXPECTED = '{"data": [cells of one row] or [[…], […]], "method": "predict" or "predict_proba"}'
OTHER_NAMES = ("input_data", "Inputs", "inputs", "instances")
"""What bodies for other endpoints, most of them Azure's own, call the rows."""
ALIKE = Meta(
    extra_json_schema={
        "minItems": 1,
        "anyOf": [{"items": {"type": "array", "minItems": 1}}, {"items": {"not": {"type": "array"}}}],
    }
)
"""What a list of cells or of rows needs beside its type; it is described only, and refused by name."""


class ScoreRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body: the cells of one row or a list of rows, in the order of the model's Schema, and what to answer.

    `predict` is answered with a prediction for each row, `predict_proba` with the probabilities of each, in the order
    of the classes.
    """

    data: Annotated[list[Cell | list[Cell]], ALIKE]
    method: Method = "predict"


_DECODER = msgspec.json.Decoder(ScoreRequest)


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`."""
    check_extent(received.body, received.max_rows, TABLE_EXTENT)
    asked = decode_json(received.body, _DECODER, _mark_body, EXPECTED)
    data: list[Any] = asked.data
    rows = [item for item in data if isinstance(item, list)]
    if rows and len(rows) < len(data):
        raise RequestError(MALFORMED, f"`data` holds both cells and rows; expected {EXPECTED}")
    refuse_repeated_members(received.body, 1 + (asked.method != "predict"))
    table = CellRows(rows if rows or not data else [data])
    return ScoringRequest(table, JSON_CELLS, received.max_rows, kinds=TABLES, reply=asked.method)


def encode(answer: Answer, _: str) -> Encoded:
    """Return a list with a prediction, or a list of probabilities, for each row; raise `InvalidInput` without them."""
    method: Method = answer.request.reply
    stage = answer.forecast.stages.get(STAGES[method])
    if stage is None:
        reason = f"{method}: {answer.served} has no probabilities; expected predict"
        raise InvalidInput([Problem(None, "method", reason)])
    return Encoded(msgspec.json.encode(stage.tolist()))


def write_example(bundle: Bundle) -> dict[str, Any]:
    """Return the body that posts the first test row."""
    return {"data": write_first(bundle)["data"], "method": "predict"}


def _mark_body(raw: Any) -> Any:
    """Return the body with every cell of a type that no table has as text; raise `RequestError` for another body."""
    if not isinstance(raw, dict) or not isinstance(raw.get("data"), list):
        other = next((name for name in OTHER_NAMES if isinstance(raw, dict) and name in raw), None)
        hint = f"; `{other}` is of another endpoint: call it `data`" if other else ""
        raise RequestError(MALFORMED, f"`data` is missing, or is no list{hint}; expected {EXPECTED}")
    if raw.get("method", "predict") not in list(STAGES):  # a method of any type: none needs a hash
        raise RequestError(MALFORMED, f"`method` is neither `predict` nor `predict_proba`; expected {EXPECTED}")
    if raw["data"] and all(isinstance(item, dict) for item in raw["data"]):
        raise RequestError(MALFORMED, f"`data` holds records, which /v1/predict takes; expected {EXPECTED}")
    raw["data"] = [mark_row(item) if isinstance(item, list) else mark_cell(item) for item in raw["data"]]
    return raw


def answer_swagger(registry: Registry, _: Mapping[str, str]) -> Encoded:
    """Return the description of the route, with a row of the default model if it is of a table."""
    served, scored = registry.default, None
    if isinstance(served.bundle, TableBundle):
        [cells] = write_example(served.bundle)["data"]
        scored = Scored(str(served), cells, served.bundle.evaluation.y_pred[:1].tolist()[0])
    return Encoded(msgspec.json.encode(describe_scoring(ROUTE.path, list(STAGES), scored)))


ROUTE = Route(
    "POST",
    "/score",
    "score",
    "Predict rows with the default model, as Azure ML's endpoints do",
    answer=(list[Label], list[list[float]]),
    body=ScoreRequest,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING),
)
SWAGGER = Route(
    "GET",
    "/swagger.json",
    "swagger",
    "The description of `/score` as Azure ML's consumers read it, Swagger 2.0",
    access=SHOWN,
    scopes=(WITH_KEY,),
)
DOOR = Door(
    ROUTE.path,
    (ROUTE,),
    decode,
    encode,
    write_example,
    TABLES,
    UNTYPED,
    pages=(Page(SWAGGER, answer_swagger),),
    title="Azure ML",
)
