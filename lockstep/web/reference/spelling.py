"""From the schema of a value to words that a caller reads, with the names of other types kept apart as links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

Schema = Mapping[str, Any]
NULL = "null"
WORDS = {"string": "text", "integer": "whole number"}
"""What the types of JSON are called; the others keep their names."""


@dataclass(frozen=True)
class Part:
    """A piece of a description; `is_type` if it is the name of a type, which stands elsewhere."""

    text: str
    is_type: bool = False


def spell_schema(schema: Schema) -> tuple[Part, ...]:
    """Return what a value may be, in words."""
    return tuple(_join_texts(_spell(schema)))


def _join_texts(parts: Iterator[Part]) -> Iterator[Part]:
    text = ""
    for part in parts:
        if part.is_type:
            yield from (Part(text),) if text else ()
            yield part
            text = ""
        else:
            text += part.text
    if text:
        yield Part(text)


def _spell(schema: Schema, ending: str = "") -> Iterator[Part]:
    """Yield what a value may be; `ending` makes a plural."""
    if "$ref" in schema:
        yield Part(name_type(schema["$ref"]), is_type=True)
    elif "enum" in schema:
        yield Part(" or ".join(map(_write, schema["enum"])))
    elif "anyOf" in schema:
        yield from _spell_choice(schema["anyOf"])
    elif isinstance(schema.get("type"), list):
        yield from _spell_choice([{"type": each} for each in schema["type"]])
    elif schema.get("type") == "array":
        yield from _spell_list(schema, ending)
    elif schema.get("type") == "object":
        yield from _spell_object(schema, ending)
    else:
        yield Part(_spell_scalar(schema, ending))


def _spell_choice(choices: Sequence[Schema]) -> Iterator[Part]:
    """Yield the choices, null at the end."""
    ordered = sorted(choices, key=lambda choice: choice.get("type") == NULL)
    for place, choice in enumerate(ordered):
        if place:
            yield Part(" or ")
        yield from _spell(choice)


def _spell_list(schema: Schema, ending: str) -> Iterator[Part]:
    length = schema.get("minItems") if schema.get("minItems") == schema.get("maxItems") else None
    yield Part(f"list{ending} of" if length is None else f"list{ending} of {length}:")
    yield from _spell_values(schema.get("items") or next(iter(schema.get("prefixItems", ())), {}), "s")


def _spell_values(schema: Schema, ending: str = "") -> Iterator[Part]:
    is_choice = (
        len(schema.get("anyOf", ())) > 1 or len(schema.get("enum", ())) > 1 or isinstance(schema.get("type"), list)
    )
    # "list of number or null" might be a list or null
    yield Part(" (" if is_choice else " ")
    yield from _spell(schema, "" if is_choice else ending)
    yield Part(")" if is_choice else "")


def _spell_object(schema: Schema, ending: str) -> Iterator[Part]:
    yield Part(f"object{ending}")
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping) and values:
        yield Part(" from names to")
        yield from _spell_values(values)


def _spell_scalar(schema: Schema, ending: str) -> str:
    kind = str(schema.get("type", ""))
    if not kind or kind == NULL:
        return kind or "anything"
    if schema.get("format") == "date":
        return f"date{ending}"
    if "contentMediaType" in schema:
        return "JSON inside a text"
    word = ("whole number" if schema.get("multipleOf") == 1 else WORDS.get(kind, kind)) + ending
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return word
    return f"{word} from {low} on" if high is None else f"{word} from {low} to {high}"


def name_type(reference: str) -> str:
    """Return the name of the type that a reference leads to."""
    return reference.rpartition("/")[2]


def _write(value: object) -> str:
    return msgspec.json.encode(value).decode()
