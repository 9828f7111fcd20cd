"""Bad input, and what the contract answers to each: never 500, never 200."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from lockstep.parity.callers import draw_headers
from lockstep.parity.compare import Comparison
from lockstep.parity.draws import Draws
from lockstep.parity.local import PLAIN, open_door
from lockstep.parity.options import draw_names
from lockstep.parity.posted import Sent
from lockstep.parity.refusals import find_kind_faults, find_refusal_faults
from lockstep.parity.subject import Subject
from lockstep.predict.intervals import LARGEST_LEVEL, SMALLEST_LEVEL
from lockstep.scoring.kinds import (
    EMPTY,
    INVALID_INPUT,
    MALFORMED,
    UNAUTHORIZED,
    UNKNOWN_MODEL,
    UNKNOWN_SYMBOL,
    WRONG_MEDIA_TYPE,
    Kind,
)

Members = dict[str, Any]


@dataclass(frozen=True)
class BadInput:
    """One bad request and the kind of problem that has to answer it.

    If it `is_local`, this side makes the same problem of it, to the letter: nothing in it depends on what else the
    service holds, or on who asks.
    """

    what: str
    kind: Kind
    sent: Sent
    is_local: bool = True


def compare_refusal(subject: Subject, bad: BadInput) -> Comparison:
    """Return what is wrong with the service's answer to bad input."""
    sent = bad.sent
    response = subject.client.send("POST", sent.path, sent.body, sent.headers)
    door, problem = open_door(sent.path), subject.local.refuse(sent) if bad.is_local else None
    if problem is None or problem.kind is not bad.kind:
        faults = find_kind_faults(sent, response, bad.kind, door.encode_problem)
    else:
        faults = find_refusal_faults(sent, response, problem, door.encode_problem)
    return Comparison(1, faults=tuple(f"{bad.what} to {sent.path}: {fault}" for fault in faults))


@dataclass(frozen=True)
class BadBodies:
    """What makes bad requests of bad bodies: it writes them, and draws who sends them."""

    subject: Subject
    draws: Draws
    path: str

    def write(self, rows: Members, **members: Any) -> bytes:
        """Return a body of our own API around rows in one of its forms, or of the plain route, which has no more."""
        if self.path == PLAIN:
            return msgspec.json.encode(rows["dataframe_split"])
        return msgspec.json.encode({**rows, **draw_names(self.subject, self.draws), **members})

    def make(self, what: str, kind: Kind, body: bytes, *, is_local: bool = True) -> BadInput:
        """Return a bad request."""
        return BadInput(what, kind, Sent(self.path, body, headers=draw_headers(self.draws)), is_local)

    def list_bad_levels(self, rows: Members) -> Iterator[BadInput]:
        """Yield levels that are none, and one that the model does not have."""
        level, other = (SMALLEST_LEVEL + self.draws.permute(LARGEST_LEVEL)[:2]).tolist()
        bad: list[tuple[str, Kind, Any]] = [
            ("a level of 0 percent", INVALID_INPUT, [level, SMALLEST_LEVEL - 1]),
            ("a level of 100 percent", INVALID_INPUT, [LARGEST_LEVEL + 1]),
            ("a level of half a percent", INVALID_INPUT, [level + 0.5]),
            ("a level as text", MALFORMED, [str(level)]),
            ("a level without a list", MALFORMED, level),
            ("a level twice", INVALID_INPUT, [level, other, level]),
        ]
        given = self.subject.bundle.levels
        if others := [level for level in range(SMALLEST_LEVEL, LARGEST_LEVEL + 1) if level not in given]:
            bad.append(("a level that there is not", INVALID_INPUT, [self.draws.choose(others)]))
        for what, kind, levels in bad:
            yield self.make(what, kind, self.write(rows, level=levels))

    def list_broken(self, rows: Members) -> Iterator[BadInput]:
        """Yield bodies that are broken, whatever the rows."""
        whole = self.write(rows)
        yield self.make("no body", EMPTY, b"")
        yield self.make("half a body", MALFORMED, whole[: self.draws.between(1, len(whole) - 1)])
        yield self.make("NaN", MALFORMED, whole.replace(b'"data":', b'"data":[[NaN]],"data":', 1))

    def list_wrong_names(self, rows: Members) -> Iterator[BadInput]:
        """Yield bodies that name what is not there; the answer lists what is, of which this side knows one model."""
        if self.path == PLAIN:
            return
        name = f"no-{self.draws.below(10**6)}"
        is_lone = len(self.subject.version.models) == 1
        yield self.make("an unknown model", UNKNOWN_MODEL, self.write(rows, model=name), is_local=is_lone)
        yield self.make("an unknown version", UNKNOWN_MODEL, self.write(rows, version=name), is_local=is_lone)
        if self.subject.local.served.symbol is not None:
            yield self.make("an unknown symbol", UNKNOWN_SYMBOL, self.write(rows, symbol=name), is_local=is_lone)
        if self.subject.series_name:
            nameless = msgspec.json.encode({**rows, **self.subject.client.named})
            yield self.make("no symbol", UNKNOWN_SYMBOL, nameless, is_local=is_lone)
        yield self.make("an unknown trace", MALFORMED, self.write(rows, trace=name))
        yield self.make("an unknown member", MALFORMED, self.write(rows, **{name: 1}))

    def list_refused(self) -> Iterator[BadInput]:
        """Yield requests that are refused whatever they post: of another media type, or without the right key."""
        own = [("a wrong key", "wrong"), ("no key", "")] if self.subject.client.api_key else []
        headers = draw_headers(self.draws)
        if self.path != PLAIN:  # the tutorial's clients declare what they like
            sent = Sent(self.path, b"a,b", headers={**headers, "Content-Type": "text/csv"})
            yield BadInput("a CSV file", WRONG_MEDIA_TYPE, sent, is_local=False)
        for what, key in own:
            yield BadInput(
                what, UNAUTHORIZED, Sent(self.path, b"{}", headers={**headers, "x-api-key": key}), is_local=False
            )


def choose_case(cases: Sequence[BadInput], draws: Draws) -> BadInput:
    """Return the case of the request's number; of one series of a panel there may be fewer than of another."""
    return cases[draws.origin.number % len(cases)]
