"""The handlers of every door: a body in, the door's answer out."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, request

from lockstep.doors.door import Door, Encoded, Page, Received
from lockstep.doors.misread import MEMBERS
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import CONTENT_ENCODING, MALFORMED, TOO_LARGE, WRONG_MEDIA_TYPE
from lockstep.web.headers import Environ
from lockstep.web.site import Site
from lockstep.web.watching import RECORD

MAX_QUERY_CHARACTERS = 1_000
"""How much of a query is looked at."""
VARIABLES = {"content-type": "CONTENT_TYPE"}
"""Where WSGI has a header that is not below its own name."""


def answer_forecast(site: Site, door: Door, **names: str) -> Response:
    """Return the answer to the current request; `names` are the variable parts of its path."""
    return respond(forecast(site, door, request.environ, names))


def answer_page(site: Site, page: Page, **names: str) -> Response:
    """Return the answer of a door's route that scores nothing."""
    return respond(page.answer(site.service.registry, names))


def respond(encoded: Encoded) -> Response:
    """Return what a door has written."""
    return Response(encoded.body, encoded.status, encoded.headers, content_type=encoded.media_type)


def forecast(site: Site, door: Door, environ: Environ, names: Mapping[str, str]) -> Encoded:
    """Return the answer to a request; its record gets its times. Raises the `LockstepError` that describes why not."""
    settings, record = site.service.settings, environ[RECORD]
    media_type = check_headers(environ, door)
    if query := environ.get("QUERY_STRING"):
        refuse_members(query, door)
    record.begin_stages()
    body = read_body(environ, settings.max_body_bytes)
    record.end_stage("read")
    received = Received(body, settings.max_rows, media_type, read_headers(environ, door.headers), names)
    answer = door.score(site.service.registry, door.decode(received), record)
    encoded = door.encode(answer, record.request_id)
    record.end_stage("render")
    return encoded


def read_headers(environ: Environ, names: Sequence[str]) -> dict[str, str]:
    """Return the headers of some lower-case names that were sent."""
    variables = ((name, VARIABLES.get(name) or f"HTTP_{name.upper().replace('-', '_')}") for name in names)
    return {name: environ[variable] for name, variable in variables if variable in environ}


def check_headers(environ: Environ, door: Door) -> str:
    """Return the media type; raise `RequestError` for a body that is compressed, or of a type that is not read here."""
    media_type: str = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    takes = door.routes[0].takes  # those of all its routes
    if media_type not in takes and media_type not in door.names_of_json and not media_type.endswith("+json"):
        declared = f"the body is declared as {media_type[:80]!r}" if media_type else "the body has no Content-Type"
        detail = f"{declared}; send Content-Type: {' or '.join(takes)}"
        raise RequestError(WRONG_MEDIA_TYPE, detail)
    if encoding := environ.get("HTTP_CONTENT_ENCODING"):
        detail = f"the body is declared as {encoding[:80]!r}; send it as it is, without Content-Encoding"
        raise RequestError(CONTENT_ENCODING, detail)
    return media_type


def refuse_members(query: str, door: Door) -> None:
    """Raise `RequestError` for a query with a member of the body, which would have no effect in the address."""
    members = door.members
    for name, _ in parse_qsl(query[:MAX_QUERY_CHARACTERS], keep_blank_values=True):
        if name in members:
            told = f"; it {MEMBERS[name]}" if name in MEMBERS else ""
            detail = f"`{name}` is in the query of the URL; send it as a member of the body{told}"
            raise RequestError(MALFORMED, detail)


def read_body(environ: Environ, max_bytes: int) -> bytes:
    """Return the body; raise `RequestError` if it is too large, cut off, or sent too slowly.

    It is read as WSGI hands it over, which takes a quarter of the time of Flask's way. A body without a declared
    length is read only if the server marks its end.
    """
    length = environ.get("CONTENT_LENGTH", "").strip()  # some servers leave spaces around it
    # isdigit alone takes the digits of other scripts, and ² as well
    declared = int(length) if length.isascii() and length.isdigit() else None
    if declared is None and not environ.get("wsgi.input_terminated"):
        return b""
    if declared is None or declared <= max_bytes:
        body = _receive(environ["wsgi.input"], max_bytes + 1 if declared is None else declared)
        if declared is not None and len(body) < declared:
            detail = f"the body ends after {len(body)} of the {declared} bytes that Content-Length declares"
            raise RequestError(MALFORMED, detail)
        if len(body) <= max_bytes:
            return body
    raise RequestError(TOO_LARGE, f"the body has more than the {max_bytes} bytes that this service takes")


def _receive(stream: Any, n_bytes: int) -> bytes:
    """Return the next bytes of a body, fewer only at its end."""
    body = b""
    try:
        while len(body) < n_bytes and (part := stream.read(n_bytes - len(body))):
            body = body + part if body else part
    except OSError as error:
        detail = "the body cannot be read to its end: the client ended it early, or sent it too slowly"
        raise RequestError(MALFORMED, detail) from error
    return body
