"""The parts of the reference: routes by title, and types, each described at the first route that has it."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from lockstep.doors.door import JSON
from lockstep.web.reference.spelling import Part, Schema, name_type, spell_schema
from lockstep.web.reference.written import write_example

Document = Mapping[str, Any]
FIRST_PROBLEM = 400


@dataclass(frozen=True)
class Member:
    """A member of a type; `default` is the JSON of what stands for a missing one, empty if nothing does."""

    name: str
    spelled: tuple[Part, ...]
    is_required: bool
    default: str


@dataclass(frozen=True)
class Type:
    """A type on the wire; `says` are the paragraphs of its description."""

    name: str
    says: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Body:
    """What is posted or answered: media types, what it may be, the types described here, and an example, or ""."""

    media_types: tuple[str, ...]
    spelled: tuple[Part, ...]
    types: tuple[Type, ...]
    example: str


@dataclass(frozen=True)
class Parameter:
    """A variable part of the address, or a header."""

    name: str
    place: str
    is_required: bool


@dataclass(frozen=True)
class Operation:
    """A route: `problems` are the codes that it may answer with, in order of their statuses."""

    name: str
    method: str
    path: str
    summary: str
    needs_key: bool
    parameters: tuple[Parameter, ...]
    request: Body | None
    answer: Body
    statuses: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The routes of one title."""

    title: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Reference:
    """All of it: sections in order, and the types that no route has itself, in alphabetical order."""

    sections: tuple[Section, ...]
    types: tuple[Type, ...]


def make_reference(document: Document) -> Reference:
    """Return the reference that an OpenAPI document describes."""
    schemas = dict(document["components"]["schemas"])
    operations = [
        (operation["tags"][0], _describe_operation(path, method, operation, schemas))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    sections = tuple(
        Section(tag["name"], tuple(operation for title, operation in operations if title == tag["name"]))
        for tag in document["tags"]
    )
    return Reference(sections, tuple(_describe_type(name, schemas[name]) for name in sorted(schemas)))


def _describe_operation(path: str, method: str, operation: Document, schemas: dict[str, Schema]) -> Operation:
    """Return a route; the types that it describes are taken out of the schemas."""
    content = operation.get("requestBody", {}).get("content")
    statuses = tuple(status for status in operation["responses"] if int(status) < FIRST_PROBLEM)
    first = operation["responses"][statuses[0]]
    security = operation.get("security", [{}])
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        {} not in security,  # OpenAPI lists alternatives: `{}` is the one without a key
        tuple(Parameter(each["name"], each["in"], each["required"]) for each in operation.get("parameters", ())),
        _describe_body(content, schemas) if content else None,
        _describe_body(first["content"], schemas),
        statuses,
        tuple(_list_codes(operation["responses"])),
    )


def _describe_body(content: Document, schemas: dict[str, Schema]) -> Body:
    described: Schema = content.get(JSON, {"schema": {"type": "string"}})
    types = [name for name in _list_types(described["schema"]) if name in schemas]
    # taken out, so that the next body of this type links to it; what is left belongs to no body
    shown = tuple(_describe_type(name, schemas.pop(name)) for name in types)
    example = write_example(described["example"]) if "example" in described else ""
    return Body(tuple(content), spell_schema(described["schema"]), shown, example)


def _list_types(schema: Schema) -> Iterator[str]:
    """Yield the names of the types that a body may be."""
    if "$ref" in schema:
        yield name_type(schema["$ref"])
    else:
        for choice in schema.get("anyOf", ()):
            yield from _list_types(choice)


def _describe_type(name: str, schema: Schema) -> Type:
    paragraphs = inspect.cleandoc(schema.get("description", "")).split("\n\n")
    says = tuple(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph)
    required = schema.get("required", ())
    members = (_describe_member(each, of, required) for each, of in schema.get("properties", {}).items())
    return Type(name, says, tuple(members))


def _describe_member(name: str, schema: Schema, required: Sequence[str]) -> Member:
    default = msgspec.json.encode(schema["default"]).decode() if "default" in schema else ""
    return Member(name, spell_schema(schema), name in required, default)


def _list_codes(responses: Document) -> Iterator[str]:
    for answer in responses.values():
        for described in answer["content"].values():
            # the codes of a status stand beside the schema of its body, see `lockstep.web.openapi`
            for schema in described["schema"].get("allOf", ()):
                yield from schema.get("properties", {}).get("code", {}).get("enum", ())
