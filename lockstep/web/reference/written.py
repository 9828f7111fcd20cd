"""Examples as JSON that people read: a member a line, and a row of cells in one line."""

from collections.abc import Iterator
from typing import Any

import msgspec

STEP = "  "
MAX_LINE = 76
"""Characters of a value that stays in one line; rows and lists of numbers do in any case."""


def write_example(example: object) -> str:
    """Return an example: JSON laid out for people, or the text of an answer that is none."""
    return example if isinstance(example, str) else "".join(_write(example, ""))


def _write(value: Any, indent: str) -> Iterator[str]:
    if _fits(value, indent):
        yield _write_line(value)
    elif isinstance(value, dict):
        yield from _write_lines("{}", [(f"{_write_line(name)}: ", each) for name, each in value.items()], indent)
    else:
        yield from _write_lines("[]", [("", each) for each in value], indent)


def _fits(value: Any, indent: str) -> bool:
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return True
    return not value or not isinstance(value, list | dict) or len(indent) + len(_write_line(value)) <= MAX_LINE


def _write_lines(brackets: str, members: list[tuple[str, Any]], indent: str) -> Iterator[str]:
    inner = indent + STEP
    for place, (name, value) in enumerate(members):
        yield f"{',' if place else brackets[0]}\n{inner}{name}"
        yield from _write(value, inner)
    yield f"\n{indent}{brackets[1]}"


def _write_line(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_write_line(name)}: {_write_line(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_write_line, value)) + "]"
    return msgspec.json.encode(value).decode()
