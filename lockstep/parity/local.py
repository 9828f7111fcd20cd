"""What this side answers: the doors of the service around the local bundle, from which every expected byte comes."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.versions import CHAMPION
from lockstep.doors import backtest, plain, table, v1
from lockstep.doors.door import JSON, Door, Encoded, Received
from lockstep.doors.frame import JSON_CELLS, Frame
from lockstep.doors.listed import find_door
from lockstep.errors import LockstepError
from lockstep.parity.answers import ServedModel
from lockstep.parity.posted import Posted, Sent
from lockstep.predict.forecast import Forecast
from lockstep.scoring.errors import describe
from lockstep.scoring.problems import ProblemAnswer
from lockstep.scoring.score import Answer, ScoringRequest

PLAIN, FORECAST, BACKTEST, PREDICT = (each.ROUTE.path for each in (plain, v1, backtest, table))
NOTHING_LEFT = Frame([], [])
"""Stands for the table of a request whose cells are read already."""


@dataclass(frozen=True)
class LocalService:
    """The bundle as the service should hold it, under the name, version and aliases that `/version` gives it.

    `registry` holds it alone; of a series of a panel, it holds the panel.
    """

    served: Served
    max_rows: int
    registry: Registry

    def encode(self, posted: Posted, rows: Any, forecast: Forecast, request_id: str) -> bytes:
        """Return the body that answers the request; `rows` are the posted ones as the bundle reads them."""
        door, sent = open_door(posted.sent.path), posted.sent
        asked = ScoringRequest(
            NOTHING_LEFT, JSON_CELLS, self.max_rows, history=posted.history, trace=sent.trace, kinds=door.kinds
        )
        levels = self.served.bundle.choose_levels(sent.levels)
        return door.encode(Answer(asked, self.served, rows, forecast, levels), request_id).body

    def answer(self, sent: Sent, rows: Any, forecast: Forecast, request_id: str) -> Encoded:
        """Return what a door writes that has to read of a request how it wants to be answered."""
        door = open_door(sent.path)
        asked = door.decode(receive(door, sent, self.max_rows))
        return door.encode(Answer(asked, self.served, rows, forecast), request_id)

    def score(self, sent: Sent) -> Any:
        """Return the answer to a request before it is written; raise a `LockstepError`."""
        door = open_door(sent.path)
        return door.score(self.registry, door.decode(receive(door, sent, self.max_rows)), None)

    def write(self, sent: Sent, answer: Any, request_id: str) -> bytes:
        """Return the body of an answer to a request."""
        return open_door(sent.path).encode(answer, request_id).body

    def refuse(self, sent: Sent) -> ProblemAnswer | None:
        """Return the problem that answers a request, None if it is answered otherwise."""
        try:
            self.write(sent, self.score(sent), "")
        except LockstepError as error:
            return describe(error)
        return None


def open_door(path: str) -> Door:
    """Return the door to which a path leads; raise `LookupError`."""
    door = find_door(path)
    if door is None:
        raise LookupError(f"no door is at {path}")
    return door


def receive(door: Door, sent: Sent, max_rows: int) -> Received:
    """Return a request as the service hands it to a door."""
    media_type = (sent.headers.get("Content-Type", JSON) or "").partition(";")[0].strip().lower()
    headers = {name.lower(): value for name, value in sent.headers.items() if value is not None}
    read = {name: headers[name] for name in door.headers if name in headers}
    return Received(sent.body, max_rows, media_type, read, _find_names(door, sent.path))


def _find_names(door: Door, path: str) -> dict[str, str]:
    """Return the variable parts of a path."""
    patterns = (re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path) for route in door.routes)
    found = next((found for pattern in patterns if (found := re.fullmatch(pattern, path))), None)
    return {} if found is None else {name: unquote(part) for name, part in found.groupdict().items()}


def hold_bundle(bundle: Bundle, told: ServedModel | None) -> Served:
    """Return the bundle under the name, version and aliases that the service gives it, if it does."""
    check = SelfCheck(0, 0.0)
    if told is None:
        return Served(bundle.manifest.name, 1, (CHAMPION,), bundle, check)
    return Served(told.name, told.version, tuple(told.aliases), bundle, check)
