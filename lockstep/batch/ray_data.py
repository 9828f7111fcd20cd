"""The same partitions on a Ray cluster: Ray Data gives them to actors, each of which holds the model."""

from collections.abc import Generator, Sequence
from typing import Any

import ray
import ray.data

from lockstep.batch.errors import BatchError, RunStopped
from lockstep.batch.folder import OutputFolder
from lockstep.batch.job import Partition
from lockstep.batch.pool import ONE_THREAD
from lockstep.batch.work import Outcome, Worker
from lockstep.errors import LockstepError

PARTITION, OUTCOME = "partition", "outcome"


class PartitionActor:
    """What Ray starts in each of its worker processes; see `Worker`."""

    def __init__(self, folder: OutputFolder) -> None:
        self.worker = Worker(folder)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the outcomes of some partitions, or as text what ends the run: Ray would try again."""
        return {OUTCOME: [self._work(partition) for partition in batch[PARTITION]]}

    def _work(self, partition: Partition) -> Outcome | str:
        try:
            return self.worker.work(partition)
        except (LockstepError, OSError) as error:
            return str(error)


def run_on_ray(folder: OutputFolder, partitions: Sequence[Partition], address: str, workers: int) -> Generator[Outcome]:
    """Yield the outcome of each partition as it is finished; raise `RunStopped` if the run cannot go on.

    Input and output have the same paths on every node. The partition of an actor that dies is given to another.
    """
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, runtime_env={"env_vars": ONE_THREAD})
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise BatchError(f"no Ray cluster at {address}: {error}; start one with: ray start --head") from error
    try:
        yield from _run(folder, partitions, workers)
    finally:
        ray.shutdown()


def _run(folder: OutputFolder, partitions: Sequence[Partition], workers: int) -> Generator[Outcome]:
    ray.data.DataContext.get_current().enable_progress_bars = False
    items = ray.data.from_items([{PARTITION: each} for each in partitions], override_num_blocks=len(partitions))
    found = items.map_batches(PartitionActor, fn_constructor_args=(folder,), batch_size=1, concurrency=workers)
    for row in found.iter_rows():
        if isinstance(row[OUTCOME], str):
            raise RunStopped(row[OUTCOME])
        yield row[OUTCOME]
