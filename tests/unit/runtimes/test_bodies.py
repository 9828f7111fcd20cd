import io
from typing import Any

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from lockstep.runtimes.gunicorn.bodies import Body, read_bodies
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED


class Broken:
    """A stream that gunicorn cannot read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, size: int | None = None) -> bytes:
        raise self.error

    readline = readlines = read


READS = [Body.read, Body.readline, Body.readlines, list]


@pytest.mark.parametrize("read", READS)
def test_what_gunicorn_cannot_parse_is_an_error_of_the_library(read: Any) -> None:
    with pytest.raises(RequestError, match=r"cannot be read to its end: Invalid chunk size: b'zz'") as refused:
        read(Body(Broken(InvalidChunkSize(b"zz"))))
    assert refused.value.kind is MALFORMED


@pytest.mark.parametrize("read", READS)
def test_a_connection_that_ends_is_the_operating_systems_error_as_it_is(read: Any) -> None:
    with pytest.raises(NoMoreData):
        read(Body(Broken(NoMoreData())))


@pytest.mark.parametrize(
    ("read", "expected"),
    [(Body.read, b"a\nb"), (Body.readline, b"a\n"), (Body.readlines, [b"a\n", b"b"]), (list, [b"a\n", b"b"])],
)
def test_a_body_is_read_as_it_came(read: Any, expected: object) -> None:
    assert read(Body(io.BytesIO(b"a\nb"))) == expected


def test_the_app_reads_through_it() -> None:
    seen: list[object] = []

    def note_input(environ: dict[str, Any], _: object) -> list[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    read_bodies(note_input)({"wsgi.input": io.BytesIO()}, lambda *_: None)
    assert isinstance(seen[0], Body)
