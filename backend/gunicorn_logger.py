"""gunicorn's messages and the line of each request, in this project's log.

gunicorn quotes what it refuses (request lines, header values) and the address of what fails, query string
included; here neither gets into the log.
"""

import logging
import sys
from datetime import timedelta
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    UnsupportedTransferCoding,
)

from backend.record import RECORD, RequestRecord

REFUSED = "Invalid request from ip="
FAILED = "Error handling request"
BAD_REQUEST = 400
REFUSALS = {
    LimitRequestLine: 414,
    ExpectationFailed: 417,
    LimitRequestHeaders: 431,
    UnsupportedTransferCoding: 501,
}
"""The status that gunicorn answers with, where it is not 400."""

requests_log = logging.getLogger("lockstep.request")


class GunicornLogger(Logger):  # type: ignore[misc] # gunicorn ships no types
    """Write what gunicorn says to the root logger, and one line for each request."""

    def setup(self, cfg: Config) -> None:
        """Leave handlers and formats to `backend.logs`."""
        self.cfg = cfg
        self.error_log.setLevel(logging.INFO)
        self.error_log.propagate = True

    def access(self, resp: object, req: object, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of a request that the app answered."""
        record: RequestRecord | None = environ.get(RECORD)
        if record is not None:
            requests_log.info("request", extra={"fields": record.fields()})

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Write a warning; of a request that gunicorn refuses only the kind of fault and the status."""
        error = sys.exception()
        if msg.startswith(REFUSED) and error is not None:
            status = REFUSALS.get(type(error), BAD_REQUEST)
            fields = {"status": status, "code": type(error).__name__}
            requests_log.warning("request refused by gunicorn", extra={"fields": fields})
            return
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Write an error with its traceback, without the address of the request."""
        if msg.startswith(FAILED):
            msg, args = FAILED, ()
        super().exception(msg, *args, **kwargs)
