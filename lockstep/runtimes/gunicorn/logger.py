"""gunicorn's own messages in this project's log.

gunicorn quotes the address of a request that fails, query string included; here it does not get into the log. The app
writes the line of each request. `lockstep.runtimes.gunicorn.worker` writes that of a request that never gets there.
"""

import logging
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

FAILED = "Error handling request"


class GunicornLogger(Logger):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's logger, which writes to the root logger."""

    def setup(self, cfg: Config) -> None:
        """Leave handlers and formats to `lockstep.scoring.logs`."""
        self.cfg = cfg
        self.error_log.setLevel(logging.INFO)
        self.error_log.propagate = True

    def access(self, *_: object) -> None:
        """Leave the line of a request to the app."""

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Write an error with its traceback, without the address of the request."""
        if msg.startswith(FAILED):
            msg, args = FAILED, ()
        super().exception(msg, *args, **kwargs)
