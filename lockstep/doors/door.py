"""What a door and a route are."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.scoring.kinds import EVERY_ROUTE, Kind, kinds_of
from lockstep.scoring.score import Answer, ModelKind, ScoringRequest

JSON, HTML = "application/json", "text/html"
OPEN, SHOWN, KEY, COUNTS = "open", "shown", "key", "counts"
"""Who may call a route: everyone; everyone of a service with keys, else who may forecast; who may forecast; who may
read the counts."""


@dataclass(frozen=True)
class Route:
    """One route, declared once: the app, `GET /`, `/openapi.json`, docs/api.md and the tests are made from it.

    `body` and `answer` are the types on the wire; an answer without a type is any JSON object, or text. `statuses`
    and `media_types` are those of an answer that is not a problem. `scopes` are those of the problems that the route
    gives beside those of every route.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    access: str = OPEN
    scopes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)
    media_types: tuple[str, ...] = (JSON,)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds of problem that the route gives."""
        return kinds_of(EVERY_ROUTE, *self.scopes)


@dataclass(frozen=True)
class Door:
    """One protocol: its route, bytes to a request, an answer to bytes.

    `decode` takes the body and the most rows that it may hold; `encode` takes the request id as well. `write_example`
    returns a body that posts a row of a bundle. `untyped` are the media types beside JSON that its clients send with a
    JSON body. `kind` is that of the models that it scores.
    """

    route: Route
    decode: Callable[[bytes, int], ScoringRequest]
    encode: Callable[[Answer, str], bytes]
    write_example: Callable[[Bundle], object]
    untyped: frozenset[str] = frozenset({""})
    kind: ModelKind = "series"
