"""The log: one line on stdout for each request and each message, JSON for machines or text for a person.

Bodies, keys, paths, query strings and header values stay out of it; but a traceback may quote the value that
broke the code.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from types import TracebackType

JSON, TEXT = "json", "text"
STDOUT_FD = 1

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """A record as one JSON object; what a caller passes as `extra={"fields": {…}}` becomes members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        members = describe_record(record)
        if record.exc_info and record.exc_info[0]:
            members["traceback"] = self.formatException(record.exc_info)
        return json.dumps(members, default=str)


class TextFormatter(logging.Formatter):
    """A record as a person reads it: time, level, message, then `name=value` for each field that is set."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the lines of a traceback below it."""
        members = describe_record(record)
        head = [str(members.pop(name)) for name in ("time", "level", "message")]
        del members["logger"]
        line = " ".join([*head, *(f"{name}={value}" for name, value in members.items() if value is not None)])
        has_traceback = record.exc_info and record.exc_info[0]
        return f"{line}\n{self.formatException(record.exc_info)}" if has_traceback and record.exc_info else line


FORMATTERS = {JSON: JsonFormatter, TEXT: TextFormatter}


class StdoutHandler(logging.Handler):
    """A handler that writes each line with one system call, so that the lines of several processes never mix."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; a line that cannot be made or written is lost, the answer that it tells of is not."""
        try:
            os.write(STDOUT_FD, f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except OSError:
            pass  # stdout is full, or nobody reads it: there is no place to say so
        except Exception:  # a message that its arguments do not fit: told on stderr, as the standard handlers do
            self.handleError(record)


def set_up_logging(form: str) -> None:
    """Send every message of the process, warnings and uncaught errors included, to stdout in the format named."""
    # where stdout was closed at the start its descriptor may be anyone's by now
    handler = StdoutHandler() if sys.stdout else logging.NullHandler()
    handler.setFormatter(FORMATTERS[form]())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught


def describe_record(record: logging.LogRecord) -> dict[str, object]:
    """Return time (UTC, RFC 3339), level, logger, message and the record's fields."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
        **getattr(record, "fields", {}),
    }


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    log.critical("uncaught %s", kind.__name__, exc_info=(kind, error, traceback))
