"""Every kind of bad input with the code it is answered with; sent byte for byte to a real process."""

import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COLUMNS = ("date", "open", "high", "low", "close", "volume")
BAR: tuple[object, ...] = ("2013-03-04", 24.66, 24.79, 24.52, 24.77, 38157500)
JSON = (("Content-Type", "application/json"),)
BOTH = ("/forecast", "/v1/forecast")
DEFAULT_MAX_BYTES = 4 * 2**20
DEFAULT_MAX_ROWS = 20_000
DEFAULT_MAX_SERIES = 1000
TIMEOUT_S = 30


@dataclass(frozen=True)
class BadRequest:
    """One bad request, what it is, and the `code` of the answer; a `raw` request is sent as it stands."""

    what: str
    code: str
    body: bytes = b""
    paths: tuple[str, ...] = BOTH
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = JSON
    raw: bytes = b""

    def encode(self, path: str) -> bytes:
        """Return the request for one of the paths."""
        if self.raw:
            return self.raw
        headers = (
            ("Host", "localhost"),
            ("Connection", "close"),
            ("Content-Length", str(len(self.body))),
            *self.headers,
        )
        lines = [f"{self.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode() + self.body


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, object]:
        """Return the members of the problem body."""
        members: dict[str, object] = json.loads(self.body)
        return members


