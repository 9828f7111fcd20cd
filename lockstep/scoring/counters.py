"""Numbers that the processes of one service count up, each in a row of its own, and that any of them can add up.

The rows lie in anonymous memory, which `fork` shares: there is no file that could fill a disk, be deleted or stay
behind. A row belongs to one process at a time. When that has ended, the next process that is forked goes on with its
numbers, so nothing is lost. A number is written at once, all 8 bytes of it, so no reader sees half of one.
"""

import logging
import mmap
import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

log = logging.getLogger(__name__)

Key = tuple[str, ...]
CELL_BYTES = 8
N_ROWS = 192
"""Room for the 64 workers that a service may have, twice while it reloads, and for some more."""
ROW_BYTES = 2**17
"""Room for about a thousand label sets. Memory that no number was written to is not taken from the machine."""
HEAD_CELLS = 3
USED, PID, IN_FLIGHT = range(HEAD_CELLS)
"""The head of a row: how many of its cells are used; its process, 0 if it never had one; its requests in flight."""
SPARE_CELLS = 64
"""Where a row that is full counts what it has no room for; nobody reads it."""

_read_key = msgspec.json.Decoder(Key).decode


@cache
def process_counters() -> "Counters":
    """Return the counters of this process and of those that it forks, made at the first call."""
    counters = Counters(share_memory())
    os.register_at_fork(before=counters.reserve_row, after_in_child=counters.take_reserved_row)
    return counters


def share_memory() -> memoryview:
    """Return zeros that forked processes share; without any to be had, each process counts for itself."""
    size = N_ROWS * (HEAD_CELLS * CELL_BYTES + ROW_BYTES)
    try:
        return memoryview(mmap.mmap(-1, size))
    except (OSError, ValueError) as error:
        log.warning("no memory to share (%s): /metrics shows the counts of the worker that answers", error)
        return memoryview(bytearray(size))


class Counters:
    """The rows of all processes; this one counts in the row that it took.

    `origin` are labels that say whose counts these are, where others of the service are counted elsewhere.
    """

    origin: tuple[tuple[str, str], ...] = ()

    def __init__(self, memory: memoryview) -> None:
        n_head_bytes = N_ROWS * HEAD_CELLS * CELL_BYTES
        self._heads = memory[:n_head_bytes].cast("d")
        self._areas = memory[n_head_bytes:]
        self._reserved = 0
        self.reserve_row()
        self.take_reserved_row()

    def reserve_row(self) -> None:
        """Choose the row of the next process: one that none has, else the last one, whose counts may then be low."""
        pids = self._heads[PID::HEAD_CELLS]
        self._reserved = next((row for row in range(N_ROWS) if not _is_alive(int(pids[row]))), N_ROWS - 1)
        self._heads[self._reserved * HEAD_CELLS + IN_FLIGHT] = 0.0  # those of a process that was killed
        pids[self._reserved] = os.getpid()  # taken, until the child writes its own

    def take_reserved_row(self) -> None:
        """Make the row that was chosen this process's own."""
        self._head = self._heads[self._reserved * HEAD_CELLS : (self._reserved + 1) * HEAD_CELLS]
        self._head[PID], self._head[IN_FLIGHT] = os.getpid(), 0.0
        self._head[USED] = self._head[USED] or SPARE_CELLS
        self._area = self._read_area(self._reserved)
        self._cells = self._area.cast("d")
        self._places = {key: place for key, place, _ in _list_entries(self._area, int(self._head[USED]))}

    def begin_request(self) -> None:
        """Count a request in flight."""
        self._head[IN_FLIGHT] += 1.0

    def end_request(self) -> None:
        """Count a request in flight no longer."""
        self._head[IN_FLIGHT] -= 1.0

    def add(self, key: Key, amount: float = 1.0) -> None:
        """Add to the number of a key, which begins at 0."""
        place = self._places.get(key) or self.give_place(key)
        self._cells[place] += amount

    def observe(self, key: Key, value: float, bounds: Sequence[float]) -> None:
        """Count a value in a key's histogram: the first bound that is not below it, one place more; then the sum."""
        place = self._places.get(key) or self.give_place(key, len(bounds) + 2)
        self._cells[place + bisect_left(bounds, value)] += 1.0
        self._cells[place + len(bounds) + 1] += value

    def read(self) -> dict[Key, list[float]]:
        """Return the numbers of each key, added up over all rows."""
        totals: dict[Key, list[float]] = {}
        for row in range(N_ROWS):
            area = self._read_area(row)
            for key, place, width in _list_entries(area, int(self._heads[row * HEAD_CELLS + USED])):
                numbers = area[place * CELL_BYTES : (place + width) * CELL_BYTES].cast("d")
                before = totals.get(key, [0.0] * width)
                totals[key] = [a + b for a, b in zip(before, numbers, strict=True)]
        return totals

    def count_in_flight(self) -> float:
        """Return how many requests the living processes are answering."""
        rows = range(0, len(self._heads), HEAD_CELLS)
        alive = (row for row in rows if self._heads[row + IN_FLIGHT] and _is_alive(int(self._heads[row + PID])))
        return sum(self._heads[row + IN_FLIGHT] for row in alive)

    def _read_area(self, row: int) -> memoryview:
        return self._areas[row * ROW_BYTES : (row + 1) * ROW_BYTES]

    def give_place(self, key: Key, width: int = 1) -> int:
        """Return the place of a key's numbers, which are all 0 if it is new; the spare place if the row is full."""
        if key in self._places:
            return self._places[key]
        name = msgspec.json.encode(key)
        n_name_cells = -(-len(name) // CELL_BYTES)
        at = int(self._head[USED])
        place = at + 2 + n_name_cells
        if (place + width) * CELL_BYTES > ROW_BYTES or width >= SPARE_CELLS:
            self._places[key] = 1  # before the line, which may be lost and counted
            log.error("no room to count %s; a restart makes room", key)
            return 1
        self._cells[at], self._cells[at + 1] = len(name), width
        self._area[(at + 2) * CELL_BYTES : (at + 2) * CELL_BYTES + len(name)] = name
        self._cells[place : place + width] = memoryview(bytes(width * CELL_BYTES)).cast("d")
        self._head[USED] = place + width  # last: a reader must not meet half an entry
        self._places[key] = place
        return place


def _list_entries(area: memoryview, used: int) -> Iterator[tuple[Key, int, int]]:
    """Yield each key of a row, the place of its numbers and how many they are."""
    cells = area.cast("d")
    at = SPARE_CELLS
    while at < used:
        n_name_bytes, width = int(cells[at]), int(cells[at + 1])
        start = (at + 2) * CELL_BYTES
        place = at + 2 - (-n_name_bytes // CELL_BYTES)
        yield _read_key(area[start : start + n_name_bytes]), place, width
        at = place + width


def _is_alive(pid: int) -> bool:
    """Return whether a process exists; 0 is none."""
    if pid == 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
