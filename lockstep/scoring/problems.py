"""Every kind of answer that is not a success, defined once: for the wire, for `docs/api.md` and for `/openapi.json`.

The body is RFC 9457 `application/problem+json` with `code`, `request_id` and the tutorial's `message` beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET, UnsetType

MEDIA_TYPE = "application/problem+json"
NO_DATA = "no data"
MAX_DETAIL_CHARACTERS = 500
"""What a caller sent may stand in the detail, but never at any length."""


@dataclass(frozen=True)
class Kind:
    """Hold what all answers of one kind have alike; `when` tells the documents' reader what leads to it."""

    code: str
    status: int
    title: str
    when: str


EMPTY = Kind("empty", 400, "The body is empty", "no body; `message` is `no data`, as the tutorial's clients know it")
MALFORMED = Kind(
    "malformed",
    400,
    "The body is not a split-oriented frame",
    "not JSON (`NaN`, `Infinity`, cut off, not UTF-8, nested too deeply), or other members than a frame's",
)
BAD_REQUEST = Kind("bad-request", 400, "The request is not HTTP", "a request line, a header or a length of no meaning")
UNAUTHORISED = Kind("unauthorised", 401, "A valid API key is required", "`x-api-key` is missing or holds no valid key")
NOT_FOUND = Kind("not-found", 404, "There is no such route", "any other path")
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed", 405, "The route does not take this method", "`Allow` names those that it takes"
)
TOO_LARGE = Kind(
    "too-large", 413, "The request is larger than this service takes", "too many bytes, rows or values; names the limit"
)
URI_TOO_LONG = Kind("uri-too-long", 414, "The request line is too long", "more than 4094 bytes")
WRONG_MEDIA_TYPE = Kind("media-type", 415, "The body is not declared as JSON", "`Content-Type` names something else")
CONTENT_ENCODING = Kind(
    "content-encoding", 415, "The body is compressed", "`Content-Encoding` is there; `Accept-Encoding: identity`"
)
EXPECTATION_FAILED = Kind("expectation-failed", 417, "The expectation is not met", "another `Expect` than 100-continue")
INVALID_BARS = Kind(
    "invalid-bars",
    422,
    "Some cells cannot be right",
    "`problems` lists row, column and reason of at most 20, `total` counts them all",
)
MISSING_BARS = Kind(
    "missing-bars",
    422,
    "The look-back of a row has sessions without a bar",
    "`rows` lists at most 20 rows that cannot be forecast, `total_rows` counts them; `missing_sessions` and `total` "
    "are those of the first of them",
)
UNKNOWN_MODEL = Kind(
    "unknown-model",
    404,
    "There is no such model",
    "`model` or `version` names none that is served; the detail lists them",
)
UNKNOWN_SYMBOL = Kind(
    "unknown-symbol", 422, "No model forecasts this symbol", "`symbol` is that of no model, or of several"
)
TOO_MANY_REQUESTS = Kind(
    "too-many-requests",
    429,
    "The key or the address sends too many requests",
    "more than LOCKSTEP_RATE_LIMIT; `Retry-After` says in how many seconds it is lifted",
)
HEADERS_TOO_LARGE = Kind(
    "headers-too-large", 431, "The headers are too large", "more than 100 headers, or one of more than 8190 bytes"
)
INTERNAL = Kind("internal", 500, "The service failed", "the service's own fault; its log has the `request_id`")
NOT_IMPLEMENTED = Kind(
    "not-implemented", 501, "The transfer coding is not known", "another `Transfer-Encoding` than chunked"
)

KINDS = (
    EMPTY,
    MALFORMED,
    BAD_REQUEST,
    UNAUTHORISED,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_LARGE,
    URI_TOO_LONG,
    WRONG_MEDIA_TYPE,
    CONTENT_ENCODING,
    EXPECTATION_FAILED,
    INVALID_BARS,
    MISSING_BARS,
    UNKNOWN_MODEL,
    UNKNOWN_SYMBOL,
    TOO_MANY_REQUESTS,
    HEADERS_TOO_LARGE,
    INTERNAL,
    NOT_IMPLEMENTED,
)


class CellProblem(msgspec.Struct):
    """Say what is wrong with one cell; `row` counts from 0 as posted, null where a whole column is meant."""

    row: int | None
    column: str
    reason: str


class ProblemBody(msgspec.Struct, kw_only=True):
    """Hold the body of every answer that is not a success; the last five members are those of some codes only."""

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
class Problem:
    """Hold one answer that is not a success; `members` are what its kind adds to the body."""

    kind: Kind
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, request_id: str | None) -> bytes:
        """Return the body, its detail at most `MAX_DETAIL_CHARACTERS` long."""
        detail = self.detail
        if len(detail) > MAX_DETAIL_CHARACTERS:
            detail = f"{detail[: MAX_DETAIL_CHARACTERS - 1]}…"
        body = {
            "type": f"urn:lockstep:problem:{self.kind.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": detail,
            "code": self.kind.code,
            "message": NO_DATA if self.kind is EMPTY else detail,
            "request_id": request_id,
        }
        return msgspec.json.encode(msgspec.convert({**body, **self.members}, ProblemBody))
