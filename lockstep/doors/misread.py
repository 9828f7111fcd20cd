"""What a body seems to be that is in no form of a route, and the line that sends the right one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lockstep.data.cells import MAX_SHOWN_CHARACTERS
from lockstep.data.near import find_near
from lockstep.data.schema import KNOWN, normalise_column

SPLIT = 'in pandas, send prices.to_json(orient="split")'
FORM = re.compile(rb"[\w.%+\[\]-]+=")
CSV = re.compile(rb"[^\n{\[\"]*,[^\n]*\r?\n")
PYTHON = re.compile(rb"[{\[(]\s*'|\b(None|True|False)\b")
UNKNOWN_MEMBER = re.compile(r"unknown field `([^`]*)`")
PLACE = re.compile(r"at `\$\.(\w+)")
HEAD_BYTES = 1_000
"""How much of a body is looked at."""
LEVEL = "level"
MEMBERS = {
    LEVEL: "is a list of whole percents, such as [80]",
    **dict.fromkeys(("n_windows", "step_size", "h", "max_rows"), "is a whole number, 1 or more"),
    **dict.fromkeys(("first", "last", "next"), "is a date such as 2013-03-01"),
    "version": 'is a number or an alias, such as 2 or "champion"',
    "model": "is a text in quotes",
    "symbol": "is a text in quotes",
    "history": 'is "stored" or "none"',
    "trace": 'is "digests" or "values"',
    "columns": "is a list of texts, the names of the columns",
    "data": "is a list of rows, each a list of cells",
}
"""What the members of a body are that several routes have."""


def describe_text(body: bytes) -> str:
    """Return what a body that is no JSON seems to be, with what to do, behind a semicolon; empty if it may be any."""
    head = body[:HEAD_BYTES].lstrip()
    if FORM.match(head):
        return "; it is a form: with requests, send json=body, or data=text where text is JSON"
    if PYTHON.match(head) or (head[:1] in b"{[" and PYTHON.search(head)):
        return "; it is written as Python shows it: send json.dumps(body), or with requests json=body"
    if b"NaN" in body:
        return "; JSON has no NaN: write null for a missing cell"
    return f"; it is CSV: {SPLIT}" if CSV.match(head) else ""


def describe_encoded_twice(raw: Any) -> str:
    """Return what to do about JSON inside a JSON string, behind a semicolon; empty for anything else."""
    if not isinstance(raw, str):
        return ""
    return "; the body is a text that was encoded to JSON once more: with requests, send data=text, not json=text"


def describe_orientation(raw: Any) -> str:
    """Return which other orientation of pandas a frame has; empty if it has none that is known."""
    if isinstance(raw, list) and raw:
        names = {dict: "records", list: "values"}
        return next((name for kind, name in names.items() if all(isinstance(each, kind) for each in raw)), "")
    if not isinstance(raw, dict) or not raw:
        return ""
    if {"schema", "data"} <= set(raw):
        return "table"
    cells = list(raw.values())
    if all(isinstance(each, list) for each in cells) and _has_bars(raw):
        return "column lists"
    if all(isinstance(each, dict) for each in cells):
        return "columns" if _has_bars(raw) else "index" if _has_bars(cells[0]) else ""
    return ""


def describe_member(error: msgspec.ValidationError, known: Sequence[str]) -> str:
    """Return what the member is of which an error says that it is wrong, behind a semicolon; empty if not known.

    `known` has the members of the body.
    """
    if UNKNOWN_MEMBER.search(str(error)):
        return describe_unknown(error, known)
    place = PLACE.search(str(error))
    told = MEMBERS.get(place[1], "") if place else ""
    return f"; `{place[1]}` {told}" if place and told else ""


def describe_odd_member(error: msgspec.ValidationError, raw: Any) -> str:
    """Return what `level` is beside what was sent, for an error of its type; empty for another error."""
    place = PLACE.search(str(error))
    if place is None or place[1] != LEVEL or not isinstance(raw, dict) or LEVEL not in raw:
        return ""
    return f"`{LEVEL}` {MEMBERS[LEVEL]}; {show_json(raw[LEVEL])} was sent"


def show_json(raw: Any) -> str:
    """Return a value as JSON, as much as a message may show."""
    return msgspec.json.encode(raw)[:MAX_SHOWN_CHARACTERS].decode(errors="replace")


def describe_unknown(error: msgspec.ValidationError, known: Sequence[str]) -> str:
    """Return the member that an unknown one is near to, else all members, behind a semicolon; empty for other errors.

    `known` has the members of the body; those of an object in it are not known here.
    """
    unknown = UNKNOWN_MEMBER.search(str(error))
    if not unknown or not known or PLACE.search(str(error)):
        return ""
    near = find_near(unknown[1], known)
    how = f": {SPLIT}" if near == "dataframe_split" else ""
    return f"; a member is called `{near}`{how}" if near else f"; the members are `{'`, `'.join(known)}`"


def _has_bars(names: Mapping[str, Any]) -> bool:
    """Return whether some of the first names are columns of bars."""
    return any(normalise_column(name) in KNOWN for name in list(names)[: len(KNOWN) * 2])
