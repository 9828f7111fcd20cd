"""What goes wrong, as HTTP: domain errors know nothing of it, and `describe` is the one place that maps them."""

from dataclasses import asdict

from werkzeug.exceptions import HTTPException

from lockstep.errors import InvalidBars, LockstepError, MissingBars, UnknownModel, UnknownSymbol
from lockstep.scoring.problems import (
    BAD_REQUEST,
    CONTENT_ENCODING,
    EMPTY,
    INTERNAL,
    INVALID_BARS,
    MALFORMED,
    METHOD_NOT_ALLOWED,
    MISSING_BARS,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY_REQUESTS,
    UNAUTHORISED,
    UNKNOWN_MODEL,
    UNKNOWN_SYMBOL,
    WRONG_MEDIA_TYPE,
    Kind,
    Problem,
)


class RequestError(LockstepError):
    """Refuse a request for what it is, before any bar is looked at."""

    kind = MALFORMED
    headers: dict[str, str] = {}  # noqa: RUF012 -- read only


class EmptyBody(RequestError):
    """Refuse a body without a byte."""

    kind = EMPTY


class TooLarge(RequestError):
    """Refuse more bytes, rows or values than the service takes, naming the limit."""

    kind = TOO_LARGE


class WrongMediaType(RequestError):
    """Refuse a body that says it is no JSON."""

    kind = WRONG_MEDIA_TYPE


class CompressedBody(RequestError):
    """Refuse a body that says it is compressed: its size would be known only after it was unpacked."""

    kind = CONTENT_ENCODING
    headers = {"Accept-Encoding": "identity"}  # noqa: RUF012 -- read only


class Unauthorised(RequestError):
    """Refuse a missing or unknown key."""

    kind = UNAUTHORISED
    headers = {"WWW-Authenticate": 'ApiKey header="x-api-key"'}  # noqa: RUF012 -- read only


class TooManyRequests(RequestError):
    """Refuse a key or an address that sends more than the limit.

    The fields `RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-09.
    """

    kind = TOO_MANY_REQUESTS

    def __init__(self, scope: str, requests: int, period_s: int, wait_s: int) -> None:
        super().__init__(f"more than {requests} requests in {period_s} s by this {scope}; try again in {wait_s} s")
        self.headers = {
            "Retry-After": str(wait_s),
            "RateLimit-Policy": f'"{scope}";q={requests};w={period_s}',
            "RateLimit": f'"{scope}";r=0;t={wait_s}',
        }


OF_THE_REGISTRY: dict[type[Exception], Kind] = {UnknownModel: UNKNOWN_MODEL, UnknownSymbol: UNKNOWN_SYMBOL}
OF_THE_FRAMEWORK = {
    404: (NOT_FOUND, "no route has this path; GET / lists the routes"),
    405: (METHOD_NOT_ALLOWED, "the route takes other methods; the header Allow names them"),
    413: (TOO_LARGE, "the body has more bytes than this service takes"),
}
"""What Flask and werkzeug refuse; all else of it is `BAD_REQUEST`."""


def describe(error: Exception) -> Problem:
    """Return the answer to an error; what nobody foresaw is ours, 500, and says nothing of its inside."""
    if isinstance(error, RequestError):
        return Problem(error.kind, str(error), headers=error.headers)
    if kind := OF_THE_REGISTRY.get(type(error)):
        return Problem(kind, str(error))
    if isinstance(error, InvalidBars):
        members = {"problems": [asdict(problem) for problem in error.problems], "total": error.total}
        return Problem(INVALID_BARS, str(error), members)
    if isinstance(error, MissingBars):
        return Problem(MISSING_BARS, str(error), _list_missing(error))
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        kind, detail = OF_THE_FRAMEWORK.get(error.code, (BAD_REQUEST, error.name))
        return Problem(kind, detail, headers=_allow(error))
    return Problem(INTERNAL, "the fault is the service's; quote the request_id to its operator")


def _list_missing(error: MissingBars) -> dict[str, object]:
    return {
        "rows": list(error.rows),
        "total_rows": error.total_rows,
        "missing_sessions": list(error.sessions),
        "total": error.total,
    }


def _allow(error: HTTPException) -> dict[str, str]:
    methods = getattr(error, "valid_methods", None)
    return {"Allow": ", ".join(sorted(methods))} if methods else {}
