"""Bad requests of MLflow's scoring protocol."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec

from lockstep.parity.doors.protocol import BadBody, Record
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Sent
from lockstep.parity.subject import Subject
from lockstep.scoring.kinds import INVALID_INPUT, MALFORMED, NOT_ACCEPTABLE, UNKNOWN_MODEL, WRONG_MEDIA_TYPE

PATH = "/invocations"
CSV_TYPE = "text/csv"
RECORDS = "dataframe_records"


def name_path(model: str) -> str:
    """Return the path that names a model."""
    return f"/endpoints/{quote(model, safe='')}/invocations"


def write_records(subject: Subject, records: list[Record]) -> Sent:
    """Return the request that posts the records."""
    return _send(subject, {RECORDS: records, **_name_version(subject)})


def _name_version(subject: Subject) -> dict[str, Any]:
    """Return the member that names the version and the series, if they have to be named."""
    version, params = subject.client.version, dict[str, Any](subject.series_name)
    if not (version is None or subject.served is None or subject.is_default):
        params["version"] = version
    return {"params": params} if params else {}


def _choose_path(subject: Subject) -> str:
    """Return a path that leads to the model."""
    return PATH if subject.served is None or subject.is_default else name_path(subject.served.name)


def _send(subject: Subject, body: Any) -> Sent:
    return Sent(_choose_path(subject), msgspec.json.encode(body))


def list_broken(subject: Subject, records: list[Record], draws: Draws) -> Iterator[BadBody]:
    """Yield bodies in no form or in two, options that there are not, and lines that are no CSV."""
    rows, name = [list(record.values()) for record in records], f"no-{draws.below(10**6)}"
    named = _name_version(subject)
    right = {RECORDS: records, **named}
    columns = {column: [record[column] for record in records] for column in records[0]}
    for what, kind, body in (
        ("no form", MALFORMED, {}),
        ("a list", MALFORMED, rows),
        ("two forms", MALFORMED, {**right, "instances": rows}),
        ("an unknown member", MALFORMED, {**right, name: 1}),
        ("an unknown param", MALFORMED, {**right, "params": {**subject.series_name, name: 1}}),
        ("rows of several forms", MALFORMED, {"inputs": [rows[0], records[0]]}),
        ("rows of unequal lengths", INVALID_INPUT, {"instances": [rows[0], rows[0][:-1]], **named}),
    ):
        yield BadBody(what, kind, _send(subject, body))
    if len(columns) > 1:
        longer = {"inputs": {**columns, next(iter(columns)): [None] * (len(records) + 1)}, **named}
        yield BadBody("columns of unequal lengths", INVALID_INPUT, _send(subject, longer))
    infinite = msgspec.json.encode(right).replace(b":[", b":[Infinity,", 1)
    yield BadBody("Infinity", MALFORMED, Sent(_choose_path(subject), infinite))
    is_lone = len(subject.version.models) == 1
    for option in ("model", "version"):
        params = {**subject.series_name, option: name}
        asked = Sent(PATH, msgspec.json.encode({RECORDS: records, "params": params}))
        yield BadBody(f"an unknown {option}", UNKNOWN_MODEL, asked, is_local=is_lone)
    yield BadBody(
        "an answer as PDF", NOT_ACCEPTABLE, replace(_send(subject, right), headers={"Accept": "application/pdf"})
    )
    if not subject.series_name:  # lines have no place for it
        yield from _list_broken_lines(_choose_path(subject), list(columns), rows[0])


def _list_broken_lines(path: str, names: list[str], row: list[Any]) -> Iterator[BadBody]:
    header, line = ",".join(names), ",".join("" if cell is None else str(cell) for cell in row)
    for what, kind, text, parameter in (
        ("an open quote", MALFORMED, f'{header}\n"{line}\n', ""),
        ("a long line", INVALID_INPUT, f"{header}\n{line},1\n", ""),
        ("a header of other columns", INVALID_INPUT, f"{header.replace(',', 's,')}s\n{line}\n", ""),
        ("a header and no row", INVALID_INPUT, f"{header}\n", ""),
        ("a header that may be", WRONG_MEDIA_TYPE, f"{header}\n{line}\n", "; header=maybe"),
    ):
        headers = {"Content-Type": f"{CSV_TYPE}{parameter}"}
        yield BadBody(f"CSV with {what}", kind, Sent(path, text.encode(), headers=headers))
