import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lockstep.scoring.counters import Counters, share_memory
from lockstep.scoring.lines import LineWriter
from lockstep.scoring.logs import JsonFormatter, LineHandler, TextFormatter, set_up_logging
from tests.conftest import ROOT


def record(message: str, error: Exception | None = None, **fields: object) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("room", logging.WARNING, __file__, 1, message, None, exc_info)
    made.created = 1362096000.25
    made.fields = fields
    return made


def raised() -> ZeroDivisionError:
    with pytest.raises(ZeroDivisionError) as error:
        _ = 1 / 0
    return error.value


def test_a_json_line_holds_the_time_in_utc_and_the_fields() -> None:
    assert json.loads(JsonFormatter().format(record("refused", status=400, key=None))) == {
        "time": "2013-03-01T00:00:00.250Z",
        "level": "warning",
        "logger": "room",
        "message": "refused",
        "status": 400,
        "key": None,
    }


def test_a_json_line_is_one_line_whatever_it_holds() -> None:
    line = JsonFormatter().format(record("two\nlines \u2028 \ud800", raised()))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["traceback"].endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_line_holds_nothing_that_does_not_print(formatter: logging.Formatter) -> None:
    assert formatter.format(record("".join(map(chr, range(0x3000))))).replace("\n", "").isprintable()


def test_a_text_line_names_the_fields_that_are_set() -> None:
    line = TextFormatter().format(record("request", status=400, key=None))
    assert line == "2013-03-01T00:00:00.250Z warning request status=400"


def test_a_text_line_has_its_traceback_below() -> None:
    assert (
        TextFormatter().format(record("failed", raised())).splitlines()[-1] == "  ZeroDivisionError: division by zero"
    )


def test_a_line_is_written_to_stdout_even_where_it_is_no_unicode(capfd: pytest.CaptureFixture[str]) -> None:
    handler = LineHandler(LineWriter(1), None)
    handler.setFormatter(TextFormatter())
    handler.emit(record("a\ud800b"))
    assert capfd.readouterr().out == "2013-03-01T00:00:00.250Z warning a\\ud800b\n"


@pytest.fixture
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, sys.unraisablehook)
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    sys.excepthook, sys.unraisablehook = hooks
    root.setLevel(level)


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_stdout_that_was_closed_loses_the_lines_and_nothing_else(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(os, "write", lambda *call: written.append(call))
    monkeypatch.setattr(sys, "stdout", None)
    set_up_logging(form)
    logging.getLogger("room").warning("lost")
    assert written == []


def test_warnings_and_uncaught_errors_are_lines_of_the_log() -> None:
    code = (
        "import warnings; from lockstep.scoring.logs import set_up_logging; set_up_logging('json'); "
        "warnings.warn('look'); Room = type('Room', (), {'__del__': lambda self: {}['left']}); Room(); "
        "raise ZeroDivisionError('over')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    warned, ignored, failed = (json.loads(line) for line in ended.stdout.splitlines())
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "look" in warned["message"]
    assert ignored["message"].startswith("ignored KeyError in <function")
    assert failed["message"] == "uncaught ZeroDivisionError"
    assert failed["traceback"].endswith("ZeroDivisionError: over")


def test_a_message_that_does_not_fit_its_arguments_is_a_line_that_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    handler = LineHandler(LineWriter(1), None)
    handler.setFormatter(JsonFormatter())
    handler.emit(logging.LogRecord("room", logging.INFO, "rooms.py", 7, "%d rows", ("many",), None))
    printed = capfd.readouterr()
    assert json.loads(printed.out)["message"] == "rooms.py:7 logs '%d rows', which cannot be written as a line"
    assert printed.err == ""


def test_what_a_terminal_would_obey_is_escaped() -> None:
    sent = "\x1b[2J\x9b1m\u202eevil\x00\x7f\r"
    escaped = r"\x1b[2J\x9b1m\u202eevil\x00\x7f\r"
    assert TextFormatter().format(record(sent)).endswith(f"warning {escaped}")
    line = JsonFormatter().format(record(sent))
    assert line.isascii()
    assert json.loads(line)["message"] == sent


def test_no_message_can_pass_for_a_line_of_its_own() -> None:
    text = TextFormatter().format(record("lost\n2026-01-01T00:00:00.000Z info all is well"))
    assert [line.startswith("20") for line in text.splitlines()] == [True, False]


def test_lines_that_nobody_reads_are_lost_and_counted_and_the_first_that_is_read_says_so() -> None:
    read_fd, write_fd = os.pipe()
    counters = Counters(share_memory())
    handler = LineHandler(LineWriter(write_fd), counters)
    handler.setFormatter(JsonFormatter())
    n_lines = 2000
    for _ in range(n_lines):
        handler.emit(record("x" * 100))
    read = os.read(read_fd, 2**20).splitlines()
    handler.emit(record("again"))
    [told, again] = [json.loads(line)["message"] for line in os.read(read_fd, 2**20).splitlines()]
    n_lost = n_lines - len(read)
    assert 0 < n_lost < n_lines
    assert told == f"{n_lost} lines of the log are lost: nobody read them in time, or there was no room"
    assert again == "again"
    assert counters.read()["lockstep_log_lines_dropped_total",] == [n_lost]
    assert json.loads(read[-1])["message"] == "x" * 100
    os.close(read_fd)
    os.close(write_fd)
