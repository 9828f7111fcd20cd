import subprocess
import sys

import pytest

from lockstep.scoring.counters import N_ROWS, Counters, share_memory
from tests.conftest import ROOT

BOUNDS = (1.0, 2.0)
DEAD = 2**22 + 1
"""A process that cannot be: Linux's numbers end below it."""


@pytest.fixture
def memory() -> memoryview:
    return share_memory()


def own_pid(monkeypatch: pytest.MonkeyPatch, pid: int) -> None:
    monkeypatch.setattr("os.getpid", lambda: pid)


def test_numbers_of_several_processes_are_added_up(memory: memoryview) -> None:
    first, second = Counters(memory), Counters(memory)
    assert first._reserved != second._reserved
    first.add(("a", "x"))
    second.add(("a", "x"), 2)
    second.add(("a", "ü\n"))
    assert first.read() == second.read() == {("a", "x"): [3.0], ("a", "ü\n"): [1.0]}


def test_a_histogram_counts_each_value_under_its_bound_and_keeps_the_sum(memory: memoryview) -> None:
    counters = Counters(memory)
    for value in (0.5, 1.0, 1.5, 9.0):
        counters.observe(("h",), value, BOUNDS)
    assert counters.read()["h",] == [2.0, 1.0, 1.0, 12.0]


def test_the_row_of_a_dead_process_goes_to_the_next_with_its_numbers(
    memory: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        own_pid(patched, DEAD)
        dead = Counters(memory)
        dead.add(("a",))
        dead.begin_request()
    assert dead.count_in_flight() == 0
    heir = Counters(memory)
    assert heir._reserved == dead._reserved
    heir.begin_request()
    heir.add(("a",))
    heir.add(("b",))
    assert heir.read() == {("a",): [2.0], ("b",): [1.0]}
    assert heir.count_in_flight() == 1


def test_a_killed_process_has_no_requests_in_flight_while_the_next_one_is_forked(
    memory: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = Counters(memory)
    with monkeypatch.context() as patched:
        own_pid(patched, DEAD)
        killed = Counters(memory)
        killed.begin_request()
    parent.reserve_row()
    assert parent._reserved == killed._reserved
    assert parent.count_in_flight() == 0


def test_more_processes_than_rows_go_on_counting(memory: memoryview) -> None:
    for _ in range(N_ROWS + 2):
        Counters(memory).add(("a",))
    assert Counters(memory).read()["a",] == [N_ROWS + 2]


def test_a_full_row_stops_counting_what_is_new_and_nothing_else(
    memory: memoryview, caplog: pytest.LogCaptureFixture
) -> None:
    counters = Counters(memory)
    counters.add(("old",))
    for i in range(10_000):
        counters.add(("new", str(i)))
    counters.add(("old",))
    read = counters.read()
    assert read["old",] == [2.0]
    assert 1000 < len(read) < 10_000
    assert "no room to count" in caplog.text


def test_without_memory_to_share_each_process_counts_for_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("mmap.mmap", refuse)
    counters = Counters(share_memory())
    counters.add(("a",))
    assert counters.read() == {("a",): [1.0]}
    assert "no memory to share" in caplog.text


FORK = """
import os
from lockstep.scoring.counters import process_counters
counters = process_counters()
counters.add(("a",))
for i in range(300):  # more than there are rows
    child = os.fork()
    if not child:
        process_counters().begin_request()
        process_counters().add(("a",))
        os._exit(0)
    os.waitpid(child, 0)
print(counters.read(), counters.count_in_flight())
"""


def test_forked_processes_count_for_the_parent_and_leave_their_counts_when_they_die() -> None:
    ended = subprocess.run([sys.executable, "-c", FORK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.split("\n")[0] == "{('a',): [301.0]} 0"
