"""The body of an answer that is not a success.

RFC 9457 `application/problem+json`, with `code`, `request_id` and the tutorial's `message` as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET, UnsetType

from lockstep.scoring.kinds import EMPTY, INTERNAL, Kind

MEDIA_TYPE = "application/problem+json"
NO_DATA = "no data"
MAX_DETAIL_CHARACTERS = 500
"""What a caller sent may stand in the detail, but never at any length."""


class CellProblem(msgspec.Struct):
    """What is wrong with one cell; `row` counts from 0 as posted, null if a whole column is meant."""

    row: int | None
    column: str
    reason: str


class ProblemBody(msgspec.Struct, kw_only=True):
    """The body of every answer that is not a success; only some codes have the last five members."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    message: str
    request_id: str | None
    problems: list[CellProblem] | UnsetType = UNSET
    rows: list[int] | UnsetType = UNSET
    total_rows: int | UnsetType = UNSET
    missing_sessions: list[str] | UnsetType = UNSET
    total: int | UnsetType = UNSET


@dataclass(frozen=True)
class ProblemAnswer:
    """One answer that is not a success; `members` are what its kind adds to the body."""

    kind: Kind
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, request_id: str | None) -> bytes:
        """Return the body in JSON."""
        return msgspec.json.encode(msgspec.convert(self.describe(request_id), ProblemBody))

    def describe(self, request_id: str | None) -> dict[str, object]:
        """Return the members of the body, the detail at most `MAX_DETAIL_CHARACTERS` long."""
        detail = self.detail
        if len(detail) > MAX_DETAIL_CHARACTERS:
            detail = f"{detail[: MAX_DETAIL_CHARACTERS - 1]}…"
        return {
            "type": f"urn:lockstep:problem:{self.kind.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": detail,
            "code": self.kind.code,
            "message": NO_DATA if self.kind is EMPTY else detail,
            "request_id": request_id,
            **self.members,
        }


FAILURE = ProblemAnswer(INTERNAL, "the fault is the service's; quote the request_id to its operator")
"""The answer to an unforeseen error: what is inside stays inside."""
