"""gunicorn's messages and the line of each request, in this project's log.

gunicorn quotes the address of what fails, query string included; here it does not get into the log. What it refuses
is told by `lockstep.runtimes.gunicorn.worker`.
"""

import logging
from datetime import timedelta
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from lockstep.scoring.record import RECORD, RequestRecord

FAILED = "Error handling request"
requests_log = logging.getLogger("lockstep.request")


class GunicornLogger(Logger):  # type: ignore[misc] # gunicorn ships no types
    """Write what gunicorn says to the root logger, and one line for each request."""

    def setup(self, cfg: Config) -> None:
        """Leave handlers and formats to `lockstep.scoring.logs`."""
        self.cfg = cfg
        self.error_log.setLevel(logging.INFO)
        self.error_log.propagate = True

    def access(self, resp: object, req: object, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of a request that the app answered."""
        record: RequestRecord | None = environ.get(RECORD)
        if record is not None:
            requests_log.info("request", extra={"fields": record.fields()})

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Write an error with its traceback, without the address of the request."""
        if msg.startswith(FAILED):
            msg, args = FAILED, ()
        super().exception(msg, *args, **kwargs)
