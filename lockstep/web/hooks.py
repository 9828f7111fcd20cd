"""What happens in the app before a handler: the record gets its route, a preflight its answer, and access is checked.

What happens around the whole app is in `lockstep.web.watching`. `flask.g` carries one object, `g.record`.
"""

from flask import Request, Response, g, request

from lockstep.doors.door import COUNTS, KEY, OPEN, SHOWN
from lockstep.scoring.access import admit_caller, admit_reader, admit_viewer
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import BAD_REQUEST, LENGTH_REQUIRED
from lockstep.web.addresses import INDEX
from lockstep.web.callers import MAX_SHOWN, read_caller
from lockstep.web.headers import Environ, answer_preflight
from lockstep.web.site import Site
from lockstep.web.watching import RECORD

ADMIT = {KEY: admit_caller, COUNTS: admit_reader, SHOWN: admit_viewer}


def begin_request(site: Site) -> Response | None:
    """Return the answer to a preflight; raise `RequestError` for a caller without access and a body without an end."""
    received: Request = request._get_current_object()  # type: ignore[attr-defined] # each look through it takes 1 µs
    g.record = record = received.environ[RECORD]
    rule = received.url_rule
    if rule is not None:
        declared = site.routes.get(rule.endpoint)
        record.route = declared.path if declared else rule.rule
    # before access is checked: a browser asks this without the key
    preflight = answer_preflight(received.environ, site.service.settings.cors_origins)
    if preflight is None and rule is not None:
        record.key = check_access(site, received.environ, rule.endpoint)
        check_framing(received.environ)
    return preflight


def check_access(site: Site, environ: Environ, endpoint: str) -> str | None:
    """Return the name of the caller's key, None if none is needed; raise `RequestError`.

    A route that is not declared, one of the user's own, asks for what a forecast asks for.
    """
    access = site.routes[endpoint].access if endpoint in site.routes else KEY
    if access == OPEN:
        return None
    settings = site.service.settings
    return ADMIT[access](read_caller(environ, settings), settings, site.limiter)


def knows_key(site: Site) -> bool:
    """Return whether the current request may forecast, as its page does; raise `RequestError` for a wrong key.

    Of a service with keys a request without any is no forecast, and is not counted as one.
    """
    settings, caller = site.service.settings, read_caller(request.environ, site.service.settings)
    if settings.api_keys and not caller.key:
        return False
    g.record.key = admit_caller(caller, settings, site.limiter)
    return True


def choose_document(site: Site) -> bytes:
    """Return the OpenAPI document, of a service with keys without its examples for a caller who sends none.

    An example is a stored row and its forecast, and elsewhere these need a key. Raise `RequestError` for a wrong key.
    """
    shows_examples = not site.service.settings.api_keys or knows_key(site)
    return site.document if shows_examples else site.document_without_examples


def may_view(site: Site) -> bool:
    """Return whether the sender of the current request may see what the pages describe: whoever may see the console."""
    try:
        check_access(site, request.environ, INDEX)
    except RequestError:
        return False
    return True


def check_framing(environ: Environ) -> None:
    """Raise `RequestError` if it is not known where the body ends: whatever reads it would find it empty, or cut.

    A server that marks the end itself has read the headers that say so.
    """
    if environ.get("wsgi.input_terminated"):
        return
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise RequestError(LENGTH_REQUIRED, "this server reads no body with a Transfer-Encoding; send a Content-Length")
    length = environ.get("CONTENT_LENGTH", "").strip()
    if length and not (length.isascii() and length.isdigit()):
        raise RequestError(BAD_REQUEST, f"Content-Length is {length[:MAX_SHOWN]!r}, which is no number of bytes")
