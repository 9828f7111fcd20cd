"""How many connections each worker has, in memory that all of them see."""

import mmap

MOST_WORKERS = 256
"""Twice as many as the setting allows: at a reload the old ones and the new ones run at once."""

GONE = 2**32 - 1
SLACK = 8
"""A worker may be ahead by an eighth: waiting for the others costs more than it brings."""


class Shares:
    """The counts of all workers; the master makes them before it forks."""

    def __init__(self) -> None:
        self.counts = memoryview(mmap.mmap(-1, 4 * MOST_WORKERS)).cast("I")
        for place in range(MOST_WORKERS):
            self.counts[place] = GONE

    def take(self) -> "Share":
        """Return a share that no worker has; the last one, which several may have, if there is none."""
        place = next((place for place, count in enumerate(self.counts) if count == GONE), MOST_WORKERS - 1)
        self.counts[place] = 0
        return Share(self.counts, place)


class Share:
    """The count of one worker."""

    def __init__(self, counts: "memoryview[int]", place: int) -> None:
        self.counts, self.place = counts, place

    def set(self, connections: int) -> None:
        """Set how many connections the worker has."""
        self.counts[self.place] = connections

    def is_ahead(self) -> bool:
        """Return whether another worker has so few connections that the next one is better left to it."""
        fewest = min(self.counts)
        return self.counts[self.place] > fewest + fewest // SLACK

    def leave(self) -> None:
        """Leave the connections to the others: this worker takes none any more, or has died."""
        self.counts[self.place] = GONE
