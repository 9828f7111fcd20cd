"""What gunicorn itself writes: refusals before the app sees a request, as problems with a request id."""

import uuid
from http import HTTPStatus

from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from lockstep.scoring.kinds import (
    BAD_REQUEST,
    EXPECTATION_FAILED,
    HEADERS_TOO_LARGE,
    NOT_IMPLEMENTED,
    URI_TOO_LONG,
)
from lockstep.scoring.problems import FAILURE, MEDIA_TYPE, ProblemAnswer
from lockstep.web.headers import SECURITY_HEADERS

OURS = (InvalidResponseHeader, InvalidResponseHeaderName)
"""Parse errors of gunicorn that are the app's fault."""
KINDS = {
    LimitRequestLine: URI_TOO_LONG,
    LimitRequestHeaders: HEADERS_TOO_LARGE,
    ExpectationFailed: EXPECTATION_FAILED,
    UnsupportedTransferCoding: NOT_IMPLEMENTED,
}


def describe_refusal(error: Exception) -> ProblemAnswer:
    """Return the answer to what gunicorn raised; the detail names the error's kind, never what was sent."""
    if isinstance(error, ParseException) and not isinstance(error, OURS):
        kind = KINDS.get(type(error), BAD_REQUEST)
        return ProblemAnswer(kind, f"the request cannot be read: {type(error).__name__}")
    return FAILURE


def write_refusal(problem: ProblemAnswer) -> tuple[str, bytes]:
    """Return a fresh request id and the whole HTTP answer; the connection ends with it."""
    request_id = uuid.uuid4().hex
    body = problem.encode(request_id)
    status = HTTPStatus(problem.kind.status)
    headers = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        f"X-Request-Id: {request_id}",
        *(f"{name}: {value}" for name, value in SECURITY_HEADERS.items()),
    )
    return request_id, "\r\n".join((*headers, "", "")).encode() + body
