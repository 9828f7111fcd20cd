"""Where a body ends, under a server that does not know it."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from lockstep.doors.door import JSON

FRAME = b'{"columns": ["date", "open", "high", "low", "close", "volume"], "data": []}'


def post(client: FlaskClient, terminated: bool = False, **environ: str) -> tuple[int, str]:
    """Post a body as a server of WSGI hands it over, whatever its headers say; return status and code."""
    told: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/forecast",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": JSON,
        "wsgi.input": io.BytesIO(FRAME),
        "wsgi.input_terminated": terminated,
        **environ,
    }
    response = client.open(environ_overrides=told)
    return response.status_code, response.get_json()["code"]


@pytest.mark.parametrize("length", ["", str(len(FRAME))])
@pytest.mark.parametrize("coding", ["chunked", "gzip, chunked", "identity", ""])
def test_a_transfer_coding_that_the_server_did_not_undo_is_refused(
    coding: str, length: str, client: FlaskClient
) -> None:
    answered = post(client, HTTP_TRANSFER_ENCODING=coding, CONTENT_LENGTH=length)
    assert answered == (411, "length-required")


def test_a_transfer_coding_that_the_server_undid_is_taken(client: FlaskClient) -> None:
    assert post(client, terminated=True, HTTP_TRANSFER_ENCODING="chunked") == (422, "invalid-input")


@pytest.mark.parametrize("length", ["3, 75", "+75", "-1", "0x4b", "75.0", "٧٥", "many", "7 5"])
def test_a_length_that_is_no_number_is_refused(length: str, client: FlaskClient) -> None:
    assert post(client, CONTENT_LENGTH=length) == (400, "bad-request")


@pytest.mark.parametrize("around", ["{} ", " {}", "\t{}\t", "000{}"])
def test_a_length_is_taken_without_the_spaces_around_it(around: str, client: FlaskClient) -> None:
    assert post(client, CONTENT_LENGTH=around.format(len(FRAME))) == (422, "invalid-input")


def test_a_caller_without_a_key_is_told_that_first(keyed: tuple[FlaskClient, str, str]) -> None:
    assert post(keyed[0], HTTP_TRANSFER_ENCODING="chunked") == (401, "unauthorized")
