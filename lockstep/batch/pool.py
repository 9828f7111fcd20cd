"""The processes of this machine that run partitions: as many as asked for, each new where one has died."""

import os
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from lockstep.batch.errors import RunStopped
from lockstep.batch.folder import OutputFolder
from lockstep.batch.job import Partition
from lockstep.batch.work import Outcome, Worker
from lockstep.errors import LockstepError

MAX_DEATHS = 3
"""So many workers may die on one partition; after that it is not an accident."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1")
"""Each process computes on one core; the processes are what uses the others."""
END_S = 5.0


class PoolProcess:
    """A process and the partition that it runs, if it runs one."""

    def __init__(self, folder: OutputFolder) -> None:
        context = get_context("spawn")  # a forked process would share locks of threads that it does not have
        self.pipe, theirs = context.Pipe()
        self.running: Partition | None = None
        self.process: SpawnProcess = context.Process(target=serve_partitions, args=(theirs, folder), daemon=True)
        with _blocking_interrupts():
            self.process.start()
        theirs.close()  # so that either side notices when the other ends

    def give(self, partition: Partition) -> None:
        """Let the process run a partition; one that has died is noticed when its answer is read."""
        self.running = partition
        with suppress(OSError):
            self.pipe.send(partition)

    def end(self) -> None:
        """End the process, wherever it is."""
        self.process.terminate()
        self.process.join(END_S)
        self.process.kill()
        self.pipe.close()


def serve_partitions(pipe: "Connection[Any, Any]", folder: OutputFolder) -> None:
    """Run the partitions that come through a pipe, until its other end is closed: the body of a process.

    What ends the run is sent as text.
    """
    worker = Worker(folder)
    with suppress(EOFError, BrokenPipeError):
        while True:
            partition = pipe.recv()
            try:
                pipe.send(worker.work(partition))
            except (LockstepError, OSError) as error:
                pipe.send(str(error))


@contextmanager
def _blocking_interrupts() -> Iterator[None]:
    """Let what is started meanwhile never see a Ctrl-C: a terminal sends it to all, and the command answers it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_in_pool(folder: OutputFolder, partitions: Sequence[Partition], workers: int) -> Generator[Outcome]:
    """Yield the outcome of each partition as it is finished; raise `RunStopped` if the run cannot go on.

    The partition of a process that dies is given to another. All processes have ended when this has.
    """
    os.environ.update(ONE_THREAD)  # what a new process inherits; numpy reads it when it is imported
    left, deaths = deque(partitions), Counter[int]()
    pool = [PoolProcess(folder) for _ in range(min(workers, len(partitions)))]
    try:
        while left or any(each.running for each in pool):
            for each in pool:
                if each.running is None and left:
                    each.give(left.popleft())
            for ready in _wait_for(pool):
                outcome = _read_outcome(ready)
                if outcome is None:
                    left.appendleft(_count_death(ready, deaths))
                    pool[pool.index(ready)] = PoolProcess(folder)
                else:
                    yield outcome
    finally:
        for each in pool:
            each.end()


def _wait_for(pool: Sequence[PoolProcess]) -> list[PoolProcess]:
    """Return the processes that have answered or ended."""
    busy = {each.pipe: each for each in pool if each.running}
    return [busy[pipe] for pipe in wait(list(busy))]  # type: ignore[index]  # pipes in, pipes out


def _read_outcome(ready: PoolProcess) -> Outcome | None:
    """Return what a process has answered, None if it has died; raise `RunStopped` for what ends the run."""
    try:
        answer = ready.pipe.recv()
    except (EOFError, OSError):
        return None
    if not isinstance(answer, Outcome):
        raise RunStopped(answer)
    ready.running = None
    return answer


def _count_death(died: PoolProcess, deaths: Counter[int]) -> Partition:
    """Return the partition of a process that has died; raise `RunStopped` if too many have died on it."""
    died.end()
    partition = died.running
    if partition is None:
        raise ValueError("a process that runs nothing has no partition")
    deaths[partition.place] += 1
    if deaths[partition.place] >= MAX_DEATHS:
        first, last = partition.sources[0].symbol, partition.sources[-1].symbol
        raise RunStopped(
            f"{MAX_DEATHS} worker processes have died on {partition.name} ({first} … {last}), the last with exit code "
            f"{died.process.exitcode}: is there enough memory? Fewer --workers need less"
        )
    return partition
