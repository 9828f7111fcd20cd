"""The description of `POST /score` in Swagger 2.0, which is what the consumers of Azure ML's endpoints read.

The names of operations and definitions, and the way to send a key, are those of Azure's own server.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

Document = dict[str, Any]
TYPES: dict[type, Document] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
}


class Scored(NamedTuple):
    """What a model answers to a row."""

    model: str
    cells: Sequence[object]
    prediction: object


def describe_scoring(path: str, methods: Sequence[str], scored: Scored | None) -> Document:
    """Return the document of the scoring route; without a model it says nothing of cells and predictions."""
    answers = {"200": ("The predictions", "ServiceOutput"), "default": ("What was wrong", "ErrorResponse")}
    posted = {"name": "serviceInputPayload", "in": "body", "required": True, "schema": _refer_to("ServiceInput")}
    operation = {
        "operationId": "RunMLService",
        "summary": "Predict rows",
        "security": [{"Bearer": []}],
        "parameters": [posted],
        "responses": {
            status: {"description": what, "schema": _refer_to(name)} for status, (what, name) in answers.items()
        },
    }
    return {
        "swagger": "2.0",
        "info": {"title": scored.model if scored else "Lockstep", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {"Bearer": {"type": "apiKey", "name": "Authorization", "in": "header"}},
        "paths": {path: {"post": operation}},
        "definitions": {
            "ServiceInput": _describe_input(methods, scored),
            "ServiceOutput": _describe_output(scored),
            "ErrorResponse": {"type": "object", "properties": {"message": {"type": "string"}}},
        },
    }


def _refer_to(name: str) -> Document:
    return {"$ref": f"#/definitions/{name}"}


def _describe_input(methods: Sequence[str], scored: Scored | None) -> Document:
    cells = list(scored.cells) if scored else []
    rows = {"type": "array", "items": {"type": "array", "items": _describe_values(cells)}}
    method = {"type": "string", "enum": list(methods), "default": methods[0]}
    described = {"type": "object", "required": ["data"], "properties": {"data": rows, "method": method}}
    return {**described, "example": {"data": [cells], "method": methods[0]}} if scored else described


def _describe_output(scored: Scored | None) -> Document:
    if scored is None:
        return {"type": "array", "items": {}}
    return {"type": "array", "items": _describe_values([scored.prediction]), "example": [scored.prediction]}


def _describe_values(values: Sequence[object]) -> Document:
    """Return the type that all of the values have; nothing if there is no such type."""
    kinds = {type(value) for value in values}
    return TYPES.get(kinds.pop(), {}) if len(kinds) == 1 else {}
