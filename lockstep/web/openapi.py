"""The OpenAPI 3.1 document, made from the routes, the wire types, the kinds of problem and the served bundle."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import msgspec

from lockstep.doors.door import COUNTS, JSON, OPEN, SHOWN, Door, Route
from lockstep.scoring.kinds import Kind
from lockstep.scoring.problems import MEDIA_TYPE, ProblemBody
from lockstep.scoring.score import score
from lockstep.scoring.service import Service

COMPONENT = "#/components/schemas/{name}"
API_VERSION = "1"
KEY, BEARER = "apiKey", "bearer"
REQUEST_ID = "00000000000000000000000000000000"
NOT_READY = "not ready, with the reasons"
Document = dict[str, Any]


def describe_api(service: Service, doors: Sequence[Door], routes: Sequence[Route]) -> Document:
    """Return the OpenAPI document of a service; its examples are what the default bundle answers."""
    types = {found for route in routes for found in (route.body, route.answer) if found} | {ProblemBody}
    ordered = sorted(types, key=lambda found: found.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=COMPONENT)
    examples = {door.route.name: _make_example(service, door) for door in doors}
    paths: Document = {}
    for route in routes:
        described = _describe_route(route, bool(service.settings.api_keys), *examples.get(route.name, ()))
        paths.setdefault(route.path, {})[route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lockstep",
            "version": API_VERSION,
            "description": "Forecasts the next bar's gross return. Other paths are 404 `not-found`, other methods 405 "
            "`method-not-allowed`, with the same body as every problem. docs/api.md lists what leads to which code.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": {
                "X-Request-Id": {"schema": {"type": "string"}, "description": "the client's own if it has the form"},
                "X-Model-Digest": {"schema": {"type": "string"}, "description": "the digest of the version in charge"},
                "X-Model-Version": {"schema": {"type": "string"}, "description": "its model and number: msft/1"},
            },
            "securitySchemes": {
                KEY: {"type": "apiKey", "in": "header", "name": "x-api-key"},
                BEARER: {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _make_example(service: Service, door: Door) -> tuple[object, object]:
    """Return a body that posts a row of a model, and the door's answer to it; None if no model is of its kind."""
    served = service.registry.find(door.kind)
    if served is None:
        return None, None
    posted = door.write_example(served.bundle)
    request = door.decode(msgspec.json.encode(posted), service.settings.max_rows)
    answer = score(service.registry, replace(request, model=served.name, version=served.version))
    return posted, msgspec.json.decode(door.encode(answer, REQUEST_ID))


def _describe_route(route: Route, has_keys: bool, posted: object = None, answered: object = None) -> Document:
    described: Document = {"operationId": route.name, "summary": route.summary}
    if route.access not in (OPEN, SHOWN):
        described["security"] = _describe_security(route, has_keys)
    if route.body:
        described["requestBody"] = {"required": True, "content": {JSON: _content(route.body, JSON, posted)}}
    content = {media_type: _content(route.answer, media_type, answered) for media_type in route.media_types}
    answers = {
        str(status): _response("the answer" if status == 200 else NOT_READY, content) for status in route.statuses
    }
    described["responses"] = {**answers, **_describe_all_problems(route.kinds)}
    return described


def _describe_security(route: Route, has_keys: bool) -> list[Document]:
    if route.access == COUNTS:
        return [{KEY: []}, {BEARER: []}] if has_keys else [{}]
    return [{KEY: []}] if has_keys else [{}, {KEY: []}]


def _describe_all_problems(kinds: Sequence[Kind]) -> Document:
    """Return the problems of a route by status; kinds of one status are told apart by their code."""
    ordered = sorted(kinds, key=lambda kind: kind.status)
    return {str(status): _describe_problems(list(alike)) for status, alike in groupby(ordered, lambda k: k.status)}


def _describe_problems(kinds: Sequence[Kind]) -> Document:
    codes = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
    schema = {"allOf": [_reference(ProblemBody), codes]}
    description = "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)
    return _response(description, {MEDIA_TYPE: {"schema": schema}})


def _response(description: str, content: Document) -> Document:
    headers = {
        name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", "X-Model-Digest", "X-Model-Version")
    }
    return {"description": description, "headers": headers, "content": content}


def _content(body: type | None, media_type: str, example: object) -> Document:
    if media_type != JSON:
        return {"schema": {"type": "string"}}
    described: Document = {"schema": _reference(body) if body else {"type": "object"}}
    return {**described, "example": example} if example is not None else described


def _reference(body: type) -> Document:
    return {"$ref": COMPONENT.format(name=body.__name__)}
