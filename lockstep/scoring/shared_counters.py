"""Where the processes of one service count: a directory of memory-mapped files that `prometheus_client` adds up.

It reads the directory's name from the environment when it is imported, so this module does not import it.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a directory there that is ours alone


def share_counters() -> None:
    """Make an empty directory for the counters of this process and those it forks; it goes when this process ends.

    A second call changes nothing: the counters stay where they are.
    """
    if "prometheus_client" in sys.modules:
        return
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else None
    directory = tempfile.mkdtemp(prefix="lockstep-metrics-", dir=parent)
    os.environ[DIRECTORY] = directory
    atexit.register(_remove, directory, os.getpid())


def forget_process(pid: int) -> None:
    """Take the requests in flight of a process that ended out of the counts; what it has counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # only after the counters have a place

    mark_process_dead(pid)  # type: ignore[no-untyped-call] # it lacks annotations


def _remove(directory: str, owner_pid: int) -> None:
    if os.getpid() == owner_pid:  # a forked process inherits the exit handlers
        shutil.rmtree(directory, ignore_errors=True)
