"""The OpenAPI 3.1 document, made from the doors, the routes, the wire types, the kinds of problem and the models."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec

from lockstep.doors.door import JSON, OPEN, SHOWN, Door, Encoded, Route, encode_problem
from lockstep.scoring.kinds import Kind
from lockstep.scoring.problems import FAILURE, ProblemAnswer, ProblemBody
from lockstep.scoring.service import Service
from lockstep.web.examples import REQUEST_ID, make_example

COMPONENT = "#/components/schemas/{name}"
API_VERSION = "1"
KEY, BEARER, BASIC = "apiKey", "bearer", "basic"
MEANINGS = {
    200: "the answer",
    207: "the answer to some of the series, and the problems of the others",
    503: "not ready, with the reasons",
}
RUNNING = "What is running"
"""The title of the routes of no door."""
DESCRIBED = ("accept", "content-type")
"""Headers that OpenAPI describes by the media types, and nowhere else."""
VARIABLE = re.compile(r"\{(\w+)\}")
Document = dict[str, Any]
HEADERS: Document = {
    "X-Request-Id": {
        "schema": {"type": "string"},
        "description": "the client's own if it is well formed, else a new one",
    },
    "X-Model-Digest": {"schema": {"type": "string"}, "description": "the digest of the version in charge"},
    "X-Model-Version": {"schema": {"type": "string"}, "description": "its model and number, as in NAME/1"},
}
SCHEMES: Document = {
    KEY: {"type": "apiKey", "in": "header", "name": "x-api-key"},
    BEARER: {"type": "http", "scheme": "bearer"},
    BASIC: {"type": "http", "scheme": "basic", "description": "the key as the user, and no password"},
}


@dataclass(frozen=True)
class Described:
    """One route with what its description needs: the schemas of all types, what its door brings, and an example."""

    route: Route
    schemas: Mapping[Any, Document]
    has_keys: bool
    problem: type = ProblemBody
    encode_problem: Callable[[ProblemAnswer, str], Encoded] = encode_problem
    headers: tuple[str, ...] = ()
    title: str = RUNNING
    example: tuple[object, object] = field(default=(None, None))


def describe_api(service: Service, doors: Sequence[Door], routes: Sequence[Route]) -> Document:
    """Return the OpenAPI document of a service; its examples are what the default bundle answers."""
    types = list(dict.fromkeys([*_list_types(routes), *(door.problem for door in doors), ProblemBody]))
    written, components = msgspec.json.schema_components(types, ref_template=COMPONENT)
    schemas, has_keys = dict(zip(types, written, strict=True)), bool(service.settings.api_keys)
    described = {route.name: Described(route, schemas, has_keys) for route in routes}
    for door in doors:
        example = make_example(service, door)
        scoring = (
            Described(route, schemas, has_keys, door.problem, door.encode_problem, door.headers, door.title, example)
            for route in door.routes
        )
        pages = (
            Described(page.route, schemas, has_keys, door.problem, door.encode_problem, title=door.title)
            for page in door.pages
        )
        described |= {each.route.name: each for each in (*scoring, *pages)}
    paths: Document = {}
    for each in described.values():
        paths.setdefault(each.route.path, {})[each.route.method.lower()] = _describe_route(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lockstep",
            "version": API_VERSION,
            "description": "Predicts with scikit-learn models. Other paths are 404 `not-found`, other methods 405 "
            "`method-not-allowed`, with the same body as every problem; a browser gets a page that says what to send. "
            "docs/api/problems.md lists what leads to which code.",
        },
        "tags": [{"name": title} for title in dict.fromkeys(each.title for each in described.values())],
        "paths": paths,
        "components": {"schemas": components, "headers": HEADERS, "securitySchemes": SCHEMES},
    }


def leave_out_examples(document: Document) -> Document:
    """Return a copy of an OpenAPI document without the rows and the answers that its paths show."""
    return {**document, "paths": _without_examples(document.get("paths", {}))}


def _without_examples(described: Any) -> Any:
    if isinstance(described, dict):
        # an example stands beside the schema of a body; without one beside it, the name is that of a member
        hidden = {"example"} if "schema" in described else set()
        return {name: _without_examples(each) for name, each in described.items() if name not in hidden}
    return [_without_examples(each) for each in described] if isinstance(described, list) else described


def _list_types(routes: Sequence[Route]) -> list[Any]:
    return [found for route in routes for types in (route.body, route.answer) for found in _as_tuple(types)]


def _as_tuple(types: Any) -> tuple[Any, ...]:
    return types if isinstance(types, tuple) else () if types is None else (types,)


def _describe_route(each: Described) -> Document:
    route, (posted, answered) = each.route, each.example
    described: Document = {"operationId": route.name, "summary": route.summary, "tags": [each.title]}
    if parameters := _describe_parameters(each):
        described["parameters"] = parameters
    if route.access not in (OPEN, SHOWN):
        described["security"] = _describe_security(each.has_keys)
    if route.method == "POST":
        content = {media_type: _content(each, route.body, media_type, posted) for media_type in route.takes}
        described["requestBody"] = {"required": True, "content": content}
    content = {media_type: _content(each, route.answer, media_type, answered) for media_type in route.media_types}
    answers = {str(status): _response(MEANINGS[status], content) for status in route.statuses}
    described["responses"] = {**_describe_all_problems(each), **answers}
    return described


def _describe_parameters(each: Described) -> list[Document]:
    text = {"schema": {"type": "string"}}
    paths = [{"name": name, "in": "path", "required": True, **text} for name in VARIABLE.findall(each.route.path)]
    queries = [{"name": name, "in": "query", "required": False, **text} for name in each.route.queries]
    return [
        *paths,
        *queries,
        *({"name": name, "in": "header", "required": False, **text} for name in each.headers if name not in DESCRIBED),
    ]


def _describe_security(has_keys: bool) -> list[Document]:
    ways: list[Document] = [{KEY: []}, {BEARER: []}, {BASIC: []}]
    # each is a way in by itself; the empty one is to send nothing
    return ways if has_keys else [{}, *ways]


def _describe_all_problems(each: Described) -> Document:
    """Return the problems of a route by status; kinds of one status are told apart by their code."""
    ordered = sorted(each.route.kinds, key=lambda kind: kind.status)
    return {str(status): _describe_problems(each, list(alike)) for status, alike in groupby(ordered, _status_of)}


def _status_of(kind: Kind) -> int:
    return kind.status


def _describe_problems(each: Described, kinds: Sequence[Kind]) -> Document:
    codes = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
    schema = {"allOf": [each.schemas[each.problem], codes]}
    description = "; ".join(f"`{kind.code}`: {kind.title}" for kind in kinds)
    return _response(description, {each.encode_problem(FAILURE, REQUEST_ID).media_type: {"schema": schema}})


def _response(description: str, content: Document) -> Document:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    return {"description": description, "headers": headers, "content": content}


def _content(each: Described, body: Any, media_type: str, example: object) -> Document:
    if media_type != JSON:
        return {"schema": {"type": "string"}}
    alike = [each.schemas[found] for found in _as_tuple(body)]
    described: Document = {"schema": {"anyOf": alike} if len(alike) > 1 else alike[0] if alike else {"type": "object"}}
    return {**described, "example": example} if example is not None else described
