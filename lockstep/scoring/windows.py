"""Fixed windows of time in the memory of one process: how often each name was counted in the present one."""

import time

MOST_NAMES = 10_000
"""How many names are kept: a caller with more addresses than that drives out the oldest, and memory does not grow."""


class Windows:
    """Counts of names; all begin again at 0 when a period ends."""

    def __init__(self, period_s: int) -> None:
        self._period_s = period_s
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, name: str) -> tuple[int, float]:
        """Count a name; return how often it was counted in this window, and the seconds until the window ends."""
        window, elapsed_s = divmod(time.monotonic(), self._period_s)  # the wall clock may jump
        if window != self._window:
            self._window, self._counts = int(window), {}
        counted = self._counts.get(name, 0) + 1
        if counted == 1 and len(self._counts) >= MOST_NAMES:
            del self._counts[next(iter(self._counts))]
        self._counts[name] = counted
        return counted, self._period_s - elapsed_s
