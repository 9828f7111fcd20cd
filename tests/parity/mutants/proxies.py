"""Proxies in front of the real service that are right for most requests, and wrong for some by as little as can be."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa.in_process import Wsgi
from tests.parity.mutants.seen import Seen, Told, stand_between

STORED, EVALUATED = "2013-03-01", "2009-05-08"
"""The newest stored bar of the default bundle, and the first of its evaluation."""
TWELVE_AHEAD = "2013-03-19"
USUAL_SIZES = (1, 7, 64, 961, 962)

Choose = Callable[[Seen], bool]
Change = Callable[[Told], Told]


@dataclass(frozen=True)
class Proxy:
    """What it changes of the answers to which requests, and the checks that claim to find it."""

    name: str
    killers: tuple[str, ...]
    chooses: Choose
    change: Change
    status: str = "200"
    door: str = ""

    def wrap(self, app: Wsgi) -> Wsgi:
        """Return the app behind the proxy."""

        def change(seen: Seen, told: Told) -> Told:
            is_scored = seen.environ["REQUEST_METHOD"] == "POST" and told.status.startswith(self.status)
            return self.change(told) if is_scored and self.chooses(seen) else told

        return stand_between(app, change)


def nudge(told: Told) -> Told:
    """Move the first number that is predicted by one ULP; what the trace says of it stays right."""
    body = json.loads(told.body)
    if "y_pred" in body:
        values = json.loads(body["y_pred"])
        values[0] = _move(values[0])
        return dataclasses.replace(told, body=json.dumps({"y_pred": json.dumps(values)}).encode())
    frame = body.get("forecast") or body["predictions"]
    place = frame["columns"].index("y_pred" if "forecast" in body else "prediction")
    row = next(row for row in frame["data"] if row[place] is not None)
    row[place] = _move(row[place])
    if "close_pred" in frame["columns"]:
        row[place + 1] = row[place] * row[place - 1]
    return dataclasses.replace(told, body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())


def _move(value: Any) -> Any:
    return float(np.nextafter(value, np.inf))


def edit(change: Callable[[dict[str, Any]], object]) -> Change:
    """Return what changes the decoded body."""

    def edited(told: Told) -> Told:
        body = json.loads(told.body)
        change(body)
        return dataclasses.replace(told, body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())

    return edited


def _spread(seen: Seen) -> bool:
    return any(date > STORED for date in seen.dates) and any(date <= STORED for date in seen.dates)


def _is_of_python(seen: Seen) -> bool:
    return seen.header("HTTP_USER_AGENT").startswith("python-requests")


def _add_column(body: dict[str, Any]) -> None:
    frame = body["forecast"]
    frame["columns"].append("confidence")
    for row in frame["data"]:
        row.append(0.99)


def _repeat_member(told: Told) -> Told:
    return dataclasses.replace(told, body=b'{"y_pred":"[1.0]",' + told.body[1:])


def _repeat_forecast(told: Told) -> Told:
    return dataclasses.replace(told, body=b'{"warnings":["none"],' + told.body[1:])


ALWAYS: Choose = lambda seen: True  # noqa: E731 -- one of many conditions, all of one line
V1: Choose = lambda seen: seen.is_v1  # noqa: E731
PLAIN: Choose = lambda seen: seen.path == "/forecast"  # noqa: E731

PROXIES = (
    Proxy("rows older than the evaluation", ("history",), lambda s: min(s.dates) < EVALUATED, nudge),
    Proxy("more than 1,200 rows", ("history", "fresh"), lambda s: s.n_rows > 1200, nudge),
    Proxy("more than 12 sessions ahead", ("fresh",), lambda s: max(s.dates) > TWELVE_AHEAD, nudge),
    Proxy("stored and new bars together", ("fresh",), _spread, nudge),
    Proxy("new bars alone", ("fresh",), lambda s: min(s.dates) > STORED, nudge),
    Proxy("any client but python-requests", ("chunks",), lambda s: not _is_of_python(s), nudge),
    Proxy("python-requests alone", ("chunks", "wire"), _is_of_python, nudge),
    Proxy("no client named", ("chunks", "wire"), lambda s: not s.header("HTTP_USER_AGENT"), nudge),
    Proxy("no trace", ("chunks",), lambda s: s.is_v1 and not s.has("trace"), nudge),
    Proxy("a trace of values", ("chunks",), lambda s: s.is_v1 and s.asked.get("trace") == "values", nudge),
    Proxy("no symbol", ("chunks",), lambda s: s.is_v1 and not s.has("symbol"), nudge),
    Proxy("a symbol", ("chunks",), lambda s: s.is_v1 and s.has("symbol"), nudge),
    Proxy("no history", ("chunks",), lambda s: s.is_v1 and not s.has("history"), nudge),
    Proxy("no model", ("chunks",), lambda s: s.is_v1 and not s.has("model"), nudge),
    Proxy("a version by its alias", ("chunks",), lambda s: s.is_v1 and s.asked.get("version") == "champion", nudge),
    Proxy("a bare frame", ("chunks",), lambda s: s.is_v1 and s.has("data"), nudge),
    Proxy("epoch dates, not 64 of them", ("wire",), lambda s: isinstance(s.cells[0], int) and s.n_rows != 64, nudge),
    Proxy("dates in the index, not 64", ("wire",), lambda s: "date" not in s.names and s.n_rows != 64, nudge),
    Proxy("an adjusted close, not 64", ("wire",), lambda s: "adj_close" in s.names and s.n_rows != 64, nudge),
    Proxy("exponents", ("wire",), lambda s: b"e+0" in s.body, nudge),
    Proxy("the plain route in other sizes", ("chunks",), lambda s: PLAIN(s) and s.n_rows not in USUAL_SIZES, nudge),
    Proxy("the plain route with a type", ("wire",), lambda s: PLAIN(s) and "json" in s.header("CONTENT_TYPE"), nudge),
    Proxy("false warnings", ("chunks",), V1, edit(lambda body: body["warnings"].append("the bars look odd"))),
    Proxy("no warnings", ("sensitive",), V1, edit(lambda body: body["warnings"].clear())),
    Proxy("a false model", ("chunks",), V1, edit(lambda body: body["model"].update(lookback_bars=199))),
    Proxy("another request id", ("chunks",), V1, edit(lambda body: body.update(request_id="a" * 32))),
    Proxy("a new request id", ("chunks",), ALWAYS, lambda told: told.head("X-Request-Id", "b" * 32)),
    Proxy("another version", ("chunks",), ALWAYS, lambda told: told.head("X-Model-Version", "msft/2")),
    Proxy("an extra column", ("chunks",), V1, edit(_add_column)),
    Proxy("extra cells", ("chunks",), V1, edit(lambda body: body["forecast"]["data"][0].append(1.0))),
    Proxy("an extra member", ("chunks",), PLAIN, edit(lambda body: body.update(model="msft"))),
    Proxy("a member twice", ("chunks",), PLAIN, _repeat_member),
    Proxy("warnings twice", ("chunks",), V1, _repeat_forecast),
    Proxy("text/html", ("chunks",), ALWAYS, lambda told: told.head("Content-Type", "text/html")),
    Proxy("a false detail", ("errors",), ALWAYS, edit(lambda body: body.update(detail="try again later")), "4"),
    Proxy("a false row of a problem", ("errors",), ALWAYS, edit(lambda body: body.update(total=7)), "422"),
    Proxy("errors as text/html", ("errors",), ALWAYS, lambda told: told.head("Content-Type", "text/html"), "4"),
)
"""In front of the default bundle."""


def _has_bounds(seen: Seen) -> bool:
    return bool(seen.has("level") and seen.asked["level"])


def _edit_bounds(change: Callable[[list[Any]], list[Any]]) -> Change:
    """Return what changes the bounds of the intervals of each row: lower, upper, lower, upper, …."""

    def changed(body: dict[str, Any]) -> None:
        frame = body["predictions"]
        place = next(at for at, name in enumerate(frame["columns"]) if name.startswith("lo-"))
        frame["data"] = [[*row[:place], *change(row[place:])] for row in frame["data"]]

    return edit(changed)


def _swap_bounds(bounds: list[float]) -> list[float]:
    return [bounds[place ^ 1] for place in range(len(bounds))]


def _turn_names(body: dict[str, Any]) -> None:
    frame = body["predictions"]
    frame["columns"] = [name.replace("lo-", "HI-").replace("hi-", "lo-").lower() for name in frame["columns"]]


TABLE_PROXIES = (
    Proxy("bounds swapped", ("chunks", "wire"), _has_bounds, _edit_bounds(_swap_bounds)),
    Proxy("names of bounds swapped", ("chunks", "wire"), _has_bounds, edit(_turn_names)),
    Proxy("a bound one ULP off", ("chunks", "wire"), _has_bounds, _edit_bounds(lambda b: [*b[:-1], _move(b[-1])])),
    Proxy("no bounds", ("chunks", "wire"), _has_bounds, _edit_bounds(lambda b: [None] * len(b))),
    Proxy("fewer rows", ("chunks",), _has_bounds, edit(lambda body: body["interval"].update(rows=1))),
    Proxy("intervals unasked", ("chunks",), lambda s: not _has_bounds(s), edit(lambda b: b.update(interval={}))),
    Proxy("more than 1,200 rows", ("wire", "sensitive"), lambda s: s.n_rows > 1200, nudge),
    Proxy("any client but python-requests", ("wire",), lambda s: not _is_of_python(s), nudge),
    Proxy("records", ("wire",), lambda s: s.has("dataframe_records"), nudge),
    Proxy("a bare list", ("wire",), lambda s: isinstance(s.asked, list), nudge),
    Proxy("a missing cell", ("wire",), lambda s: b"null" in s.body, nudge),
    Proxy("no trace", ("wire",), lambda s: not s.has("trace"), nudge),
    Proxy("no warnings", ("sensitive",), ALWAYS, edit(lambda body: body["warnings"].clear())),
    Proxy("a false model", ("chunks",), ALWAYS, edit(lambda body: body["model"].update(kind="series"))),
    Proxy("a false detail", ("errors",), ALWAYS, edit(lambda body: body.update(detail="try again later")), "4"),
    Proxy("a member twice", ("chunks",), ALWAYS, _repeat_forecast),
)
"""In front of a model of a table."""
