"""Bodies as Ray Serve hands them over: whole, cut off, too slow, too large."""

import asyncio
from collections.abc import Iterable

import pytest

from lockstep.runtimes.ray.bodies import Message, Receive, receive_body

MAX_BYTES = 10


def make_receive(messages: Iterable[Message], taken: list[Message] | None = None) -> Receive:
    """Return what gives one message after the other, and then waits for ever."""
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            if taken is not None:
                taken.append(message)
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def receive(messages: Iterable[Message], declared: str = "", taken: list[Message] | None = None) -> bytes:
    stream = asyncio.run(receive_body(make_receive(messages, taken), declared, MAX_BYTES, arrival_s=0.01))
    read = b""
    while piece := stream.read(3):
        read += piece
    return read


def test_a_body_in_parts_is_read_whole() -> None:
    assert receive([part(b"abc", more=True), part(b"", more=True), part(b"defg", more=False)]) == b"abcdefg"


def test_a_request_without_a_body_has_an_empty_one() -> None:
    assert receive([{"type": "http.request"}]) == b""


def test_a_body_that_does_not_arrive_in_time_cannot_be_read_to_its_end() -> None:
    with pytest.raises(OSError, match="not sent to its end"):
        receive([part(b"abc", more=True)])


def test_a_body_whose_client_is_gone_cannot_be_read_to_its_end() -> None:
    with pytest.raises(OSError, match="not sent to its end"):
        receive([part(b"abc", more=True), {"type": "http.disconnect"}])


def test_nothing_is_received_of_a_body_that_is_declared_too_large() -> None:
    taken: list[Message] = []
    with pytest.raises(OSError, match="not sent to its end"):
        receive([part(b"x" * 11, more=False)], "11", taken)
    assert taken == []


def test_a_body_of_the_largest_size_is_read() -> None:
    assert receive([part(b"x" * 10, more=False)], "10") == b"x" * 10


def test_no_more_is_received_of_a_body_without_a_length_than_shows_that_it_is_too_large() -> None:
    taken: list[Message] = []
    endless = (part(b"xxxx", more=True) for _ in range(1000))
    with pytest.raises(OSError, match="not sent to its end"):
        receive(endless, "", taken)
    assert len(taken) == 3  # 12 bytes: two more than the limit


def test_a_length_that_is_no_number_is_left_to_the_app() -> None:
    assert receive([part(b"abc", more=False)], "²") == b"abc"
