"""The same partitions on a Ray cluster: Ray Data gives them to actors, each of which holds the model."""

import logging
import os
from collections.abc import Generator, Sequence
from dataclasses import asdict
from typing import Any

import ray
import ray.data
from ray import cloudpickle

from lockstep.batch.errors import BatchError, RunStopped
from lockstep.batch.folder import OutputFolder
from lockstep.batch.job import Partition
from lockstep.batch.pool import ONE_THREAD
from lockstep.batch.work import NOTHING, Outcome, Worker
from lockstep.errors import LockstepError

PARTITION, FAULT = "partition", "fault"
QUIET = ("ray.data", "ray._private")
"""Loggers that tell of plans, not of faults; the command has a progress bar of its own."""


class PartitionActor:
    """What Ray starts in each of its worker processes; see `Worker`."""

    def __init__(self, folder: bytes) -> None:
        self.worker = Worker(cloudpickle.loads(folder))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the outcome of the one partition of a batch; or what ends the run, which Ray would try again."""
        [content] = batch[PARTITION]
        try:
            outcome, fault = self.worker.work(cloudpickle.loads(content)), ""
        except (LockstepError, OSError) as error:
            outcome, fault = NOTHING, str(error)
        return {name: [value] for name, value in {**asdict(outcome), FAULT: fault}.items()}


def run_on_ray(
    folder: OutputFolder, partitions: Sequence[Partition], address: str, workers: int | None
) -> Generator[Outcome]:
    """Yield the outcome of each partition as it is finished; raise `RunStopped` if the run cannot go on.

    Input and output have the same paths on every node. The partition of an actor that dies is given to another.
    """
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, runtime_env={"env_vars": ONE_THREAD})
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise BatchError(f"no Ray cluster at {address}: {error}; start one with: ray start --head") from error
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield from _run(folder, partitions, workers or int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


def _run(folder: OutputFolder, partitions: Sequence[Partition], workers: int) -> Generator[Outcome]:
    ray.data.DataContext.get_current().enable_progress_bars = False
    items = [{PARTITION: cloudpickle.dumps(each)} for each in partitions]
    found = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
        PartitionActor,
        fn_constructor_args=(cloudpickle.dumps(folder),),
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
    )
    for row in found.iter_rows():
        if fault := row.pop(FAULT):
            raise RunStopped(fault)
        yield Outcome(**row)
