"""A worker answers many clients on one thread; none of them holds up the others."""

import gc
import logging
import socket
import time
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from lockstep.runtimes.gunicorn import accepting, connection, loop, worker
from lockstep.runtimes.gunicorn.worker import GreenletWorker
from qa.servers import wait_until
from tests.unit.runtimes.conftest import GREETING, Run, echo, receive_all, receive_answer, refuse

MORE_THAN_THE_KERNEL_TAKES = 2**24
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
HALF = POST + b"Content-Length: 9\r\n\r\nhalf"


def test_requests_on_a_kept_connection_are_answered_one_after_another(run_worker: Run) -> None:
    client = run_worker(echo).connect(GREETING)
    assert receive_answer(client)[1] == b"/"
    client.sendall(POST + b"Content-Length: 4\r\n\r\nbody")
    head, body = receive_answer(client)
    assert (head.splitlines()[0], body) == (b"HTTP/1.1 200 OK", b"body")
    assert b"Connection: keep-alive" in head


def test_requests_that_come_together_are_answered_in_their_order(run_worker: Run) -> None:
    paths = [f"/{number}".encode() for number in range(20)]
    client = run_worker(echo).connect(b"".join(GREETING.replace(b"/ ", path + b" ") for path in paths))
    assert [receive_answer(client)[1] for _ in paths] == paths


def test_a_connection_without_a_request_costs_no_greenlet(run_worker: Run) -> None:
    running = run_worker(echo)
    receive_answer(running.connect(GREETING))
    running.connect()
    wait_until(lambda: len(running.worker.loop.connections) == 2, "not accepted")
    assert {each.greenlet for each in running.worker.loop.connections} == {None}


def test_clients_that_stop_in_the_middle_of_their_bodies_hold_up_nobody(run_worker: Run) -> None:
    running = run_worker(echo)
    halves = [running.connect(HALF) for _ in range(150)]
    assert receive_answer(running.connect(GREETING))[1] == b"/"
    halves[99].sendall(b" done")
    assert receive_answer(halves[99])[1] == b"half done"


