"""The handler of every door: a body in, the door's answer out."""

from flask import Request, Response, g, request
from werkzeug.exceptions import ClientDisconnected

from lockstep.doors import plain, table, v1
from lockstep.doors.door import JSON, Door
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import CONTENT_ENCODING, MALFORMED, TOO_LARGE, WRONG_MEDIA_TYPE
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import score
from lockstep.web.site import Site

DOORS = (plain.DOOR, v1.DOOR, table.DOOR)


def answer_forecast(site: Site, door: Door) -> Response:
    """Return the answer to the current request."""
    return Response(forecast(site, door, request, g.record), content_type=JSON)


def forecast(site: Site, door: Door, received: Request, record: RequestRecord) -> bytes:
    """Return the answer to a request; the record gets its times. Raises the `LockstepError` that describes why not."""
    settings = site.service.settings
    check_headers(received, door.untyped)
    record.begin_stages()
    body = read_body(received, settings.max_body_bytes)
    record.end_stage("read")
    answer = score(site.service.registry, door.decode(body, settings.max_rows), record)
    encoded = door.encode(answer, record.request_id)
    record.end_stage("render")
    return encoded


def check_headers(received: Request, untyped: frozenset[str]) -> None:
    """Raise `RequestError` for a body that is declared as compressed, or as anything but JSON."""
    media_type = received.mimetype
    if media_type != JSON and media_type not in untyped and not media_type.endswith("+json"):
        detail = f"the body is declared as {media_type[:80]!r}; send Content-Type: {JSON}"
        raise RequestError(WRONG_MEDIA_TYPE, detail)
    if encoding := received.headers.get("Content-Encoding"):
        detail = f"the body is declared as {encoding[:80]!r}; send it as it is, without Content-Encoding"
        raise RequestError(CONTENT_ENCODING, detail)


def read_body(received: Request, max_bytes: int) -> bytes:
    """Return the body; raise `RequestError` if it is too large, cut off, or sent too slowly."""
    declared = received.content_length or 0
    if declared <= max_bytes:
        body = _receive_body(received)
        if len(body) < declared:
            detail = f"the body ends after {len(body)} of the {declared} bytes that Content-Length declares"
            raise RequestError(MALFORMED, detail)
        if len(body) <= max_bytes:
            return body
    raise RequestError(TOO_LARGE, f"the body has more than the {max_bytes} bytes that this service takes")


def _receive_body(received: Request) -> bytes:
    try:
        return received.get_data(cache=False)
    except (ClientDisconnected, OSError) as error:
        detail = "the body cannot be read to its end: the client ended it early, or sent it too slowly"
        raise RequestError(MALFORMED, detail) from error
