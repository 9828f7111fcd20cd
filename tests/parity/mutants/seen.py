"""A request and its answer as a proxy sees them, and apps that pass most answers on as they are."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from qa.in_process import Wsgi


@dataclass(frozen=True)
class Seen:
    """A request: its path, headers as WSGI names them, and its body."""

    path: str
    environ: dict[str, Any]
    body: bytes

    @cached_property
    def asked(self) -> Any:
        """Return the decoded body, an empty object if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @cached_property
    def frame(self) -> dict[str, Any]:
        """Return the frame, wherever it is; empty if there is none."""
        asked = self.asked if isinstance(self.asked, dict) else {}
        frame = asked.get("dataframe_split", asked)
        return frame if isinstance(frame, dict) and isinstance(frame.get("data"), list) else {}

    @cached_property
    def names(self) -> list[str]:
        """Return the names of the columns in the spelling of the contract."""
        return [str(name).strip().lower().replace(" ", "_") for name in self.frame.get("columns", [])]

    @cached_property
    def cells(self) -> list[Any]:
        """Return the cells of the dates, wherever they are."""
        if "date" not in self.names:
            return list(self.frame.get("index") or [])
        place = self.names.index("date")
        return [row[place] for row in self.frame["data"] if len(row) > place]

    @cached_property
    def dates(self) -> list[str]:
        """Return the dates, ISO 8601."""
        return [str(np.datetime64(cell, "ms"))[:10] if isinstance(cell, int) else str(cell)[:10] for cell in self.cells]

    @property
    def n_rows(self) -> int:
        """Return how many rows the body has, in any of its forms."""
        if isinstance(self.asked, list):
            return len(self.asked)
        rows = self.frame.get("data") or self.asked.get("dataframe_records") or self.asked.get("instances") or []
        return len(rows)

    @property
    def is_v1(self) -> bool:
        """Return whether it asks our own API."""
        return self.path.startswith("/v1/")

    def has(self, member: str) -> bool:
        """Return whether the body has a member."""
        return isinstance(self.asked, dict) and member in self.asked

    def header(self, name: str) -> str:
        """Return a header, empty if it is not there."""
        return str(self.environ.get(name, ""))


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def head(self, name: str, value: str) -> "Told":
        """Return the answer with another value of a header."""
        return replace(self, headers=tuple((each, value if each == name else was) for each, was in self.headers))


def stand_between(app: Wsgi, change: Callable[[Seen, Told], Told]) -> Wsgi:
    """Return the app with each of its answers changed."""

    def changed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        told: list[Any] = []
        answered = b"".join(app(environ, lambda status, headers, info=None: told.extend((status, headers))))
        after = change(Seen(environ["PATH_INFO"], environ, body), Told(told[0], tuple(told[1]), answered))
        kept = [(name, value) for name, value in after.headers if name.lower() != "content-length"]
        start(after.status, [*kept, ("Content-Length", str(len(after.body)))])
        return [after.body]

    return changed
