"""Callers that a splitter should keep on one version: values of a header, and the versions that answered each."""

import itertools
import re

from lockstep.parity.draws import Draws, Origin
from lockstep.parity.split.shares import BadSplit

HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
TAKEN = (
    "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host",
    "user-agent", "x-api-key", "x-request-id",
)  # fmt: skip
"""Headers that the suite sends itself, or on which the answer depends."""
VALUES = 1 << 64


def check_header(header: str) -> None:
    """Raise `BadSplit` for what is no header, or none whose value the suite may choose."""
    if not HEADER.fullmatch(header) or header.lower() in TAKEN:
        raise BadSplit(f"{header[:40]!r} is no header that a run can give any value; example: x-lockstep-split-key")


class Callers:
    """The values of `header` that were sent, each with the digest of the version that answered it first.

    Answers of versions that are not `expected` are left to the check `identity`. `moved` holds each answer that came
    from another version than the first to its value. Values follow from the seed, as requests do.
    """

    def __init__(self, header: str, seed: int, expected: frozenset[str]) -> None:
        check_header(header)
        self.header = header
        self.expected = expected
        self.first: dict[str, str] = {}
        self.moved: list[tuple[str, str]] = []
        self._seed = seed
        self._of_digest: dict[str, list[str]] = {digest: [] for digest in expected}
        self._drawn, self._recalled = itertools.count(), itertools.count()

    def draw(self) -> str:
        """Return a value that was not sent before."""
        return f"{Draws(Origin(self._seed, '', 'callers', next(self._drawn))).below(VALUES):016x}"

    def recall(self, digest: str) -> str | None:
        """Return a value that has led to a version, one after another; None if there is none yet."""
        values = self._of_digest.get(digest)
        return values[next(self._recalled) % len(values)] if values else None

    def note(self, value: str, digest: str) -> None:
        """Remember which version answered a value."""
        if digest not in self.expected:
            return
        if value not in self.first:
            self.first[value] = digest
            self._of_digest[digest].append(value)
        elif self.first[value] != digest:
            self.moved.append((value, digest))