def test_a_client_that_asks_again_at_once_does_not_keep_others_waiting(run_worker: Run) -> None:
    order = []

    def note(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        order.append(environ["PATH_INFO"])
        if len(order) == 1:
            second.sendall(GREETING.replace(b"/ ", b"/second "))
        return echo(environ, start_response)

    running = run_worker(note)
    second = running.connect()
    wait_until(lambda: len(running.worker.loop.connections) == 1, "not accepted")
    first = running.connect(GREETING * 50)
    assert receive_answer(second)[1] == b"/second"
    assert [receive_answer(first)[1] for _ in range(50)] == [b"/"] * 50
    assert order.index("/second") <= 2


@pytest.mark.parametrize("begun", [b"G", HALF], ids=["head", "body"])
def test_a_request_is_cut_off_when_its_time_is_over_although_bytes_keep_coming(
    begun: bytes, run_worker: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ARRIVAL_S", 0.3)
    monkeypatch.setattr(loop, "SCAN_S", 0.02)
    monkeypatch.setattr(connection, "LINGER_S", 0.1)
    running = run_worker(echo)
    client = running.connect(begun.replace(b"Length: 9", b"Length: 999999999"))
    with pytest.raises(ConnectionError):  # noqa: PT012 -- it is the last of many sends that fails
        while True:
            client.sendall(b"x")
            time.sleep(0.01)
    assert not running.worker.loop.connections


def test_a_body_that_does_not_arrive_in_time_is_still_answered(
    run_worker: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ARRIVAL_S", 0.05)
    monkeypatch.setattr(loop, "SCAN_S", 0.02)
    client = run_worker(echo).connect(HALF)
    head, body = receive_answer(client)
    assert (body, b"Connection: close" in head) == (b"half", True)
    assert receive_all(client) == b""


def test_a_client_that_does_not_read_its_answer_is_cut_off(run_worker: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SCAN_S", 0.02)
    answer = bytes(MORE_THAN_THE_KERNEL_TAKES)

    def answer_much(_: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    running = run_worker(answer_much)
    client = running.connect(GREETING)
    wait_until(lambda: running.worker.loop.held > 2**20, "not sent")
    is_whole = len(receive_answer(running.connect(GREETING))[1]) == len(answer)
    busy = running.worker.loop.find_slowest()
    assert busy is not None
    assert 0 < busy.deadline - running.worker.loop.now <= connection.ARRIVAL_S
    busy.deadline = 0.0
    wait_until(lambda: not running.worker.loop.held, "not given up")
    is_cut_off = len(receive_all(client)) < len(answer)
    assert (is_whole, is_cut_off) == (True, True)


def test_a_client_that_reads_slowly_gets_every_byte(run_worker: Run) -> None:
    sent = bytes(range(256)) * (MORE_THAN_THE_KERNEL_TAKES // 256)
    client = run_worker(echo).connect(POST + b"Content-Length: %d\r\n\r\n" % len(sent) + sent)
    time.sleep(0.05)
    is_same = receive_answer(client)[1] == sent
    assert is_same


def test_the_slowest_body_is_cut_off_when_bodies_take_too_much_memory(
    run_worker: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BODIES_HELD", 1)
    monkeypatch.setenv("LOCKSTEP_MAX_BODY_BYTES", "100000")
    running = run_worker(echo)
    size = 60_000
    head = POST + b"Content-Length: %d\r\n\r\n" % size
    slow = running.connect(head + bytes(size - 1))
    wait_until(lambda: running.worker.loop.held >= size, "not received")
    whole = running.connect(head + bytes(size))
    assert len(receive_answer(whole)[1]) == size
    assert len(receive_answer(slow)[1]) == size - 1
    wait_until(lambda: running.worker.loop.held == 0, "still held")


def test_the_longest_waiting_connection_makes_place_for_a_new_one(
    run_worker: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "FULL_FOR_S", 0.05)
    running = run_worker(echo, worker_connections=3)
    half, kept, silent = running.connect(HALF), running.connect(), running.connect()
    wait_until(lambda: len(running.worker.loop.connections) == 3, "not accepted")
    kept.sendall(GREETING)
    receive_answer(kept)
    with caplog.at_level(logging.WARNING):
        assert receive_answer(running.connect(GREETING))[1] == b"/"
        assert receive_all(silent) == b""
        assert receive_answer(running.connect(GREETING))[1] == b"/"
        assert receive_all(kept) == b""
        wait_until(lambda: bool(caplog.messages), "nothing logged")
    assert "2 connections were closed that waited: all 3 places are taken" in caplog.messages
    half.sendall(b" done")
    assert receive_answer(half)[1] == b"half done"


def test_the_slowest_request_makes_place_when_every_connection_has_one(run_worker: Run) -> None:
    running = run_worker(echo, worker_connections=2)
    slowest = running.connect(HALF)
    wait_until(lambda: running.worker.loop.held > 0, "not begun")
    slow = running.connect(HALF)
    wait_until(lambda: running.worker.loop.held >= 2 * len(HALF), "not begun")
    assert receive_answer(running.connect(GREETING))[1] == b"/"
    assert receive_answer(slowest)[1] == b"half"
    slow.sendall(b" done")
    assert receive_answer(slow)[1] == b"half done"


def test_a_connection_that_sends_nothing_is_closed_in_the_end(run_worker: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SCAN_S", 0.02)
    running = run_worker(echo, keepalive=0.1)
    assert receive_all(running.connect()) == b""


def test_what_has_connected_is_answered_when_the_worker_stops(run_worker: Run) -> None:
    clients: list[socket.socket] = []

    def stop_meanwhile(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/stop":
            clients.extend(running.connect(GREETING) for _ in range(100))  # the backlog: nobody accepts meanwhile
            running.stop()
        return echo(environ, start_response)

    running = run_worker(stop_meanwhile)
    kept = running.connect(GREETING)
    receive_answer(kept)
    stopping = running.connect(GREETING.replace(b"/ ", b"/stop "))
    assert receive_answer(stopping)[1] == b"/stop"
    stopping.close()
    kept.sendall(GREETING)
    for client in (kept, *clients):
        head, _ = receive_answer(client)
        assert b"Connection: close" in head
        client.close()
    running.thread.join(10)
    assert not running.thread.is_alive()


def test_a_worker_that_stops_waits_briefly_for_connections_without_a_request(
    run_worker: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOPPING_S", 0.05)
    running = run_worker(echo)
    silent, kept = running.connect(), running.connect(GREETING)
    receive_answer(kept)
    running.stop()
    assert (receive_all(silent), receive_all(kept)) == (b"", b"")
    running.thread.join(10)
    assert not running.thread.is_alive()


def test_a_worker_that_stops_waits_for_a_request_that_has_begun(run_worker: Run) -> None:
    running = run_worker(echo)
    client = running.connect(HALF)
    wait_until(lambda: running.worker.loop.held > 0, "not begun")
    running.stop()
    client.sendall(b" done")
    assert receive_answer(client)[1] == b"half done"


def test_a_worker_that_stops_leaves_new_connections_to_those_that_go_on(run_worker: Run) -> None:
    running = run_worker(echo)
    half = running.connect(HALF)
    wait_until(lambda: running.worker.loop.held > 0, "not begun")
    with running.worker.sockets[0].dup() as shared:  # as the master and new workers hold it
        running.stop()
        wait_until(lambda: running.worker.sockets[0].fileno() < 0, "still accepting")
        with socket.create_connection(running.address):
            half.sendall(b" done")
            assert receive_answer(half)[1] == b"half done"
            shared.accept()[0].close()


def test_a_client_that_asks_before_it_sends_its_body_is_told_to_go_on(run_worker: Run) -> None:
    client = run_worker(echo).connect(POST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert client.recv(len(go_on), socket.MSG_WAITALL) == go_on
    client.sendall(b"body")
    assert receive_answer(client)[1] == b"body"


def test_a_broken_body_after_an_early_answer_gets_no_second_one(run_worker: Run) -> None:
    client = run_worker(refuse).connect(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GREETING)
    assert receive_all(client).count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "body", [b"Content-Length: 4\r\n\r\nbody", b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"]
)
def test_a_connection_is_kept_after_an_early_answer_to_a_body_that_is_sound(body: bytes, run_worker: Run) -> None:
    client = run_worker(refuse).connect(POST + body)
    receive_answer(client)
    client.sendall(GREETING)
    assert receive_answer(client)[1] == b"no"


def test_a_client_that_still_sends_gets_its_early_answer(run_worker: Run) -> None:
    size = MORE_THAN_THE_KERNEL_TAKES
    client = run_worker(refuse).connect(POST + b"Content-Length: %d\r\n\r\n" % size)
    client.sendall(bytes(size))
    assert receive_answer(client)[1] == b"no"


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"gzip", b"chunked, gzip", b"identity, chunked", b"lzw"])
def test_no_other_transfer_coding_than_chunked_is_taken(coding: bytes, run_worker: Run) -> None:
    client = run_worker(echo).connect(POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n")
    head, body = receive_answer(client)
    assert (head[:13], b'"not-implemented"' in body) == (b"HTTP/1.1 501 ", True)
    client.sendall(GREETING)
    assert receive_all(client) == b""


def test_chunks_are_taken_in_any_case_and_size(run_worker: Run) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in b"tiny") + b"a;x=y\r\n one chunk\r\n0\r\n\r\n"
    client = run_worker(echo).connect(POST + b"Transfer-Encoding: Chunked\r\n\r\n" + chunks)
    assert receive_answer(client)[1] == b"tiny one chunk"


def test_an_app_that_fails_after_its_first_bytes_ends_the_connection(
    run_worker: Run, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "9")])
        yield b"half"
        raise ArithmeticError

    assert receive_all(run_worker(fail).connect(GREETING)).endswith(b"\r\n\r\nhalf")
    assert "Error handling request" in caplog.messages


def test_an_app_that_fails_before_its_first_bytes_is_answered_for(
    run_worker: Run, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object, start_response: Any) -> list[bytes]:
        raise ArithmeticError

    head, body = receive_answer(run_worker(fail).connect(GREETING))
    assert (head[:13], b'"internal"' in body) == (b"HTTP/1.1 500 ", True)
    assert "ArithmeticError" in caplog.text


def test_an_answer_of_unknown_length_is_sent_as_it_is_made(run_worker: Run) -> None:
    def count(_: object, start_response: Any) -> Any:
        start_response("200 OK", [])
        yield b"one"
        yield b"three"

    client = run_worker(count).connect(GREETING.replace(b"Host", b"Connection: close\r\nHost"))
    assert receive_all(client).endswith(b"\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n")


def test_the_workers_garbage_is_collected_less_often(run_worker: Run) -> None:
    before = gc.get_threshold()
    try:
        receive_answer(run_worker(echo).connect(GREETING))
        assert gc.get_threshold() == worker.COLLECT_AFTER
    finally:
        gc.set_threshold(*before)


def test_a_worker_whose_master_is_gone_stops(run_worker: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_S", 0.02)
    running = run_worker(echo)
    running.worker.ppid = 1
    running.thread.join(10)
    assert not running.thread.is_alive()


def test_the_master_sees_that_the_worker_lives(run_worker: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_S", 0.02)
    beaten = run_worker(echo).worker.tmp
    for _ in range(3):
        before = beaten.last_update()
        wait_until(lambda last=before: beaten.last_update() != last, "no heartbeat")  # type: ignore[misc] # bound now


def test_tls_is_refused_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    config = Config()
    config.set("certfile", "certificate.pem")
    with pytest.raises(SystemExit):
        GreenletWorker.check_config(config, None)
    assert "TLS is for the proxy in front" in caplog.text
    GreenletWorker.check_config(Config(), SimpleNamespace())
