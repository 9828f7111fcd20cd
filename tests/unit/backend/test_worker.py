import time

import pytest
from gunicorn.workers.gthread import ThreadWorker

from backend.worker import EvenWorker


@pytest.mark.parametrize(("connections", "pause_s"), [(0, 0.0), (1, 5e-5), (8, 4e-4), (500, 1e-3)])
def test_a_fuller_worker_lets_an_emptier_one_accept_first(
    connections: int, pause_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[object] = []
    monkeypatch.setattr(time, "sleep", events.append)
    monkeypatch.setattr(ThreadWorker, "accept", lambda _self, listener: events.append(listener))
    worker = object.__new__(EvenWorker)
    worker.nr_conns = connections
    worker.accept("listener")
    assert events == [pytest.approx(pause_s), "listener"]
