"""Wrong answers: middleware that spoils what the real app says."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
NUMBER = re.compile(rb"\d+\.\d{10,}")


def spoil(app: Wsgi, change: Callable[[bytes], bytes]) -> Wsgi:
    """Return the app with the bodies of its successful forecasts changed."""

    def spoilt(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(app(environ, lambda status, headers, info=None: told.extend((status, headers))))
        status, headers = told
        if environ["PATH_INFO"].endswith("forecast") and status.startswith("200"):
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


def answer_null(body: bytes) -> bytes:
    """Answer null for every prediction."""
    told = json.loads(body)
    if "y_pred" in told:
        return json.dumps({"y_pred": json.dumps([None] * len(json.loads(told["y_pred"])))}).encode()
    told["forecast"]["data"] = [[*row[:3], None, *row[4:]] for row in told["forecast"]["data"]]
    return json.dumps(told).encode()


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
