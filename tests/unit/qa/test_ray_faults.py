"""What counts as lost and as wrong under load on Ray, and when a run of faults fails; the page has such a run."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from qa.chaos.clients import connect
from qa.ray.faults import FAULTS, LEAST_RIGHT, Fault, Result
from qa.ray.figures import Figures
from qa.ray.load import CLOSED, Outcomes, Question, ask
from qa.ray.page import show_faults, show_memory
from qa.scale.page import PAGE
from qa.tables import read_table

QUESTION = Question(1, b"{}", {"one": b"[1]", "two": b"[2]"})
FAULT = Fault("a fault", lambda scene, load: None, 2, 5.0)
ENDLESS = Fault("another", lambda scene, load: None, None, 5.0)


@contextmanager
def serving(answer: bytes) -> Iterator[int]:
    """A server of one connection that sends these bytes whatever it is asked, and then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.recv(2**16)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def write_answer(status: int, digest: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status} x\r\nX-Model-Digest: {digest}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (write_answer(200, "one", b"[1]"), "right"),
        (write_answer(200, "two", b"[2]"), "right"),
        (write_answer(200, "one", b"[2]"), "wrong"),
        (write_answer(200, "three", b"[1]"), "wrong"),
        (write_answer(200, "", b"[1]"), "wrong"),
        (write_answer(500, "one", b"[1]"), "with 500"),
        (write_answer(503, "", b""), "with 503"),
        (b"", CLOSED),
        (write_answer(200, "one", b"[1]")[:-1], CLOSED),
    ],
)
def test_an_answer_is_right_only_as_its_version_was_evaluated(answer: bytes, ended: str) -> None:
    outcomes = Outcomes()
    with serving(answer) as port:
        connection = connect(port)
        ask(connection, QUESTION, outcomes)
        connection.close()
    kinds = ["right"] * len(outcomes.right) + ["wrong"] * len(outcomes.wrong) + [how for _, how in outcomes.lost]
    assert kinds == [ended]
    assert outcomes.asked == 1


def make_outcomes(lost: int = 0, wrong: int = 0, right: int = LEAST_RIGHT) -> Outcomes:
    return Outcomes([float(second) for second in range(right)], [(3.0, "with 500")] * lost, ["other"] * wrong, {"one"})


@pytest.mark.parametrize(
    ("fault", "outcomes", "lost_s", "broken"),
    [
        (FAULT, make_outcomes(), 0.0, 0),
        (FAULT, make_outcomes(lost=2), 5.0, 0),
        (FAULT, make_outcomes(lost=3), 1.0, 1),
        (FAULT, make_outcomes(lost=1), 5.1, 1),
        (FAULT, make_outcomes(wrong=1), 0.0, 1),
        (FAULT, make_outcomes(right=LEAST_RIGHT - 1), 0.0, 1),
        (ENDLESS, make_outcomes(lost=1000), 5.0, 0),
        (ENDLESS, make_outcomes(lost=1000), 6.0, 1),
        (replace(FAULT, versions=2), make_outcomes(), 0.0, 1),
    ],
)
def test_a_run_fails_if_more_is_lost_than_promised_or_an_answer_is_wrong(
    fault: Fault, outcomes: Outcomes, lost_s: float, broken: int
) -> None:
    assert len(Result(fault, outcomes, lost_s, 10.0).list_broken()) == broken


def test_seconds_of_loss_and_silence_are_counted_from_the_fault() -> None:
    outcomes = Outcomes([1.0, 2.0, 7.0, 7.5], [(0.5, "with 500"), (4.0, "closed"), (3.5, "with 500")])
    assert outcomes.recovered_s(since=3.0) == 1.0
    assert outcomes.recovered_s(since=5.0) == 0.0
    assert outcomes.silence_s() == 5.0
    assert outcomes.describe_lost() == "1 closed, 2 with 500"


def test_the_table_of_faults_shows_what_was_lost_and_what_is_promised() -> None:
    table = show_faults([Result(FAULT, make_outcomes(lost=2, wrong=1), 1.25, 10.0)])
    assert table.splitlines()[-1] == f"| a fault | {LEAST_RIGHT + 3} | 2 with 500 | 1 | 1.2 | 1.0 | 10 | 2, for 5 s |"


def test_the_page_has_a_run_of_every_fault_without_a_wrong_answer() -> None:
    rows = {row[0]: row for row in read_table(PAGE.read_text(), "ray faults")}
    assert [*rows] == [fault.name for fault in FAULTS]
    for fault in FAULTS:
        _, asked, lost, wrong, *_, most = rows[fault.name]
        n_lost = sum(int(each.split()[0]) for each in lost.split(", "))
        assert int(asked) - n_lost >= LEAST_RIGHT
        assert wrong == "0"
        assert most == fault.most
        assert fault.most_lost is None or n_lost <= fault.most_lost


def test_memory_and_seconds_stand_in_one_table() -> None:
    table = show_memory(Figures({}, {"head": 12.3}, {"head": 45.6, "replica": 7.8}))
    assert table.splitlines()[2:] == ["| head | 12 | 46 |", "| replica |  | 8 |"]
