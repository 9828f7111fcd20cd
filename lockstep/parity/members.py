"""The members of an answer, each compared with the one that this side gives."""

import json
from collections import Counter
from typing import Any

import msgspec

from lockstep.doors.answers import PROBA_COLUMN
from lockstep.parity.answers import DATED, ROWS, Reply, UnexpectedAnswer
from lockstep.parity.posted import Sent
from lockstep.predict.stages import PREDICTION

ABSENT = "is not there"
MAX_SHOWN_CHARACTERS = 120
FRAMES = (*DATED, "predictions")
OUTPUTS = (PREDICTION, "y_pred")


def find_member_faults(expected: Any, told: Any, *, has_all_stages: bool) -> tuple[str, ...]:
    """Return which members of an answer are not the expected ones, by type and bits.

    Left out are the outputs, which are compared as guaranteed, and the stages of a trace, which are compared row by
    row. Without `has_all_stages` another predictor answers, whose trace may name other stages.
    """
    left, right = (dict(_list_members(each, has_all_stages)) for each in (expected, told))
    return tuple(
        f"{name} does not follow from what was posted: expected {_show(left, name)}, served {_show(right, name)}"
        for name in {**left, **right}
        if name not in left or name not in right or _encode(left[name]) != _encode(right[name])
    )


def find_header_faults(sent: Sent, response: Reply, expected: dict[str, str]) -> tuple[str, ...]:
    """Return which headers are not the expected ones; a request id that was sent has to come back."""
    wanted = {**expected, "Content-Type": expected.get("Content-Type", "application/json")}
    if request_id := sent.headers.get("X-Request-Id"):
        wanted["X-Request-Id"] = request_id
    return tuple(
        f"the header {name} was {response.headers.get(name)!r}, expected {value!r}"
        for name, value in wanted.items()
        if response.headers.get(name) != value
    )


def find_repeated_members(content: bytes) -> tuple[str, ...]:
    """Return which members an object of the answer has more than once: readers differ in which they keep."""
    repeated: dict[str, None] = {}

    def collect(members: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated.update(
            dict.fromkeys(name for name, count in Counter(name for name, _ in members).items() if count > 1)
        )
        return dict(members)

    try:
        json.loads(content, object_pairs_hook=collect)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer(f"the answer is no JSON: {error}") from error
    return tuple(f"an object of the answer has the member {name!r} more than once" for name in repeated)


def _list_members(told: Any, has_all_stages: bool) -> list[tuple[str, Any]]:
    if not isinstance(told, dict):
        return [("the answer", told)]
    members: list[tuple[str, Any]] = []
    for name, value in told.items():
        if name in FRAMES and _is_frame(value):
            members += _list_columns(name, value)
        elif name == "trace" and isinstance(value, dict):
            members.append(("the rows of the trace", value.get(ROWS)))
            if has_all_stages:
                members.append(("the stages of the trace", sorted(value)))
        elif isinstance(value, dict) and value:
            members += [(f"the member {name}.{inner}", cell) for inner, cell in value.items()]
        elif name not in OUTPUTS:
            members.append((f"the member {name}", value))
    return members


def _is_frame(value: Any) -> bool:
    """Return whether it has columns, and cells for each of them in each row; any other value is compared as a whole."""
    if not (isinstance(value, dict) and isinstance(value.get("columns"), list) and isinstance(value.get("data"), list)):
        return False
    names, rows = value["columns"], value["data"]
    return all(isinstance(name, str) for name in names) and all(
        isinstance(row, list) and len(row) >= len(names) for row in rows
    )


def _list_columns(member: str, frame: dict[str, Any]) -> list[tuple[str, Any]]:
    members = [(f"the member {member}.{name}", value) for name, value in frame.items() if name not in ("data", "index")]
    members.append(("the index of the answered frame", frame.get("index")))
    members.append(("the number of cells in an answered row", sorted(set(map(len, frame["data"])))))
    members += [
        (f"the column {name} of the answered frame", [row[place] for row in frame["data"]])
        for place, name in enumerate(frame["columns"])
        if name not in OUTPUTS and not name.startswith(PROBA_COLUMN.format(""))
    ]
    return members


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _show(members: dict[str, Any], name: str) -> str:
    return show_value(members[name]) if name in members else ABSENT


def show_value(value: Any) -> str:
    """Return a value as JSON, cut if it is long."""
    shown = _encode(value).decode()
    return shown if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}…"
