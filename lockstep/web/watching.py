"""What happens around every request, whatever the app does: its record, headers, counts, its line in the log."""

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from lockstep.scoring.keys import ApiKey, find_key
from lockstep.scoring.record import UNKNOWN_ROUTE, RequestRecord, requests_log
from lockstep.web.headers import Environ, describe_headers, describe_sharing
from lockstep.web.site import Site

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Any]

RECORD = "lockstep.record"
"""The place of a request's record in its WSGI environment."""
HEADERS = "lockstep.headers"
"""The place of the headers that an answer carries in place of the usual ones, as a handler leaves them."""
REQUEST_ID = re.compile(r"[A-Za-z0-9+/=-]{20,200}")
"""What Heroku's router keeps of a client's own X-Request-Id."""
REQUEST_ID_BYTES = 16
METHODS = frozenset(("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"))
UNKNOWN_METHOD = "unknown"
"""What the log has in place of any other, for a client may send anything there."""
HSTS = ("Strict-Transport-Security", "max-age=31536000")


class Watched:
    """An app of WSGI whose answers get the headers that all have, and that are counted and logged."""

    def __init__(self, app: Wsgi, site: Site) -> None:
        self._app, self._site = app, site
        self._headers = list(describe_headers().items())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        request_id = choose_request_id(environ.get("HTTP_X_REQUEST_ID", ""), self._site.service.settings.api_keys)
        method = environ["REQUEST_METHOD"]
        shown_method = method if method in METHODS else UNKNOWN_METHOD
        environ[RECORD] = record = RequestRecord(shown_method, UNKNOWN_ROUTE, request_id)
        counters = self._site.metrics.counters
        counters.begin_request()
        try:
            answer = self._app(environ, partial(self._start, environ, start_response))
        except BaseException:
            # a server closes answers only, and there is none
            counters.end_request()
            raise
        return WatchedAnswer(answer, partial(self._end, record))

    def _start(self, environ: Environ, start_response: StartResponse, status: str, headers: Headers, *info: Any) -> Any:
        """Add the headers, and count the request."""
        record: RequestRecord = environ[RECORD]
        of_model = self._name_model(record)
        record.status = int(status[:3])
        record.end()
        self._site.metrics.count(record)
        of_request = (("X-Request-Id", record.request_id), *of_model)
        secured = (HSTS,) if environ["wsgi.url_scheme"] == "https" else ()
        shared = describe_sharing(environ, self._site.service.settings.cors_origins)
        usual = environ.get(HEADERS, self._headers)
        return start_response(status, [*headers, *of_request, *usual, *secured, *shared], *info)

    def _name_model(self, record: RequestRecord) -> Headers:
        """Return the headers that name the version in charge; none if rows of several were posted."""
        if record.served is None and record.shares:
            return []
        served = record.served or self._site.service.registry.default
        record.model, record.digest = str(served), served.bundle.manifest.digest
        return [("X-Model-Digest", record.digest), ("X-Model-Version", record.model)]

    def _end(self, record: RequestRecord) -> None:
        self._site.metrics.counters.end_request()
        log_request(record)


class WatchedAnswer:
    """The body of an answer; the server closes it when it is sent, or when the client is gone."""

    def __init__(self, body: Any, at_end: Callable[[], None]) -> None:
        self._body, self._at_end = body, at_end

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """End the request."""
        try:
            self._body.close()
        finally:
            self._at_end()


def log_request(record: RequestRecord) -> None:
    """Write the line of a request that was answered."""
    if requests_log.isEnabledFor(logging.INFO):
        # what `info` does but for finding the caller, which takes longer than all the rest
        line = logging.LogRecord(requests_log.name, logging.INFO, __file__, 0, "request", None, None)
        line.fields = record.fields()
        requests_log.handle(line)


def choose_request_id(sent: str, keys: Sequence[ApiKey] = ()) -> str:
    """Return the client's own request id if it is well formed and none of the keys, else a new one."""
    is_kept = REQUEST_ID.fullmatch(sent) and not (keys and find_key(keys, sent.encode()))
    return sent if is_kept else os.urandom(REQUEST_ID_BYTES).hex()
