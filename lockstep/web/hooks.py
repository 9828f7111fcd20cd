"""What happens around every request.

In this order: its record, a preflight's answer, access; the handler; its headers, its counts, its line in the log.
`flask.g` carries one object, `g.record`, which is made before anything else.
"""

import re
import uuid
from functools import partial

from flask import Request, Response, g, request

from lockstep.doors.door import COUNTS, KEY, OPEN
from lockstep.scoring.access import Caller, admit_caller, admit_reader
from lockstep.scoring.record import UNKNOWN_ROUTE, RequestRecord, requests_log
from lockstep.web.headers import answer_preflight, share_answer
from lockstep.web.site import Site

REQUEST_ID = re.compile(r"[A-Za-z0-9+/=-]{20,200}")
"""What Heroku's router keeps of a client's own X-Request-Id."""
PROXY_HEADER = re.compile(r"HTTP_((?:FORWARDED|X_FORWARDED_\w+|X_REAL_IP|VIA))(?: |$)")
"""The headers that a proxy adds, as WSGI spells them."""
HSTS = "max-age=31536000"
BEARER = "bearer"


def begin_request(site: Site) -> Response | None:
    """Make the record; return the answer to a preflight; raise `RequestError` for a caller who has no access."""
    rule = request.url_rule
    route = rule.rule if rule else UNKNOWN_ROUTE
    g.record = RequestRecord(request.method, route, choose_request_id(request))
    site.metrics.in_flight.inc()
    preflight = answer_preflight(request, site.service.settings.cors_origins)
    if preflight is None and rule is not None:
        g.record.key = check_access(site, request, rule.endpoint)
    return preflight


def end_request(site: Site, response: Response) -> Response:
    """Add the headers, count the request, and leave its line for when the answer is sent."""
    record: RequestRecord = g.record
    served = record.served or site.service.registry.default
    record.model, record.digest = str(served), served.bundle.manifest.digest
    headers = response.headers
    headers["X-Request-Id"] = record.request_id
    headers["X-Model-Digest"] = record.digest
    headers["X-Model-Version"] = record.model
    headers.extend(site.headers)
    if request.is_secure:
        headers["Strict-Transport-Security"] = HSTS
    share_answer(request, response, site.service.settings.cors_origins)
    record.status = response.status_code
    record.end()
    site.metrics.count(record)
    response.call_on_close(partial(log_request, record))
    return response


def leave_request(site: Site, _: BaseException | None) -> None:
    """Take the request out of those in flight, whatever became of it."""
    site.metrics.in_flight.dec()


def log_request(record: RequestRecord) -> None:
    """Write the line of a request that was answered."""
    requests_log.info("request", extra={"fields": record.fields()})


def choose_request_id(received: Request) -> str:
    """Return the client's own request id if it is well formed, else a new one."""
    sent = received.headers.get("X-Request-Id", "")
    return sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


def check_access(site: Site, received: Request, endpoint: str) -> str | None:
    """Return the name of the caller's key, None if none is needed; raise `RequestError`.

    A route that is not declared, one of the user's own, asks for what a forecast asks for.
    """
    access = site.routes[endpoint].access if endpoint in site.routes else KEY
    if access == OPEN:
        return None
    settings = site.service.settings
    headers = received.headers
    key = headers.get("x-api-key", "") or (find_bearer_token(received) if access == COUNTS else "")
    proxy_header = None if settings.api_keys else find_proxy_header(received)
    caller = Caller(received.remote_addr or "", key, headers.get("Host", ""), proxy_header)
    return admit_reader(caller, settings) if access == COUNTS else admit_caller(caller, settings, site.limiter)


def find_bearer_token(received: Request) -> str:
    """Return the token in the header Authorization, empty if there is none."""
    presented = received.authorization
    return (presented.token or "") if presented and presented.type == BEARER else ""


def find_proxy_header(received: Request) -> str | None:
    """Return the name of a header that only a proxy adds, None if the request has none."""
    found = PROXY_HEADER.search(" ".join(received.environ))  # a third of the time of asking name by name
    return found[1].replace("_", "-").lower() if found else None
