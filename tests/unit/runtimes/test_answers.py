"""How an answer leaves."""

from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from lockstep.runtimes.gunicorn.answers import WholeAnswer


class Client:
    """Notes what it is sent, send by send."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_cut = False

    def sendall(self, data: bytes) -> None:
        self.sent.append(data)


def answer(client: Client, *parts: bytes, method: str = "GET", headers: Any = (("Content-Length", "5"),)) -> Client:
    request = SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False)
    made = WholeAnswer(request, client, Config())
    made.start_response("200 OK", list(headers))
    for part in parts:
        made.write(part)
    made.close()
    return client


def test_head_and_body_leave_in_one_send() -> None:
    [sent] = answer(Client(), b"whole").sent
    head, _, body = sent.partition(b"\r\n\r\n")
    assert (head.splitlines()[0], body) == (b"HTTP/1.1 200 OK", b"whole")


def test_later_parts_leave_as_they_are_made() -> None:
    first, second = answer(Client(), b"wh", b"ole").sent
    assert (first.endswith(b"\r\n\r\nwh"), second) == (True, b"ole")


@pytest.mark.parametrize(("method", "parts"), [("HEAD", (b"",)), ("HEAD", ()), ("GET", ()), ("GET", (b"",))])
def test_a_head_without_a_body_is_sent_once(method: str, parts: tuple[bytes, ...]) -> None:
    [sent] = answer(Client(), *parts, method=method).sent
    assert sent.endswith(b"\r\n\r\n")


def test_an_answer_of_unknown_length_is_chunked() -> None:
    first, second, end = answer(Client(), b"one", b"three", headers=()).sent
    assert first.endswith(b"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
    assert (second, end) == (b"5\r\nthree\r\n", b"0\r\n\r\n")


def test_an_answer_has_a_date_and_does_not_name_the_server() -> None:
    [sent] = answer(Client(), b"whole").sent
    names = [line.partition(b":")[0] for line in sent.partition(b"\r\n\r\n")[0].splitlines()[1:]]
    assert names == [b"Date", b"Connection", b"Content-Length"]


def test_an_answer_to_a_client_that_was_cut_off_ends_the_connection() -> None:
    client = Client()
    assert b"Connection: keep-alive" in answer(client, b"whole").sent[0]
    client.is_cut = True
    assert b"Connection: close" in answer(client, b"whole").sent[1]
