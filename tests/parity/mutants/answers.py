"""Wrong answers: middleware that spoils what the real app says."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
NUMBER = re.compile(rb"\d+\.\d{10,}")


def spoil(app: Wsgi, change: Callable[[bytes], bytes], route: str = "forecast") -> Wsgi:
    """Return the app with the bodies of its successful answers changed, of the routes that end so."""

    def spoilt(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(app(environ, lambda status, headers, info=None: told.extend((status, headers))))
        status, headers = told
        if environ["PATH_INFO"].endswith(route) and status.startswith("200"):
            body = change(body)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]

    return spoilt


def cut_to_ten_decimals(body: bytes) -> bytes:
    """Write floats as `DataFrame.to_json` does by default."""
    return NUMBER.sub(lambda found: f"{float(found[0]):.10f}".encode(), body)


def answer_nothing(body: bytes) -> bytes:
    """Answer 200 with an empty list."""
    told = json.loads(body)
    if "y_pred" in told:
        return b'{"y_pred": "[]"}'
    return json.dumps(
        {**told, "forecast": {**told["forecast"], "index": [], "data": []}, "trace": {"rows": []}}
    ).encode()


def leave_out_trace(body: bytes) -> bytes:
    """Answer the right predictions, but tell nothing of the stages before them."""
    told = json.loads(body)
    told.pop("trace", None)
    return json.dumps(told).encode()


def forecast_the_same_day(body: bytes) -> bytes:
    """Say that the forecast is of the day whose bar was posted."""
    told = json.loads(body)
    for row in told.get("forecast", {}).get("data", []):
        row[1] = row[0]
    return json.dumps(told).encode()


def round_the_price(body: bytes) -> bytes:
    """Round the forecast price to cents."""
    told = json.loads(body)
    for row in told.get("forecast", {}).get("data", []):
        row[4] = row[4] and round(row[4], 2)
    return json.dumps(told).encode()


def answer_null(body: bytes) -> bytes:
    """Answer null for every prediction."""
    told = json.loads(body)
    if "y_pred" in told:
        return json.dumps({"y_pred": json.dumps([None] * len(json.loads(told["y_pred"])))}).encode()
    told["forecast"]["data"] = [[*row[:3], None, *row[4:]] for row in told["forecast"]["data"]]
    return json.dumps(told).encode()


def tell_version(app: Wsgi, **changed: Any) -> Wsgi:
    """Return the app with members of its `/version` replaced."""

    def told(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/version":
            return app(environ, start)
        headers: list[tuple[str, str]] = []
        body = b"".join(app(environ, lambda status, sent, info=None: headers.extend(sent)))
        body = json.dumps({**json.loads(body), **changed}).encode()
        start("200 OK", [(name, value) for name, value in headers if name != "Content-Length"])
        return [body]

    return told


def answer_errors_as_text(app: Wsgi) -> Wsgi:
    """Return the app with the media type of its errors that a plain Flask app would have."""

    def retyped(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def start_retyped(status: str, headers: list[tuple[str, str]], info: Any = None) -> Any:
            plain = [(name, value.replace("problem+json", "json")) for name, value in headers]
            return start(status, plain, info)

        return app(environ, start_retyped)

    return retyped


def claim_another_digest(app: Wsgi) -> Wsgi:
    """Answer every third request as a process of another bundle would."""
    asked = 0

    def stale(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal asked
        asked += 1

        def start_stale(status: str, headers: list[tuple[str, str]], info: Any = None) -> Any:
            if asked % 3 == 0:
                headers = [(name, "0" * 64 if name == "X-Model-Digest" else value) for name, value in headers]
            return start(status, headers, info)

        return app(environ, start_stale)

    return stale
