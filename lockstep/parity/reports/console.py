"""The run as it goes by on a terminal."""

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from lockstep.parity.checks import Check
from lockstep.parity.curl import describe_again
from lockstep.parity.proof import Proof
from lockstep.parity.quoting import quote_text
from lockstep.parity.record import Record
from lockstep.parity.suite import Result, Verdict

MAX_FINDINGS_SHOWN = 5
COLOURS = {"parity": "green", "inconclusive": "yellow"}


class ConsoleReport:
    """Print each check as it ends; on a terminal, show the one that runs and how many there are."""

    def __init__(self, console: Console, n_checks: int) -> None:
        self._console = console
        self._n_checks = n_checks
        self._n_started = 0
        self._status: Status | None = None

    def __enter__(self) -> Self:
        """Leave no line of a check behind, however the block ends."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Take the line of the running check away."""
        self.stop()

    def start(self, check: Check) -> None:
        """Show which check runs."""
        self._n_started += 1
        self._status = self._console.status(f"{check.name} ({self._n_started} of {self._n_checks}): {check.proves}")
        self._status.start()

    def finish(self, result: Result) -> None:
        """Print what a check found."""
        self.stop()
        count = f"{result.comparison.compared} compared in {result.duration_s:.2f} s"
        self._console.print(f"{mark(result.verdict.word)} {result.check.name:<11} {count}")
        findings = result.comparison.findings
        for line in findings[:MAX_FINDINGS_SHOWN]:
            self._console.print(f"    {escape(line)}")
        if len(findings) > MAX_FINDINGS_SHOWN:
            self._console.print(f"    … and {len(findings) - MAX_FINDINGS_SHOWN} more")
        for line in result.location.lines if result.location else ():
            self._console.print(f"    {escape(line)}")
        for line in describe_again(result.route, result.again):
            self._console.print(f"    {escape(line)}")
        if result.verdict is Verdict.INCONCLUSIVE:
            self._console.print(f"    {result.shortfall}")

    def stop(self) -> None:
        """Take the line of the running check away."""
        if self._status:
            self._status.stop()

    def conclude(self, record: Record) -> None:
        """Print the verdict of the run."""
        self._console.print(f"{mark(record.verdict)} verdict     {show(record.summary)}")
        if record.verdict == Verdict.INCONCLUSIVE.word and record.shortfall:
            self._console.print(f"    {record.shortfall}")


def conclude_proof(console: Console, proof: Proof) -> None:
    """Print the verdict of several runs, and how each address shares its answers."""
    for split in proof.splits:
        console.print(f"{mark(split.verdict.word)} split       {show(f'{split.url} {split.summary}')}")
    console.print(f"{mark(proof.verdict)} proof       {show(proof.summary)}")


def show(text: str) -> str:
    """Return what somebody else wrote as text of one line: no markup, no control characters."""
    return escape(quote_text(text))


def mark(verdict: str) -> str:
    """Return a verdict in its colour, failures in capitals, padded to one width."""
    shown = verdict if verdict == Verdict.PARITY.word else verdict.upper()
    return f"[{COLOURS.get(verdict, 'red')}]{shown:<14}[/]"
