"""What a batch job withstands: each fault ends with the bytes of an undisturbed run."""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from lockstep.batch.folder import MARKS, OutputFolder, read_job
from lockstep.batch.job import plan
from lockstep.batch.written import find_fault
from lockstep.data.panel.finding import find_panel
from qa.batch.commands import BAD_SERIES, POLL_S, TIMEOUT_S, Batch, digest_folder, list_children, read_peak
from qa.batch.synthetic import write_series
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import ROOT, make_environ

N_SERIES = 120
ROUNDS, KILLS = 3, 3
OPTIONS = ("--all-rows", "--workers", "2")
"""Partitions of ten series: a dozen of them, and so as many moments that differ."""
STOPPED, INTERRUPTED = 1, 130
TRACE = "Traceback"
ORPHANS_END_S = 10.0
MOUNT = ("unshare", "--mount", "sh", "-ec")
SMALL_DISK, LARGE_DISK = "400k", "64m"
FULL_DISK = f"""
mount -t tmpfs -o size={SMALL_DISK} tmpfs "$1"; shift
code=0; "$@" >"$LOG" 2>&1 || code=$?; echo $code
mount -o remount,size={LARGE_DISK} "$OUT"
code=0; "$@" >>"$LOG" 2>&1 || code=$?; echo $code
cp -r "$OUT/job" "$KEPT"
"""


@dataclass(frozen=True)
class Calm(Batch):
    """A job that has run undisturbed, in so many seconds."""

    run_s: float = 0.0


@contextmanager
def running_undisturbed() -> Iterator[tuple[Path, Calm, dict[str, str]]]:
    """Yield a folder, a job that has run undisturbed, and what it has written; two of its series are bad."""
    with tempfile.TemporaryDirectory(prefix="lockstep-batch-") as name:
        folder = Path(name)
        series = write_series(folder / "series", N_SERIES)
        (series / "BAD.csv").write_text("date,open,high,low,close,volume\n2013-03-01,1,2,0.5,x,1\n")
        (series / "SHORT.csv").write_text("date,open,high,low,close,volume\n2013-03-01,1,2,0.5,1,1\n")
        calm = Calm(series, folder / "calm", OPTIONS)
        ended = calm.run(BAD_SERIES)
        yield folder, replace(calm, run_s=ended.duration_s), digest_folder(calm.out)


def end_bad_series() -> list[str]:
    """Show that bad series are listed with their reasons, and do not end a run."""
    with running_undisturbed() as (folder, _, _):
        lines = (folder / "calm" / "bad.csv").read_text().splitlines()
    expected = (("BAD", "line 2, close"), ("SHORT", "needs 200 bars"))
    found = [any(line.startswith(symbol) and reason in line for line in lines) for symbol, reason in expected]
    return [] if all(found) and len(lines) == 1 + len(expected) else lines


def kill_command() -> list[str]:
    """Show that a run whose command is killed at random moments goes on, and ends with the same bytes."""
    wrong, kills = list[str](), 0
    with running_undisturbed() as (folder, calm, expected):
        for number in range(ROUNDS):
            batch = replace(calm, out=folder / f"killed-{number}")
            for _ in range(KILLS):
                kills += _kill_after(batch, random.uniform(0.0, calm.run_s), wrong)  # noqa: S311 -- not a secret
            batch.run(BAD_SERIES)
            wrong += compare(batch, expected)
    return wrong if kills else ["nothing was killed: the runs were over too soon"]


def _kill_after(batch: Batch, delay_s: float, wrong: list[str]) -> int:
    """Start a run and kill its command after a while; return 1 if it was not over before. No worker may outlive it."""
    process = batch.start()
    with suppress(subprocess.TimeoutExpired):
        process.wait(delay_s)
        return 0
    orphans = list_children(process.pid)
    process.kill()
    process.wait()
    deadline = time.monotonic() + ORPHANS_END_S
    while (left := [pid for pid in orphans if read_peak(pid)]) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    wrong += [f"the worker {pid} has outlived its command by {ORPHANS_END_S:.0f} s" for pid in left]
    return 1


def kill_workers() -> list[str]:
    """Show that a run whose workers are killed at random moments ends with the same bytes."""
    with running_undisturbed() as (folder, calm, expected):
        batch, kills = replace(calm, out=folder / "killed"), 0
        for _ in range(ROUNDS):
            process = batch.start()
            while process.poll() is None:
                time.sleep(random.uniform(0.1, calm.run_s / 2))  # noqa: S311 -- not a secret
                kills += _kill_one(list_children(process.pid))
            if process.returncode not in (STOPPED, BAD_SERIES):
                return [f"the command ended with {process.returncode}", *batch.log.read_text().splitlines()]
        batch.run(BAD_SERIES)
        return compare(batch, expected) if kills else ["nothing was killed: the runs were over too soon"]


def _kill_one(pids: list[int]) -> int:
    with suppress(IndexError, ProcessLookupError):
        os.kill(random.choice(pids), signal.SIGKILL)  # noqa: S311 -- not a secret
        return 1
    return 0


def interrupt_command() -> list[str]:
    """Show that Ctrl-C in a terminal ends a run with 130 and the command that goes on, which ends it."""
    with running_undisturbed() as (folder, calm, expected):
        batch = replace(calm, out=folder / "interrupted")
        process = batch.start()
        while not list((batch.out / MARKS).glob("*.json")) and process.poll() is None:
            time.sleep(POLL_S)
        os.killpg(process.pid, signal.SIGINT)
        code, said = process.wait(TIMEOUT_S), batch.log.read_text()
        if code != INTERRUPTED or f"Go on with: lockstep batch {DEFAULT_BUNDLE}" not in said or TRACE in said:
            return [f"it ended with {code}", *said.splitlines()]
        batch.run(BAD_SERIES)
        return compare(batch, expected)


def fill_disk() -> list[str]:
    """Show that a full disk ends a run with its reason, and that the run goes on when there is room again."""
    with running_undisturbed() as (folder, calm, expected):
        full, kept = folder / "full", replace(calm, out=folder / "kept")
        full.mkdir()
        names = {"OUT": str(full), "KEPT": str(kept.out), "LOG": str(kept.log)}
        command = [*MOUNT, FULL_DISK, "sh", str(full), *calm.command]
        command[command.index("--out") + 1] = str(full / "job")
        done = subprocess.run(  # noqa: S603 -- our own command
            command, cwd=ROOT, env=make_environ(names), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        said = kept.log.read_text() if kept.log.exists() else done.stderr
        if done.stdout.split() != [str(STOPPED), str(BAD_SERIES)] or "No space left on device" not in said:
            return [f"it ended with {done.stdout.split()}", *said.splitlines(), *done.stderr.splitlines()]
        return compare(kept, expected)


def compare(batch: Batch, expected: dict[str, str]) -> list[str]:
    """Return what of a run differs from an undisturbed one, in bytes; a series that is lost or there twice, too."""
    found, job = digest_folder(batch.out), read_job(batch.out)
    if job is None:
        return ["there is no job.json"]
    partitions = plan(job, find_panel(Path(job.input)).sources)
    faults = [fault for each in partitions if (fault := find_fault(OutputFolder(batch.out, job), each))]
    differ = [name for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)]
    return faults + [f"{name} differs from that of an undisturbed run" for name in differ]


PROMISES = (end_bad_series, kill_command, kill_workers, interrupt_command, fill_disk)
