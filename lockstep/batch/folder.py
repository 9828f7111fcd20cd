"""The folder that holds what one batch job writes, and no other's."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lockstep.batch.errors import BatchError
from lockstep.batch.files import remove_unfinished, write_file
from lockstep.batch.job import Job, Partition

JOB_FILE, BAD_FILE = "job.json", "bad.csv"
MARKS, MODELS = "marks", "models"


@dataclass(frozen=True)
class OutputFolder:
    """Where the files of a job are: the tables in a folder called as its kind, a mark for each, and trained models."""

    path: Path
    job: Job

    @property
    def tables(self) -> Path:
        """Return the folder of the tables."""
        return self.path / self.job.kind

    @property
    def models(self) -> Path:
        """Return the folder of trained models."""
        return self.path / MODELS

    @property
    def bad(self) -> Path:
        """Return the file that lists the bad series."""
        return self.path / BAD_FILE

    def table_of(self, partition: Partition) -> Path:
        """Return the file of a partition."""
        return self.tables / f"{partition.name}.{self.job.format}"

    def mark_of(self, partition: Partition) -> Path:
        """Return the file that says that a partition is finished."""
        return self.path / MARKS / f"{partition.name}.json"


@contextmanager
def opened(path: Path, job: Job) -> Iterator[OutputFolder]:
    """Yield the folder of a job, which no other process opens meanwhile; what killed processes left is deleted.

    Raises `BatchError` for a folder of another job, or of something else, and for one that another run works in.
    """
    path.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        _check_job(path, job)
        found = OutputFolder(path, job)
        for folder in (path, found.tables, path / MARKS, *([found.models] if job.kind == "train" else [])):
            folder.mkdir(exist_ok=True)
            remove_unfinished(folder)
        write_file(path / JOB_FILE, msgspec.json.format(msgspec.json.encode(job), indent=1) + b"\n")
        yield found


def read_job(path: Path) -> Job | None:
    """Return the job that a folder is of, None if it is of none; raise `BatchError` if that cannot be read."""
    try:
        return msgspec.json.decode((path / JOB_FILE).read_bytes(), type=Job)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise BatchError(f"{path / JOB_FILE} is not the file of a batch job: {error}; name another --out") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    folder = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BatchError(f"another run works in {path}: wait until it has ended, or name another --out") from error
    finally:
        os.close(folder)


def _check_job(path: Path, job: Job) -> None:
    held = read_job(path)
    if held is None and any(path.iterdir()):
        raise BatchError(f"{path} holds files, and none of a batch job; name a new folder, such as --out {path}-batch")
    if held is not None and held != job:
        what = "; ".join(_list_differences(held, job))
        raise BatchError(
            f"{path} holds another job: {what}. Name a new folder, such as --out {path}-2, or go on with that job: "
            f"{held.write_command(path)}"
        )


def _list_differences(held: Job, job: Job) -> list[str]:
    """Return what another job is, beside this one's."""
    if held.symbols_sha256 != job.symbols_sha256:
        return [f"its input had {held.series} series, and now has {job.series}, or others"]
    then, now = held.list_options(), job.list_options()
    return [f"{name} was {then[name]}, and now is {now[name]}" for name in then if then[name] != now[name]]
