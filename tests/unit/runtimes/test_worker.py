import socket
import threading
import time
from collections import deque
from threading import Semaphore
from types import SimpleNamespace

import pytest
from gunicorn.workers.gthread import ThreadWorker

from lockstep.runtimes.gunicorn.worker import EvenWorker, PatientSocket

MORE_THAN_THE_KERNEL_TAKES = 2**24
WAIT_S = 20


@pytest.fixture
def worker() -> EvenWorker:
    worker = object.__new__(EvenWorker)
    worker.nr_conns, worker.sockets, worker.alive = 0, ["listener"], True
    worker.pending_conns, worker.keepalived_conns, worker.deadlines = deque(), deque(), {}
    return worker


@pytest.mark.parametrize(("connections", "pause_s"), [(0, 0.0), (1, 5e-5), (8, 4e-4), (500, 1e-3)])
def test_a_fuller_worker_lets_an_emptier_one_accept_first(
    connections: int, pause_s: float, worker: EvenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[object] = []
    monkeypatch.setattr(time, "sleep", events.append)
    monkeypatch.setattr(ThreadWorker, "accept", lambda _self, listener: events.append(listener))
    worker.nr_conns = connections
    worker.accept("listener")  # type: ignore[arg-type] # it is handed on as it is
    assert events == [pytest.approx(pause_s), "listener"]


@pytest.mark.parametrize(("alive", "accepted"), [(True, 0), (False, 3)])
def test_a_worker_that_stops_takes_what_has_connected_already(
    alive: bool, accepted: int, worker: EvenWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(self: ThreadWorker, _listener: object) -> None:
        self.nr_conns = min(self.nr_conns + 1, 3)

    said: list[bool] = []
    monkeypatch.setattr(ThreadWorker, "accept", accept)
    monkeypatch.setattr(ThreadWorker, "set_accept_enabled", lambda _self, enabled: said.append(enabled))
    worker.alive = alive
    worker.set_accept_enabled(False)
    assert (worker.nr_conns, said) == (accepted, [False])


def test_a_stopping_worker_waits_no_longer_for_connections_that_never_asked(worker: EvenWorker) -> None:
    never, kept = SimpleNamespace(timeout=100.0), SimpleNamespace(timeout=100.0)
    worker.pending_conns.append(never)
    worker.keepalived_conns.append(kept)
    worker._cap_keepalive(2.0)
    assert (never.timeout, kept.timeout) == (2.0, 2.0)


def test_a_request_that_takes_too_long_to_arrive_is_ended_for_the_server_and_can_still_be_answered(
    worker: EvenWorker,
) -> None:
    late, early = socket.socketpair(), socket.socketpair()
    for ours, _ in (late, early):
        ours.settimeout(0.05)
    now = time.monotonic()
    worker.deadlines = {_Conn(early[0]): now + 100, _Conn(late[0]): now - 1}
    worker.murder_pending()
    assert late[0].recv(1) == b""
    late[0].sendall(b"answer")
    assert late[1].recv(6) == b"answer"
    with pytest.raises(TimeoutError):
        early[0].recv(1)
    for end in (*late, *early):
        end.close()


class _Conn:
    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock


def make_patient(turn: Semaphore) -> tuple[PatientSocket, socket.socket]:
    accepted, client = socket.socketpair()
    patient = PatientSocket(accepted, turn)
    patient.setblocking(True)
    return patient, client


def test_bytes_that_have_come_are_read_without_giving_up_the_turn() -> None:
    turn = Semaphore(0)
    patient, client = make_patient(turn)
    with patient, client:
        client.sendall(b"request")
        assert patient.recv(100) == b"request"
        patient.sendall(b"answer")
        assert client.recv(100) == b"answer"
    assert not turn.acquire(blocking=False)


def test_the_turn_is_anothers_while_a_client_is_waited_for_and_taken_back_then() -> None:
    turn = Semaphore(0)
    patient, client = make_patient(turn)
    with patient, client:
        received: list[bytes] = []
        thread = threading.Thread(target=lambda: received.append(patient.recv(100)))
        thread.start()
        assert turn.acquire(timeout=WAIT_S)
        client.sendall(b"request")
        thread.join(0.1)
        assert thread.is_alive()  # the bytes are there, the turn is not
        turn.release()
        thread.join(WAIT_S)
        assert received == [b"request"]
    assert not turn.acquire(blocking=False)


def test_a_client_that_reads_slowly_takes_no_turn_and_gets_every_byte() -> None:
    turn = Semaphore(0)
    patient, client = make_patient(turn)
    answer = bytes(range(256)) * (MORE_THAN_THE_KERNEL_TAKES // 256)
    with patient, client:
        thread = threading.Thread(target=patient.sendall, args=(answer,))
        thread.start()
        assert turn.acquire(timeout=WAIT_S)
        received = bytearray()
        while len(received) < len(answer):
            received += client.recv(2**20)
        turn.release()
        thread.join(WAIT_S)
        assert not thread.is_alive()
        assert received == answer
    assert not turn.acquire(blocking=False)


def test_a_timeout_set_on_the_socket_is_kept() -> None:
    turn = Semaphore(0)
    patient, client = make_patient(turn)
    with patient, client:
        patient.settimeout(0.01)
        with pytest.raises(TimeoutError):
            patient.recv(1)
    assert not turn.acquire(blocking=False)


def test_a_client_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lockstep.runtimes.gunicorn.worker.ARRIVAL_S", 0.1)
    turn = Semaphore(1)
    patient, client = make_patient(turn)
    patient.setblocking(True)
    with client, patient, turn:
        with pytest.raises(BrokenPipeError, match="does not read its answer"):
            patient.sendall(bytes(MORE_THAN_THE_KERNEL_TAKES))
        assert patient.gettimeout() is None
    assert turn.acquire(blocking=False)
