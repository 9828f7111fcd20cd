"""Ray's own schema of a config of Serve, and what in a config does not fit it.

Serve itself ignores every key that it does not know: `num_replica: 2` deploys one replica. The file beside this module
is Ray's schema without descriptions; `make ray` compares it with the Ray that is installed.
"""

import json
import operator
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from lockstep.runtimes.ray.config_file import Fault, Place

SCHEMA = Path(__file__).parent / "serve_schema.json"
Schema = Mapping[str, Any]
TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
NAMES = {"array": "a list", "boolean": "true or false", "integer": "a whole number", "null": "nothing",
         "number": "a number", "object": "keys with values", "string": "a text"}  # fmt: skip
LIMITS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("at least", operator.ge),
    "exclusiveMinimum": ("more than", operator.gt),
    "maximum": ("at most", operator.le),
}
MAX_SHOWN = 40


@cache
def load_schema() -> Schema:
    """Return Ray's schema."""
    schema: Schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def find_misfits(values: Any) -> Iterator[Fault]:
    """Yield what in a config does not fit Ray's schema."""
    yield from _find(load_schema(), values, ())


def _find(schema: Schema, value: Any, place: Place) -> Iterator[Fault]:
    if "$ref" in schema:
        schema = load_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        yield from _find_in_choice(schema["anyOf"], value, place)
    elif "type" in schema and not _has_type(value, schema["type"]):
        yield Fault(place, f"is {_show(value)}; expected {NAMES[schema['type']]}")
    elif "enum" in schema and value not in schema["enum"]:
        yield Fault(place, f"is {_show(value)}; expected {' or '.join(map(str, schema['enum']))}")
    elif isinstance(value, dict):
        yield from _find_in_object(schema, value, place)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _find(schema.get("items", {}), each, (*place, number))
    else:
        yield from (
            Fault(place, f"is {_show(value)}; expected {said} {schema[name]}")
            for name, (said, holds) in LIMITS.items()
            if name in schema and not holds(value, schema[name])
        )


def _find_in_choice(choices: list[Schema], value: Any, place: Place) -> Iterator[Fault]:
    """Yield nothing if a choice fits, else what is wrong by the one that comes nearest."""
    found = [list(_find(choice, value, place)) for choice in choices]
    if all(found):
        yield from max(found, key=lambda faults: len(faults[0].place))


def _find_in_object(schema: Schema, value: dict[str, Any], place: Place) -> Iterator[Fault]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
    yield from (Fault((*place, name), "is missing") for name in schema.get("required", ()) if name not in value)
    for name, each in value.items():
        if name in known:
            yield from _find(known[name], each, (*place, name))
        elif isinstance(others, dict):
            yield from _find(others, each, (*place, name))
        elif not others:
            yield Fault((*place, name), f"Serve knows no such key{_suggest(name, list(known))}")


def _has_type(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _suggest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(sorted(known))}"


def _show(value: Any) -> str:
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
