"""How the body of a request is framed."""

from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidChunkSize, LimitRequestHeaders

from lockstep.runtimes.gunicorn.framing import FREE_FRAMING, MOST_HEAD, StrictParser

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
TINY = b"1\r\nx\r\n"
READ = 2**13


def parse(sent: bytes, read: int = READ) -> Any:
    reads = (sent[start : start + read] for start in range(0, len(sent), read))
    return next(StrictParser(Config(), reads, ("127.0.0.1", 1)))


def test_a_body_of_tiny_chunks_is_read_up_to_a_bound() -> None:
    allowed = FREE_FRAMING // len(TINY)
    assert parse(HEAD + TINY * allowed + END).body.read() == b"x" * allowed


@pytest.mark.parametrize("read", [7, READ])
def test_a_body_that_is_mostly_framing_is_refused_before_it_has_come(read: int) -> None:
    request = parse(HEAD + TINY * 100_000 + END, read)
    with pytest.raises(InvalidChunkSize, match="mostly framing"):
        request.body.read()
    assert request.body.reader.body < 1.1 * FREE_FRAMING / (len(TINY) - 1)


def test_an_extension_counts_as_framing() -> None:
    chunk = b"1;name=" + b"v" * 8000 + b"\r\nx\r\n"
    assert parse(HEAD + chunk * 8 + END).body.read() == b"x" * 8
    with pytest.raises(InvalidChunkSize, match="mostly framing"):
        parse(HEAD + chunk * 9 + END).body.read()


def test_the_framing_of_larger_chunks_has_no_bound() -> None:
    chunk = b"40\r\n" + b"x" * 64 + b"\r\n"
    n_chunks = 3 * FREE_FRAMING // (len(chunk) - 64)
    assert len(parse(HEAD + chunk * n_chunks + END).body.read()) == 64 * n_chunks


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n", HEAD + END.removesuffix(b"\r\n")], ids=["head", "trailers"])
def test_headers_are_refused_beyond_a_bound_and_not_searched_again_and_again(start: bytes) -> None:
    taken = 0

    def send() -> Iterator[bytes]:
        nonlocal taken
        yield start
        while True:
            yield (part := b"X-A: b\r\n" * 64)
            taken += len(part)

    with pytest.raises(LimitRequestHeaders):
        next(StrictParser(Config(), send(), ("127.0.0.1", 1))).body.read()
    assert MOST_HEAD / 2 < taken <= MOST_HEAD


def test_a_proxy_is_never_believed_what_it_says_of_the_scheme() -> None:
    forwarded = HEAD.replace(b"Host", b"X-Forwarded-Proto: https\r\nHost") + END
    for address in (("127.0.0.1", 1), ""):
        assert next(StrictParser(Config(), iter([forwarded]), address)).scheme == "http"
