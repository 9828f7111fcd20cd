"""What goes wrong, as HTTP: one status, code and body for each kind of error.

The body is RFC 9457 `application/problem+json` with `code`, `request_id` and the tutorial's `message`
beside it. Domain errors know nothing of HTTP; `describe` is the one place that maps them.
"""

import logging
from dataclasses import asdict, dataclass, field

import msgspec
from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from preprocessing.errors import InvalidBars, LockstepError, MissingBars

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
NO_DATA = "no data"


class RequestError(LockstepError):
    """Refuse a request for what it is, before any bar is looked at."""

    status = 400
    code = "malformed"


class EmptyBody(RequestError):
    """Refuse a body without a byte."""

    code = "empty"


class TooLarge(RequestError):
    """Refuse more bytes or rows than the service takes, naming the limit."""

    status = 413
    code = "too-large"


class WrongMediaType(RequestError):
    """Refuse a body that says it is no JSON."""

    status = 415
    code = "media-type"


class UnknownSymbol(RequestError):
    """Refuse a symbol that no bundle forecasts."""

    status = 422
    code = "unknown-symbol"


class Unauthorised(RequestError):
    """Refuse a missing or unknown key."""

    status = 401
    code = "unauthorised"


@dataclass(frozen=True)
class Problem:
    """Hold one answer that is not a success; `members` are what this kind adds to the body."""

    status: int
    code: str
    title: str
    detail: str
    members: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def respond(self) -> Response:
        """Return the response."""
        body = {
            "type": f"urn:lockstep:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "message": NO_DATA if self.code == EmptyBody.code else self.detail,
            "request_id": g.get("request_id"),
            **self.members,
        }
        return Response(msgspec.json.encode(body), self.status, self.headers, content_type=MEDIA_TYPE)


TITLES = {
    "malformed": "The body is not a split-oriented frame",
    "empty": "The body is empty",
    "too-large": "The request is larger than this service takes",
    "media-type": "The body is not declared as JSON",
    "unknown-symbol": "No bundle forecasts this symbol",
    "unauthorised": "A valid API key is required",
    "invalid-bars": "Some cells cannot be right",
    "missing-bars": "The look-back of a row has sessions without a bar",
    "internal": "The service failed",
}


def describe(error: Exception) -> Problem:
    """Return the answer to an error; what nobody foresaw is ours, 500, and says nothing of its inside."""
    if isinstance(error, RequestError):
        headers = {"WWW-Authenticate": 'ApiKey header="x-api-key"'} if error.status == Unauthorised.status else {}
        return Problem(error.status, error.code, TITLES[error.code], str(error), headers=headers)
    if isinstance(error, InvalidBars):
        members = {"problems": [asdict(problem) for problem in error.problems], "total": error.total}
        return Problem(422, "invalid-bars", TITLES["invalid-bars"], str(error), members)
    if isinstance(error, MissingBars):
        members = {"rows": list(error.rows), "missing_sessions": list(error.sessions), "total": error.total}
        return Problem(422, "missing-bars", TITLES["missing-bars"], str(error), members)
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        code = error.name.lower().replace(" ", "-")
        return Problem(error.code, code, error.name, error.description or error.name, headers=_allow(error))
    return Problem(
        500, "internal", TITLES["internal"], "the fault is the service's; quote the request_id to its operator"
    )


def _allow(error: HTTPException) -> dict[str, str]:
    methods = getattr(error, "valid_methods", None)
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def register_errors(app: Flask) -> None:
    """Answer every error of the app with its problem body; log the unforeseen ones."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        problem = describe(error)
        g.record.code = problem.code
        if problem.status >= 500:
            log.error("request %s failed", g.get("request_id"), exc_info=error)
        return problem.respond()