def send(url: str, request: bytes) -> RawAnswer:
    """Return the answer to the bytes of a request, after which nothing more is sent."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return RawAnswer(int(status.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}, body)


def write_frame(*rows: tuple[object, ...], columns: tuple[str, ...] = COLUMNS, **members: object) -> bytes:
    return json.dumps({"columns": columns, "data": rows, **members}).encode()


def write_series(*symbols: object) -> bytes:
    return write_frame(*((symbol, *BAR) for symbol in symbols), columns=("symbol", *COLUMNS))


def with_cell(column: str, value: object) -> bytes:
    return write_frame(tuple(value if name == column else cell for name, cell in zip(COLUMNS, BAR, strict=True)))


def with_member(name: str, value: object) -> bytes:
    members: dict[str, Any] = {name: value}
    return write_frame(BAR, **members)


def with_token(token: bytes) -> bytes:
    return write_frame(BAR).replace(b"24.77", token)


def bad_requests() -> Iterator[BadRequest]:
    """Yield every kind."""
    yield from _bodies()
    yield from _columns_and_rows()
    yield from _cells()
    yield from _dates()
    yield from _extents()
    yield from _backtests()
    yield from _protocol()


def _bodies() -> Iterator[BadRequest]:
    yield BadRequest("no body", "empty")
    for what, body in (
        ("not JSON", b"date,open\n"),
        ("truncated JSON", write_frame(BAR)[:-5]),
        ("two documents", write_frame(BAR) * 2),
        ("invalid UTF-8", write_frame(BAR).replace(b"volume", b"vol\xff\xfeme")),
        ("deep nesting", b'{"columns": [], "data": ' + b"[" * 100_000),
        ("a list instead of an object", b"[]"),
        ("a number instead of an object", b"1"),
        ("null", b"null"),
        ("no members", b"{}"),
        ("`data` that is no list", b'{"columns": ["date"], "data": {}}'),
        ("a row without its own brackets", json.dumps({"columns": COLUMNS, "data": BAR}).encode()),
        ("an unknown member", write_frame(BAR, rows=[])),
        ("an unknown member with a name of 100 kB", with_member("x" * 100_000, 1)),
        ("a member twice", write_frame(BAR)[:-1] + b',"data":[]}'),
        ("NaN", with_token(b"NaN")),
        ("Infinity", with_token(b"Infinity")),
        ("-Infinity", with_token(b"-Infinity")),
        ("1e400", with_token(b"1e400")),
        ("a hexadecimal number", with_token(b"0x18")),
    ):
        yield BadRequest(what, "malformed", body)
    options = {"history": "all", "trace": "all"}
    for name, value in options.items():
        yield BadRequest(f"an unknown `{name}`", "malformed", with_member(name, value), BOTH[1:])
    frame = {"columns": COLUMNS, "data": [BAR]}
    yield BadRequest("two frames", "malformed", write_frame(BAR, dataframe_split=frame), BOTH[1:])
    symbols = write_frame(("MSFT", *BAR), columns=("symbol", *COLUMNS), symbol="MSFT")
    yield BadRequest("a member and a column `symbol`", "malformed", symbols, BOTH[1:])
    yield BadRequest("an unknown model", "unknown-model", write_frame(BAR, model="X" * 50), BOTH[1:])
    yield BadRequest("an unknown version", "unknown-model", write_frame(BAR, version="X" * 50), BOTH[1:])
    yield BadRequest("an unknown symbol", "unknown-symbol", write_frame(BAR, symbol="X" * 50), BOTH[1:])


def _columns_and_rows() -> Iterator[BadRequest]:
    for what, body in (
        ("a missing column", write_frame(BAR[:-1], columns=COLUMNS[:-1])),
        ("an unknown column", write_frame((*BAR, 1), columns=(*COLUMNS, "dividend"))),
        ("a column twice", write_frame((*BAR, 1), columns=(*COLUMNS, "Close "))),
        ("no rows", write_frame()),
        ("a row that is too short", write_frame(BAR, BAR[:-1])),
        ("a row that is too long", write_frame((*BAR, 1))),
        ("a row that is no list", write_frame(BAR, "row")),  # type: ignore[arg-type] # that is what is refused
        ("an index of another length", write_frame(BAR, index=[0, 1])),
        ("no date column and no index", write_frame(BAR[1:], columns=COLUMNS[1:])),
        ("no date column and a numbered index", write_frame(BAR[1:], columns=COLUMNS[1:], index=[0])),
    ):
        yield BadRequest(what, "invalid-input", body)
    yield BadRequest("a symbol that is no text", "invalid-input", write_series(7203), BOTH[1:])
    yield BadRequest("no symbol that is known", "unknown-symbol", write_series("ACME", "XYZ"), BOTH[1:])


def _cells() -> Iterator[BadRequest]:
    for what, body in (
        ("a string for a number", with_cell("close", "24.77")),
        ("a long string for a number", with_cell("close", "9" * 1000)),
        ("true for a number", with_cell("close", True)),
        ("null for a number", with_cell("close", None)),
        ("an object for a number", with_cell("close", {"value": 24.77})),
        ("a price of 0", with_cell("open", 0)),
        ("a negative price", with_cell("open", -24.66)),
        ("a price beyond all prices", with_cell("open", 1e31)),
        ("a negative volume", with_cell("volume", -1)),
        ("high below low", with_cell("high", 24.0)),
        ("a close above high", with_cell("close", 25.0)),
    ):
        yield BadRequest(what, "invalid-input", body)


def _dates() -> Iterator[BadRequest]:
    for what, date in (
        ("a date in seconds", 1362355200),
        ("a date with a time", "2013-03-04T09:30:00"),
        ("a date with an offset", "2013-03-04T00:00:00+02:00"),
        ("a date in another order", "04/03/2013"),
        ("a day that no month has", "2013-02-30"),
        ("a date that is null", None),
        ("a weekend", "2013-03-09"),
        ("a holiday", "2013-12-25"),
        ("a date beyond the calendar", "2099-01-02"),
    ):
        yield BadRequest(what, "invalid-input", with_cell("date", date))
    yield BadRequest("a date twice", "invalid-input", write_frame(BAR, BAR))
    yield BadRequest("a session in the future, alone", "missing-bars", with_cell("date", "2030-01-02"))
    yield BadRequest("a gap", "missing-bars", write_frame(BAR, ("2013-03-06", *BAR[1:])))
    yield BadRequest("too few bars without history", "missing-bars", write_frame(BAR, history="none"), BOTH[1:])


def _extents() -> Iterator[BadRequest]:
    row = json.dumps(BAR).encode()
    rows = b",".join([row] * (DEFAULT_MAX_ROWS + 1))
    yield BadRequest("too many rows", "too-large", write_frame().replace(b'"data": []', b'"data": [%b]' % rows))
    series = write_series(*(f"S{place}" for place in range(DEFAULT_MAX_SERIES + 1)))
    yield BadRequest("too many series", "too-large", series, BOTH[1:])
    cells = b",".join([b"[{}]"] * 800_000)
    yield BadRequest("too many values", "too-large", write_frame().replace(b'"data": []', b'"data": [[%b]]' % cells))
    lying = b"POST /forecast HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    length = f"Content-Length: {DEFAULT_MAX_BYTES + 1}\r\n\r\n".encode()
    yield BadRequest("a body that is too large", "too-large", raw=lying + length + b" ", paths=("",))
    yield BadRequest(
        "a body shorter than its `Content-Length`",
        "malformed",
        raw=lying + b"Content-Length: 99\r\n\r\n{}",
        paths=("",),
    )
    yield BadRequest("a body without `Content-Length`", "empty", raw=lying + b"\r\n" + write_frame(BAR), paths=("",))
    chunked = lying + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    yield BadRequest("chunks that are too large", "too-large", raw=chunked + chunk * 65 + b"0\r\n\r\n", paths=("",))
    yield BadRequest("a chunk of no length", "malformed", raw=chunked + b"zz\r\n", paths=("",))
    yield BadRequest("chunks without an end", "malformed", raw=chunked + b"2\r\n{}\r\n", paths=("",))


def _backtests() -> Iterator[BadRequest]:
    for what, code, members in (
        ("a `step_size` of 0", "malformed", {"step_size": 0}),
        ("a `first` that is no date", "malformed", {"first": "yesterday"}),
        ("more windows than bars", "invalid-input", {"n_windows": 10**9}),
        ("a `first` after `last`", "invalid-input", {"first": "2013-01-03", "last": "2013-01-02"}),
        ("a cutoff without a session", "invalid-input", {"last": "2013-03-09"}),
        ("a cutoff without its look-back", "invalid-input", {"first": "2000-03-01"}),
        ("another horizon", "invalid-input", {"h": 5}),
        ("a `next` of another request", "invalid-input", {"n_windows": 5, "next": "2013-01-02"}),
        ("a longer page than the service answers", "too-large", {"max_rows": DEFAULT_MAX_ROWS + 1}),
    ):
        yield BadRequest(what, code, json.dumps(members).encode(), ("/v1/backtest",))
    hole = write_frame(("2013-03-06", *BAR[1:]))
    yield BadRequest("bars behind a gap, to backtest", "missing-bars", hole, ("/v1/backtest",))


def _protocol() -> Iterator[BadRequest]:
    frame = write_frame(BAR)
    yield BadRequest("a CSV file", "media-type", b"date,open", headers=(("Content-Type", "text/csv"),))
    yield BadRequest(
        "a gzip body", "content-encoding", gzip.compress(frame), headers=(*JSON, ("Content-Encoding", "gzip"))
    )
    yield BadRequest("another method", "method-not-allowed", method="GET")
    yield BadRequest("another path", "not-found", frame, paths=("/v3/forecast",))
    yield BadRequest("a doubled slash", "not-found", frame, paths=("/v1//forecast",))
    for what, code, head in (
        ("a request line that is none", "bad-request", b"forecast\r\n\r\n"),
        ("a `Content-Length` that is no number", "bad-request", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        ("a header without a colon", "bad-request", b"GET / HTTP/1.1\r\nHost\r\n\r\n"),
        ("an unknown expectation", "expectation-failed", b"POST /forecast HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n"),
        (
            "an unknown transfer coding", "not-implemented",
            b"POST /forecast HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: lzw\r\n\r\n",
        ),
        ("a request line that is too long", "uri-too-long", b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n"),
        ("a header that is too long", "headers-too-large", b"GET / HTTP/1.1\r\nX-A: " + b"x" * 9000 + b"\r\n\r\n"),
        ("a flood of headers", "headers-too-large", b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n"),
    ):  # fmt: skip
        yield BadRequest(what, code, raw=head, paths=("",))
