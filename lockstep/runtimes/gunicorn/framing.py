"""How the bytes of a request are framed: gunicorn's parser, with what it takes too generously refused."""

from typing import Any

from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.errors import InvalidChunkSize, UnsupportedTransferCoding
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser

CHUNKED = "chunked"
MOST_HEAD = 2**15
"""How many bytes the headers of a request may have, and its trailers.

gunicorn looks through all that has come at each read, and allows 800 KB. 30 clients that sent so much and then byte by
byte held up all others for 12 s.
"""
FREE_FRAMING = 2**16
BODY_PER_FRAMING = 8
"""How many bytes the sizes, extensions and line ends of chunks may have: 64 KiB, and an eighth of the body so far.

A chunk takes some 2 µs to read, whatever its size: four million chunks of one byte took 8 s.
"""


class FrugalChunks(ChunkedReader):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's reader of chunks, which refuses chunks so small that the body is mostly framing."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.framing = self.body = 0

    def parse_chunk_size(self, unreader: Any, data: bytes | None = None) -> tuple[int, bytes | None]:
        """Return the size of the next chunk and the bytes after its line."""
        self.framing += len(data or b"") + len(b"\r\n")  # the line's bytes, and the line end after the chunk
        size, rest = super().parse_chunk_size(unreader, data)
        self.framing -= len(rest or b"")
        self.body += size
        if self.framing > FREE_FRAMING + self.body // BODY_PER_FRAMING:
            raise InvalidChunkSize(b"too small, as those before it: the body is mostly framing")
        return size, rest

    def read_into(self, unreader: Any, buf: bytearray) -> None:
        """Append one read to the buffer."""
        before = len(buf)
        super().read_into(unreader, buf)
        self.framing += len(buf) - before


class StrictRequest(Request):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's request, whose body is as long as its `Content-Length`, or comes in chunks and nothing else."""

    body: Any

    def parse(self, unreader: Any) -> bytes:
        """Read the head; return what came after it."""
        self.max_buffer_headers = MOST_HEAD
        rest: bytes = super().parse(unreader)
        return rest

    def _peer_trusted_for_forwarded(self) -> tuple[dict[str, str], list[str]]:
        # the app reads forwarded headers, in one place: lockstep/web/app.py
        return {}, []

    def set_body_reader(self) -> None:
        """Choose how the body is read."""
        for name, value in self.headers:
            if name == "TRANSFER-ENCODING" and value.lower() != CHUNKED:
                raise UnsupportedTransferCoding(value)
        super().set_body_reader()
        if isinstance(self.body.reader, ChunkedReader):
            self.body = Body(FrugalChunks(self, self.unreader))


class StrictParser(RequestParser):  # type: ignore[misc] # gunicorn ships no types
    """The requests of a connection, one after another."""

    mesg_class = StrictRequest
