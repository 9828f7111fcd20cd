"""What this side answers: the doors of the service around the local bundle, from which every expected byte comes."""

from dataclasses import dataclass
from typing import Any

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.doors import plain, table, v1
from lockstep.doors.door import Received
from lockstep.doors.frame import JSON_CELLS, Frame
from lockstep.errors import LockstepError
from lockstep.parity.answers import ServedModel
from lockstep.parity.posted import Posted
from lockstep.predict.forecast import Forecast
from lockstep.scoring.errors import describe
from lockstep.scoring.problems import ProblemAnswer
from lockstep.scoring.score import Answer, ScoringRequest, score

PLAIN, FORECAST, PREDICT = (each.ROUTE.path for each in (plain, v1, table))
DOORS = {route.path: door for door in (plain.DOOR, v1.DOOR, table.DOOR) for route in door.routes}
NOTHING_LEFT = Frame([], [])
"""Stands for the table of a request whose cells are read already."""


@dataclass(frozen=True)
class LocalService:
    """The bundle as the service should hold it, under the name, version and aliases that `/version` gives it."""

    served: Served
    max_rows: int

    def encode(self, posted: Posted, rows: Any, forecast: Forecast, request_id: str) -> bytes:
        """Return the body that answers the request; `rows` are the posted ones as the bundle reads them."""
        door = DOORS[posted.sent.path]
        asked = ScoringRequest(
            NOTHING_LEFT, JSON_CELLS, self.max_rows, history=posted.history, trace=posted.sent.trace, kinds=door.kinds
        )
        return door.encode(Answer(asked, self.served, rows, forecast), request_id).body

    def refuse(self, path: str, body: bytes) -> ProblemAnswer | None:
        """Return the problem that answers a body, None if it is answered otherwise."""
        door = DOORS[path]
        try:
            score(Registry((self.served,), self.served), door.decode(Received(body, self.max_rows)))
        except LockstepError as error:
            return describe(error)
        return None


def hold_bundle(bundle: Bundle, told: ServedModel | None) -> Served:
    """Return the bundle under the name, version and aliases that the service gives it, if it does."""
    check = SelfCheck(0, 0.0)
    if told is None:
        return Served(bundle.manifest.name, 1, (), bundle, check)
    return Served(told.name, told.version, tuple(told.aliases), bundle, check)
