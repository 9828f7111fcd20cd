"""The body of a request, as a server hands it over."""

import io
from typing import Any

import pytest

from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED, TOO_LARGE
from lockstep.web.forecasts import read_body

MAX_BYTES = 100


class Dripping(io.BytesIO):
    """A stream that hands over a byte at a time."""

    def read(self, _: int | None = None) -> bytes:
        return super().read(1)


class Broken(io.BytesIO):
    """A stream whose client is gone."""

    def read(self, _: int | None = None) -> bytes:
        raise ConnectionResetError


def read(stream: io.BytesIO, length: str | None = None, *, ends: bool = False) -> bytes:
    environ: dict[str, Any] = {"wsgi.input": stream, "wsgi.input_terminated": ends}
    return read_body(environ | ({"CONTENT_LENGTH": length} if length is not None else {}), MAX_BYTES)


def test_a_body_has_the_length_that_is_declared_however_it_arrives() -> None:
    assert read(io.BytesIO(b"body and more"), "4") == b"body"
    assert read(Dripping(b"body and more"), "4") == b"body"
    assert read(io.BytesIO(b"x" * MAX_BYTES), str(MAX_BYTES)) == b"x" * MAX_BYTES


def test_a_body_without_a_length_is_read_to_the_end_that_the_server_marks() -> None:
    assert read(Dripping(b"body"), ends=True) == b"body"
    assert read(io.BytesIO(b"x" * MAX_BYTES), "", ends=True) == b"x" * MAX_BYTES
    assert read(io.BytesIO(b"the next request")) == b""


@pytest.mark.parametrize(("length", "ends"), [(str(MAX_BYTES + 1), False), (None, True)])
def test_a_body_that_is_too_large_is_refused(length: str | None, ends: bool) -> None:
    with pytest.raises(RequestError, match="more than the 100 bytes") as refused:
        read(io.BytesIO(b"x" * (MAX_BYTES + 1)), length, ends=ends)
    assert refused.value.kind is TOO_LARGE


@pytest.mark.parametrize(
    ("stream", "detail"), [(io.BytesIO(b"bod"), "ends after 3 of the 4 bytes"), (Broken(), "cannot be read to its end")]
)
def test_a_body_that_breaks_off_is_refused(stream: io.BytesIO, detail: str) -> None:
    with pytest.raises(RequestError, match=detail) as refused:
        read(stream, "4")
    assert refused.value.kind is MALFORMED
