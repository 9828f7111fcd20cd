"""The body of a request, as the app reads it: gunicorn's own errors become the library's."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gunicorn.http.errors import ParseException

from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
INPUT = "wsgi.input"


def read_bodies(app: Wsgi) -> Wsgi:
    """Return the app, reading each body through a `Body`."""

    def with_body(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[INPUT] = Body(environ[INPUT])
        return app(environ, start_response)

    return with_body


class Body:
    """The stream of a request's body; what gunicorn cannot parse is a `RequestError`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int | None = None) -> bytes:
        """Return at most `size` bytes, all that is left without one."""
        with _translated():
            return self._stream.read(size)

    def readline(self, size: int | None = None) -> bytes:
        """Return the next line, at most `size` bytes of it."""
        with _translated():
            return self._stream.readline(size)

    def readlines(self, size: int | None = None) -> list[bytes]:
        """Return the lines that are left."""
        with _translated():
            return self._stream.readlines(size)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ParseException as error:
        raise RequestError(MALFORMED, f"the body cannot be read to its end: {error}") from error
