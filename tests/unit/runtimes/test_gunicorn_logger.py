import logging
from datetime import timedelta

import pytest
from gunicorn.config import Config

from lockstep.runtimes.gunicorn.logger import GunicornLogger


@pytest.fixture
def logger(caplog: pytest.LogCaptureFixture) -> GunicornLogger:
    caplog.set_level(logging.INFO)
    return GunicornLogger(Config())


def test_gunicorn_writes_no_line_of_a_request(logger: GunicornLogger, caplog: pytest.LogCaptureFixture) -> None:
    logger.cfg.set("accesslog", "-")
    logger.access(None, None, {}, timedelta())
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
