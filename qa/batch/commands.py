"""`lockstep batch` as a process of its own: started, timed, killed, and what it has written."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from qa.default_bundle import DEFAULT_MODEL
from qa.errors import RunFailed
from qa.servers import ROOT, make_environ

DONE, BAD_SERIES = 0, 3
TIMEOUT_S = 240.0
POLL_S = 0.05


@dataclass(frozen=True)
class Batch:
    """A batch job of the default model: what it reads, where it writes, and how it is started."""

    series: Path
    out: Path
    options: tuple[str, ...] = ()
    python: Path = Path(sys.executable)
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> Sequence[str]:
        """Return the command."""
        job = (str(DEFAULT_MODEL), str(self.series), "--out", str(self.out))
        return (str(self.python), "-m", "lockstep", "batch", *job, *self.options)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the command; what it writes goes into a file beside its folder."""
        with self.log.open("wb") as output:
            return subprocess.Popen(  # noqa: S603 -- our own command
                self.command,
                cwd=ROOT,
                env=make_environ(self.environ),
                stdout=output,
                stderr=output,
                start_new_session=True,  # so that a signal can be sent to it and its workers, as a terminal does
            )

    @property
    def log(self) -> Path:
        """Return the file of what the command writes."""
        return self.out.with_name(f"{self.out.name}.log")

    def run(self, *expected: int) -> "Ended":
        """Return how the command ends; raise `RunFailed` if not with one of the codes, 0 by default."""
        started = time.perf_counter()
        process = self.start()
        try:
            peak_kb = watch_memory(process)
        except RunFailed as error:
            raise RunFailed(error.reason, self.log.read_text(errors="replace")) from error
        ended = Ended(process.returncode, time.perf_counter() - started, peak_kb, self.log.read_text(errors="replace"))
        if ended.code not in (expected or (DONE,)):
            raise RunFailed(f"{' '.join(self.command)} ended with {ended.code}", ended.log)
        return ended


@dataclass(frozen=True)
class Ended:
    """How a command ended: its code, its seconds, its most memory and that of its largest worker, what it wrote."""

    code: int
    duration_s: float
    peak_kb: tuple[int, int]
    log: str


def watch_memory(process: "subprocess.Popen[bytes]") -> tuple[int, int]:
    """Wait for a process, and return the most memory that it and its largest child have had, in kB."""
    own, of_children, deadline = 0, 0, time.monotonic() + TIMEOUT_S
    while process.poll() is None:
        own = max(own, read_peak(process.pid))
        of_children = max([of_children, *map(read_peak, list_children(process.pid))])
        if time.monotonic() > deadline:
            process.kill()
            raise RunFailed(f"no end within {TIMEOUT_S:.0f} s")
        time.sleep(POLL_S)
    return own, of_children


def read_peak(pid: int) -> int:
    """Return the most memory that a process has had, in kB; 0 if it has ended."""
    with suppress(OSError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
    return 0


def list_children(pid: int) -> list[int]:
    """Return the process ids of the children of a process."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def digest_folder(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that a job has written; `job.json` names folders, which differ."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "job.json"
    }
