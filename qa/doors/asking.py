"""Run a client in its own environment, and compare every value that it got with the evaluation's."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lockstep.bundles.evaluation import Y_PRED
from lockstep.predict.stages import PREDICTION
from qa.default_bundle import DEFAULT_BUNDLE
from qa.doors.clients.job import LAST_LINES, Job
from qa.doors.outcome import Outcome
from qa.doors.plan import ENVIRONMENTS, Client
from qa.doors.subjects import Subject
from qa.errors import RunFailed
from qa.servers import ROOT, make_environ

TIMEOUT_S = 180.0


def find_python(environment: str) -> Path:
    """Return the Python of an environment; raise `RunFailed` with what makes it."""
    python = ENVIRONMENTS / environment / "bin" / "python"
    if not python.exists():
        raise RunFailed(f"there is no environment {environment}; make .venv-doors/{environment}/.installed makes it")
    return python


def ask(client: Client, subjects: Sequence[Subject], url: str, key: str = "") -> list[Outcome]:
    """Return the outcomes of a client that asks a service for each of the models, of which the first is the default."""
    posted = [each if client.has_null else each.without_gaps for each in subjects]
    try:
        with tempfile.TemporaryDirectory(prefix="lockstep-doors-") as folder:
            done = run_client(client, [make_job(each, url, key, folder) for each in posted], Path(folder))
    except RunFailed as error:
        done = [{"failed": str(error)} for _ in posted]
    name = f"{client.name}, with a key" if key else client.name
    return [judge(client, name, subject, answers) for subject, answers in zip(posted, done, strict=True)]


def make_job(subject: Subject, url: str, key: str, folder: str) -> Job:
    """Return what a client is told."""
    is_default = subject.folder == DEFAULT_BUNDLE
    return Job(url, subject.model, subject.columns, subject.types, subject.rows, key, folder, is_default)


def judge(client: Client, name: str, subject: Subject, answers: Mapping[str, Any]) -> Outcome:
    """Return the outcome of what a client wrote down of one model."""
    requests = compared = 0
    broken = answers.get("failed", "")
    if not broken:
        requests = answers["beside"] + sum(call["requests"] for call in answers["calls"])
        try:
            compared = sum(count_equal(call, subject) for call in answers["calls"])
        except RunFailed as error:
            broken = str(error)
        if answers["version"] != client.version:
            broken = f"version {answers['version']} is installed; make .venv-doors/{client.environment}/.installed"
        if not compared and client.asks:
            broken = broken or "nothing was compared"
    return Outcome(client.door, name, client.version, subject.model, requests, compared, broken)


def run_client(client: Client, jobs: Sequence[Job], folder: Path) -> list[dict[str, Any]]:
    """Return what the client wrote down of each job; raise `RunFailed` with the last lines that it printed."""
    told, written = folder / "jobs.json", folder / "written.json"
    told.write_text(json.dumps([asdict(job) for job in jobs]))
    command = [str(find_python(client.environment)), "-m", f"qa.doors.clients.{client.module}", str(told), str(written)]
    try:
        ended = subprocess.run(  # noqa: S603 -- our own script
            command, cwd=ROOT, env=make_environ({}), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise RunFailed(f"did not end in {TIMEOUT_S:.0f} s") from None
    if ended.returncode != 0 or not written.exists():
        raise RunFailed("failed", "\n".join((ended.stdout + ended.stderr).splitlines()[-LAST_LINES:]))
    return list(json.loads(written.read_text()))


def count_equal(call: Mapping[str, Any], subject: Subject) -> int:
    """Return how many values of a call are the evaluation's; raise `RunFailed` with the first that is not."""
    outputs = {name: cells for name, cells in call["outputs"].items() if name not in subject.loose}
    if not {PREDICTION, Y_PRED} & set(outputs):
        raise RunFailed(f"{call['form']}: no prediction among the outputs {sorted(call['outputs'])}")
    for name, cells in outputs.items():
        if difference := find_difference(cells, subject.outputs.get(name)):
            raise RunFailed(f"{call['form']}: {name}: {difference}")
    return sum(map(len, outputs.values()))


def find_difference(got: list[str | None], expected: list[str | None] | None) -> str:
    """Return the first difference of an output, empty if there is none."""
    if expected is None:
        return "the evaluation has no such output"
    if len(got) != len(expected):
        return f"{len(got)} values, the evaluation has {len(expected)}"
    rows = (row for row, pair in enumerate(zip(got, expected, strict=True)) if pair[0] != pair[1])
    first = next(rows, None)
    return "" if first is None else f"row {first}: {show(got[first])}, the evaluation has {show(expected[first])}"


def show(cell: str | None) -> str:
    """Return a spelled cell for people: a double in decimal and in hexadecimal."""
    return f"{float.fromhex(cell)!r} ({cell})" if cell and cell.lstrip("-").startswith("0x") else repr(cell)
