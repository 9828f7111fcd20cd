"""Processes of the pool die and are replaced; what ends the run is told, and nothing runs on."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from lockstep.batch import pool
from lockstep.batch.errors import RunStopped
from lockstep.batch.folder import opened
from lockstep.batch.job import Job, Partition
from lockstep.batch.pool import MAX_DEATHS, run_in_pool
from lockstep.data.bars import Bars
from lockstep.data.panel.files import SeriesFiles
from lockstep.data.schema import BarsSchema

N_WORKERS = 1


@dataclass(frozen=True)
class Deadly:
    """A series that kills the process which digests it, as often as a file says."""

    symbol: str
    deaths: Path
    files: SeriesFiles

    def read(self, schema: BarsSchema) -> Bars:
        return self.files.read(schema)

    def find_said(self) -> tuple[str, ...]:
        return self.files.find_said()

    def digest(self) -> str:
        if deaths := int(self.deaths.read_text()):
            self.deaths.write_text(str(deaths - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        return self.files.digest()


def make_deadly(sources: Sequence[SeriesFiles], path: Path, deaths: int) -> list[Partition]:
    path.write_text(str(deaths))
    first, second, *_ = sources
    return [Partition(0, [Deadly(first.symbol, path, first)]), Partition(1, [second])]


@pytest.mark.parametrize("most", [1, MAX_DEATHS])
def test_a_worker_that_dies_is_replaced_but_not_for_ever(
    job: Job, partition: Partition, tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "MAX_DEATHS", most)
    files = [each for each in partition.sources if isinstance(each, SeriesFiles)]
    partitions = make_deadly(files, tmp_path / "deaths", 1)
    with opened(tmp_path / "out", job) as out:
        outcomes = run_in_pool(out, partitions, N_WORKERS)
        if most > 1:
            assert sorted(each.place for each in outcomes) == [0, 1]
            assert all(out.mark_of(each).exists() for each in partitions)
        else:
            with pytest.raises(RunStopped, match=r"1 worker processes have died on part-00000 \(AA … AA\).*-9"):
                list(outcomes)


def test_what_no_worker_can_do_ends_the_run_and_all_workers(job: Job, partition: Partition, tmp_path: Path) -> None:
    gone = msgspec.structs.replace(job, model=str(tmp_path / "gone" / "1"))
    with (
        opened(tmp_path / "out", gone) as out,
        pytest.raises(RunStopped, match="and the same command goes on"),
    ):
        list(run_in_pool(out, [partition], N_WORKERS))
