"""A run of a batch job: from the series that were found to the list of the bad ones."""

import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lockstep.batch.errors import BatchError
from lockstep.batch.files import write_file
from lockstep.batch.folder import OutputFolder, opened
from lockstep.batch.job import Job, Partition, plan
from lockstep.batch.marks import read_mark
from lockstep.batch.pool import run_in_pool
from lockstep.batch.work import Outcome
from lockstep.data.panel.sources import BadSeries, Panel, SeriesSource
from lockstep.distribution import install_command

BAD_COLUMNS = ("symbol", "reason")


@dataclass(frozen=True)
class Place:
    """Where partitions run: in processes of this machine, or on the Ray cluster at `address`.

    `workers` None takes one for each core.
    """

    workers: int | None = None
    address: str | None = None


@dataclass(frozen=True)
class Summary:
    """A job that is finished: its folder, how many series are done and were kept, and those that are bad.

    Series that were kept, done or bad, were finished before.
    """

    folder: OutputFolder
    done: int
    kept: int
    bad: Sequence[BadSeries]


def run(out: Path, job: Job, panel: Panel, place: Place, on_outcome: Callable[[Outcome], None]) -> Summary:
    """Do what is left of a job and return what was done; call `on_outcome` after each partition.

    Raises `BatchError` if the folder is of another job, or if the run cannot go on. What is finished is kept then, and
    after any other end.
    """
    partitions = plan(job, panel.sources)
    kept = 0
    with opened(out, job) as folder, closing(_start(folder, partitions, place)) as outcomes:
        for outcome in outcomes:
            kept += outcome.series if outcome.is_kept else 0
            on_outcome(outcome)
        failed = list(_collect_bad(folder, partitions))
        bad = [*panel.bad, *failed]
        write_file(folder.bad, _write_bad(bad))
        return Summary(folder, job.series - len(failed), kept, bad)


def _start(folder: OutputFolder, partitions: Sequence[Partition], place: Place) -> Generator[Outcome]:
    if place.address is None:
        return run_in_pool(folder, partitions, place.workers or os.cpu_count() or 1)
    try:
        from lockstep.batch.ray_data import run_on_ray  # an extra of its own, and slow to import
    except ModuleNotFoundError as error:
        raise BatchError(f"--address needs {error.name}, not installed here; run: {install_command('ray')}") from error
    return run_on_ray(folder, partitions, place.address, place.workers)


def _collect_bad(folder: OutputFolder, partitions: Sequence[Partition]) -> Iterator[BadSeries]:
    for partition in partitions:
        mark = read_mark(folder.mark_of(partition))
        if mark is None:
            raise BatchError(f"{folder.mark_of(partition)} has gone: something else deletes files in {folder.path}")
        yield from mark.bad


def _write_bad(bad: Sequence[BadSeries]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(BAD_COLUMNS)
    writer.writerows((each.symbol, each.reason) for each in bad)
    return text.getvalue().encode()


def refuse_same_names(panel: Panel) -> Panel:
    """Return the series whose names in small letters, which their models would have, are their own; others are bad."""
    names = Counter(source.symbol.lower() for source in panel.sources)
    kept: list[SeriesSource] = []
    bad = list(panel.bad)
    for source in panel.sources:
        if names[source.symbol.lower()] == 1:
            kept.append(source)
        else:
            reason = "another symbol differs from it in capital letters alone, and models do not; rename one of them"
            bad.append(BadSeries(source.symbol, reason))
    return Panel(kept, bad)
