"""What a door and a route are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.scoring.kinds import EVERY_ROUTE, Kind, kinds_of
from lockstep.scoring.problems import MEDIA_TYPE, ProblemAnswer, ProblemBody
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import ModelKind, ScoringRequest, score

JSON, HTML = "application/json", "text/html"
OPEN, SHOWN, KEY, COUNTS = "open", "shown", "key", "counts"
"""Who may call a route: everyone; everyone of a service with keys, else who may forecast; who may forecast; who may
read the counts."""
NOT_READY = 503
UNTYPED = frozenset({"", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"})
"""What the tutorial's clients and curl send with a JSON body if nobody tells them a type."""


@dataclass(frozen=True)
class Received:
    """A request as a door reads it.

    `media_type` is that of the body, in lower case and without parameters, empty if none is declared. `headers` are
    those that the door reads and that were sent, by lower-case name; `names` are the variable parts of the path.
    """

    body: bytes
    max_rows: int
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


class Encoded(NamedTuple):
    """An answer as a door writes it."""

    body: bytes
    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = {}


@dataclass(frozen=True)
class Route:
    """One route, declared once: the app, `GET /`, `/openapi.json`, docs/api.md and the tests are made from it.

    A variable part of the path stands in braces. `body` and `answer` are the types on the wire, a tuple if there are
    several; an answer without a type is any JSON object, or text. `takes` are the media types of a body, `media_types`
    and `statuses` those of an answer that is not a problem; `queries` are parameters of the address. `scopes` are those
    of the problems that the route gives beside those of every route.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: Any = None
    body: Any = None
    access: str = OPEN
    scopes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)
    media_types: tuple[str, ...] = (JSON,)
    takes: tuple[str, ...] = (JSON,)
    queries: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds of problem that the route gives."""
        return kinds_of(EVERY_ROUTE, *self.scopes)


class Page(NamedTuple):
    """A route of a door that scores nothing, and what answers it: from the models and the names in the path."""

    route: Route
    answer: Callable[[Registry, Mapping[str, str]], Encoded]


def encode_problem(problem: ProblemAnswer, request_id: str) -> Encoded:
    """Return a problem as every door writes it whose protocol has no form of its own."""
    return Encoded(problem.encode(request_id), MEDIA_TYPE, problem.kind.status, problem.headers)


def name_series(symbol: str) -> dict[str, object]:
    """Return the member by which a body of our own API names a series."""
    return {"symbol": symbol}


@dataclass(frozen=True)
class Door:
    """One protocol: its routes, bytes to a request, an answer to bytes, a problem to bytes.

    `routes` are those that score, `pages` the others; all begin with `prefix`, or stand alone. What goes wrong below
    the prefix is written by `encode_problem`, as a body of the type `problem`. `encode` takes the request id as well.
    `write_example` returns a body that posts a row of a bundle to the first route. `kinds` are those of the models
    that it scores; if they hold panels, `name_series` returns the members of a body that name a series by its symbol.
    Its routes take the same media types; `names_of_json` are others that declare JSON as well.
    `headers` are the lower-case names of those that `decode` looks at. `score` answers what `decode` has read: the
    posted rows, unless the door brings a function of its own. `title` names the protocol to people; doors of one title
    are described together.
    """

    prefix: str
    routes: tuple[Route, ...]
    decode: Callable[[Received], ScoringRequest]
    encode: Callable[[Any, str], Encoded]
    write_example: Callable[[Bundle], Any]
    kinds: tuple[ModelKind, ...]
    names_of_json: frozenset[str] = frozenset({""})
    headers: tuple[str, ...] = ()
    name_series: Callable[[str], Mapping[str, object]] = name_series
    pages: tuple[Page, ...] = ()
    encode_problem: Callable[[ProblemAnswer, str], Encoded] = encode_problem
    problem: type[msgspec.Struct] = ProblemBody
    score: Callable[[Registry, Any, RequestRecord | None], Any] = score
    title: str = field(kw_only=True)

    @property
    def members(self) -> frozenset[str]:
        """Return the names of the members of its bodies that are objects."""
        declared = [route.body if isinstance(route.body, tuple) else (route.body,) for route in self.routes]
        bodies = [body for each in declared for body in each]
        objects = [get_args(each)[0] if get_origin(each) is Annotated else each for each in bodies]
        return frozenset(name for each in objects for name in getattr(each, "__struct_fields__", ()))
