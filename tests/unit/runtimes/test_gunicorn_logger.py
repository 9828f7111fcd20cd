import logging
from datetime import timedelta

import pytest
from gunicorn.config import Config

from lockstep.runtimes.gunicorn.logger import GunicornLogger
from lockstep.scoring.record import RECORD, RequestRecord

NO_TIME = timedelta()


@pytest.fixture
def logger(caplog: pytest.LogCaptureFixture) -> GunicornLogger:
    caplog.set_level(logging.INFO)
    return GunicornLogger(Config())


def fields(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    [record] = caplog.records
    return record.fields


def test_an_answered_request_is_one_line(logger: GunicornLogger, caplog: pytest.LogCaptureFixture) -> None:
    record = RequestRecord("GET", "/health", status=200, duration_s=0.00123456)
    logger.access(None, None, {RECORD: record}, NO_TIME)
    assert fields(caplog) == record.fields()
    assert fields(caplog)["duration_ms"] == 1.235


def test_a_request_that_never_came_to_the_app_has_no_second_line(
    logger: GunicornLogger, caplog: pytest.LogCaptureFixture
) -> None:
    logger.access(None, None, {}, NO_TIME)
    assert caplog.records == []


def test_a_failed_request_keeps_its_query_string_to_itself(
    logger: GunicornLogger, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logger.exception("Error handling request %s %s", "GET", "/?key=hunter2")
    assert "ZeroDivisionError" in caplog.text
    assert "hunter2" not in caplog.text


def test_other_messages_of_gunicorn_are_left_as_they_are(
    logger: GunicornLogger, caplog: pytest.LogCaptureFixture
) -> None:
    logger.warning("Worker with pid %s was terminated", 7)
    logger.exception("Exception in %s hook", "post_request")
    assert [record.getMessage() for record in caplog.records] == [
        "Worker with pid 7 was terminated",
        "Exception in post_request hook",
    ]
