"""Bad input, and the status and code that the contract has for each: never 500, never 200."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from lockstep.data.bars import Bars
from lockstep.data.calendar import NOT_A_SESSION
from lockstep.parity.bodies import split_frame
from lockstep.parity.client import ServiceClient
from lockstep.parity.compare import Comparison
from lockstep.parity.series import SeriesSubject

PATHS = ("/forecast", "/v1/forecast")


@dataclass(frozen=True)
class BadInput:
    """One bad request and what it has to be answered with."""

    what: str
    body: bytes
    status: int
    code: str
    headers: dict[str, str] = field(default_factory=dict)
    path: str = PATHS[0]

    def judge(self, client: ServiceClient) -> list[str]:
        """Return what is wrong with the service's answer, nothing where it is as documented."""
        response = client.send("POST", self.path, self.body, self.headers)
        where = f"{self.what} to {self.path}"
        try:
            told = msgspec.json.decode(response.content, type=dict)
        except (ValueError, UnicodeDecodeError, RecursionError):
            return [f"{where} was answered {response.status_code} without a JSON object"]
        if (response.status_code, told.get("code")) != (self.status, self.code):
            answered = f"{response.status_code} {told.get('code')}"
            return [f"{where} was answered {answered}, expected {self.status} {self.code}"]
        expected = {"status": self.status, "request_id": response.headers.get("X-Request-Id")}
        wrong = [name for name, value in expected.items() if told.get(name) != value]
        wrong += [name for name in ("title", "detail", "message") if not told.get(name)]
        if response.headers.get("Content-Type") != "application/problem+json":
            wrong.append("Content-Type")
        return [f"{where} was answered {self.status} {self.code} with a wrong {name}" for name in wrong]


def check_errors(subject: SeriesSubject) -> Comparison:
    """Post each kind of bad input to both routes and compare status and code of the answers."""
    newest = subject.tested.select(slice(-1, None))
    cases = [replace(case, path=path) for case in bad_bodies(newest) for path in PATHS]
    cases += [case for path in PATHS for case in refuse_callers(subject.client, path)]
    for case in _lone_rows(subject):
        cases.append(replace(case, path=PATHS[1], body=subject.client.name_model(case.body)))
        if subject.is_default:
            cases.append(case)
    return Comparison(len(cases), faults=tuple(fault for case in cases for fault in case.judge(subject.client)))


def refuse_callers(client: ServiceClient, path: str) -> Iterator[BadInput]:
    """Yield requests that are refused whatever they post: of another media type, or without the right key."""
    if path != PATHS[0]:  # the tutorial's clients declare what they like
        yield BadInput("a CSV file", b"a,b", 415, "media-type", {"Content-Type": "text/csv"}, path)
    if client.api_key:
        yield BadInput("a wrong key", b"{}", 401, "unauthorized", {"x-api-key": "wrong"}, path)
        yield BadInput("no key", b"{}", 401, "unauthorized", {"x-api-key": ""}, path)


def _lone_rows(subject: SeriesSubject) -> Iterator[BadInput]:
    """Yield a bar two sessions after the stored history, and one on a day that is no session."""
    stored, calendar = subject.bundle.bars, subject.bundle.calendar
    newest = int(calendar.session_numbers(stored.dates[-1:])[0])
    later = calendar.session_dates(np.array([newest + 2]))
    bar = stored.select(slice(-1, None))
    yield BadInput("a row behind a gap", _write_bar(Bars(later, bar.values)), 422, "missing-bars")
    days = stored.dates[-1] + np.arange(1, 15)
    closed = days[calendar.session_numbers(days) == NOT_A_SESSION][:1]
    if closed.size:
        yield BadInput("a day without a session", _write_bar(Bars(closed, bar.values)), 422, "invalid-input")


def _write_bar(bars: Bars) -> bytes:
    return msgspec.json.encode(split_frame(bars))


def bad_bodies(newest: Bars) -> Iterator[BadInput]:
    """Yield what cannot be right about one bar, and why it is refused."""
    frame = split_frame(newest)
    row = dict(zip(frame["columns"], frame["data"][0], strict=True))
    whole = _write(row)
    yield BadInput("no body", b"", 400, "empty")
    yield BadInput("half a body", whole[:-5], 400, "malformed")
    yield BadInput("a list", b"[]", 400, "malformed")
    yield BadInput("NaN", _write({**row, "close": "@"}).replace(b'"@"', b"NaN"), 400, "malformed")
    for what, body in (
        ("no rows", _write()),
        ("a date twice", _write(row, row)),
        ("a missing column", _write({name: row[name] for name in row if name != "close"})),
        ("text for a number", _write({**row, "close": "24.5"})),
        ("a null", _write({**row, "close": None})),
        ("a negative price", _write({**row, "low": -1.0})),
        ("high below low", _write({**row, "high": row["low"] / 2})),
        ("a time of day", _write({**row, "date": f"{row['date']}T09:30:00"})),
    ):
        yield BadInput(what, body, 422, "invalid-input")


def _write(*rows: dict[str, object]) -> bytes:
    columns = list(rows[0]) if rows else []
    return msgspec.json.encode({"columns": columns, "data": [list(row.values()) for row in rows]})
