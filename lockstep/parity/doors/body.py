"""Two bodies of an answer, compared value by value: what is expected, and what was served."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from lockstep.parity.answers import Reply
from lockstep.parity.members import find_repeated_members, show_value

HEAD_LENGTH = "Inference-Header-Content-Length"
"""How many bytes of JSON stand before binary tensors."""
MAX_FAULTS = 20


def find_body_faults(expected: bytes, response: Reply) -> tuple[str, ...]:
    """Return where a body is not the expected one; numbers may be written otherwise, members be in another order."""
    if response.content == expected:
        return ()
    length = response.headers.get(HEAD_LENGTH, "")
    place = int(length) if length.isascii() and length.isdigit() else max(len(expected), len(response.content))
    left, right = expected[:place], response.content[:place]
    try:
        told = json.loads(right)
        faults = (*find_repeated_members(right), *find_value_faults(json.loads(left), told, "the answer"))
    except (ValueError, RecursionError):
        return (_describe_place(expected, response.content),)
    if expected[place:] != response.content[place:]:
        faults = (*faults, _describe_place(expected, response.content))
    return tuple(islice(faults, MAX_FAULTS))


def find_value_faults(expected: Any, told: Any, where: str) -> Iterator[str]:
    """Yield the smallest values that differ, each with the way to it."""
    if isinstance(expected, dict) and isinstance(told, dict):
        for name in {**expected, **told}:
            if name in expected and name in told:
                yield from find_value_faults(expected[name], told[name], f"{where}, {name}")
            else:
                yield f"{where}, {name} " + ("is not there" if name in expected else "is not expected")
    elif isinstance(expected, list) and isinstance(told, list) and len(expected) == len(told):
        for place, pair in enumerate(zip(expected, told, strict=True)):
            yield from find_value_faults(*pair, f"{where}, {place}")
    elif msgspec.json.encode(expected) != msgspec.json.encode(told):
        yield f"{where}: expected {show_value(expected)}, served {show_value(told)}"


def _describe_place(expected: bytes, served: bytes) -> str:
    pairs = enumerate(zip(expected, served, strict=False))
    place = next((place for place, (left, right) in pairs if left != right), min(len(expected), len(served)))
    shown = (show_value(each[place : place + 40].decode(errors="replace")) for each in (expected, served))
    return "the body differs from byte {} on: expected {}, served {}".format(place, *shown)
