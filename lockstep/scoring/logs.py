"""The log: one line on stdout for each request and each message, JSON for machines or text for a person.

Bodies, keys, paths, query strings and header values stay out of it; but a traceback may quote the value that
broke the code. What does not print is escaped. Where the lines go: `lockstep.scoring.lines`.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

from lockstep.scoring.counters import Counters
from lockstep.scoring.lines import LineWriter
from lockstep.scoring.printable import escape_controls

JSON, TEXT = "json", "text"
STDOUT_FD = 1
DELETE = "\x7f"
"""The one control character that is ASCII and that JSON need not escape."""
DROPPED_LINES = "lockstep_log_lines_dropped_total"

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder(enc_hook=str).encode


class JsonFormatter(logging.Formatter):
    """A record as one JSON object; what a caller passes as `extra={"fields": {…}}` becomes members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, all of it ASCII."""
        members = describe_record(record)
        if record.exc_info and record.exc_info[0]:
            members["traceback"] = self.formatException(record.exc_info)
        try:
            line = _encode(members)
        except UnicodeEncodeError:  # half of a character that takes two
            line = b"\xff"
        text = line.decode() if line.isascii() else json.dumps(members, default=str)
        return text.replace(DELETE, r"\u007f")


class TextFormatter(logging.Formatter):
    """A record as a person reads it: time, level, message, then `name=value` for each field that is set."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; lines of a message that has several, and those of a traceback, stand below it, indented."""
        members = describe_record(record)
        head = [str(members.pop(name)) for name in ("time", "level", "message")]
        del members["logger"]
        line = " ".join([*head, *(f"{name}={value}" for name, value in members.items() if value is not None)])
        if record.exc_info and record.exc_info[0]:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return escape_controls(line.replace("\r\n", "\n"), but="\n").replace("\n", "\n  ")


FORMATTERS = {JSON: JsonFormatter, TEXT: TextFormatter}


class LineHandler(logging.Handler):
    """A handler that hands each line to a writer, and says how many were lost when one gets through again."""

    def __init__(self, writer: LineWriter, counters: Counters | None) -> None:
        super().__init__()
        self._writer, self._counters = writer, counters
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; a line that cannot be written is lost, the answer that it tells of is not."""
        if self._lost and self._write(self._describe_loss()):
            self._lost = 0
        if self._lost or not self._write(record):
            self._lost += 1
            if self._counters:
                self._counters.add((DROPPED_LINES,))

    def close(self) -> None:
        """Close the writer."""
        self._writer.close()
        super().close()

    def _write(self, record: logging.LogRecord) -> bool:
        try:
            line = self.format(record)
        except Exception:  # arguments that do not fit their message, a field without a text
            line = self.format(_describe_misfit(record))
        return self._writer.write(f"{line}\n".encode(errors="backslashreplace"))

    def _describe_loss(self) -> logging.LogRecord:
        return _make_warning(f"{self._lost} lines of the log are lost: nobody read them in time, or there was no room")


def set_up_logging(form: str, counters: Counters | None = None) -> None:
    """Send every message of the process, warnings and uncaught errors included, to stdout in the format named.

    The counters get the number of lines that are lost.
    """
    # where stdout was closed at the start its descriptor may be anyone's by now
    handler = LineHandler(LineWriter(STDOUT_FD), counters) if sys.stdout else logging.NullHandler()
    handler.setFormatter(FORMATTERS[form]())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(True)
    # no line names a thread or a process, and to find their names takes as long as to write the line
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable


def describe_record(record: logging.LogRecord) -> dict[str, object]:
    """Return time (UTC, RFC 3339), level, logger, message and the record's fields."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {
        "time": f"{time[:-6]}Z",  # without +00:00
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
        **getattr(record, "fields", {}),
    }


def _make_warning(message: str) -> logging.LogRecord:
    return logging.LogRecord(log.name, logging.WARNING, __file__, 0, message, None, None)


def _describe_misfit(record: logging.LogRecord) -> logging.LogRecord:
    message = repr(record.msg) if isinstance(record.msg, str) else "a message"
    return _make_warning(f"{record.pathname}:{record.lineno} logs {message}, which cannot be written as a line")


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    log.critical("uncaught %s", kind.__name__, exc_info=(kind, error, traceback))


def _log_unraisable(unraisable: Any) -> None:
    """Log an error that Python could hand to nobody; its own hook would write to stderr, which may not be read."""
    exc_info = (unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback)
    log.error("ignored %s in %r", unraisable.exc_type.__name__, unraisable.object, exc_info=exc_info)
