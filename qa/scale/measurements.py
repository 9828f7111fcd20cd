"""One run: what is measured, the inputs of the capacity model that follow from it, and where the model errs."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa.bench.apps import make_service_side
from qa.bench.cases import make_cases
from qa.bench.cores import measure_cores
from qa.bench.plan import ROWS, Plan
from qa.scale.capacity import Inputs, request_seconds, service_megabytes
from qa.scale.memory import SERIES, TABLE, Size, measure_memory
from qa.scale.processors import measure_request_seconds

ONE, MANY = ROWS
BETWEEN = 100
"""Rows of a request that the model has to foretell."""
DIGITS = 3
"""Of what the page shows, and so of what the model takes."""
PLAN = Plan(rounds=3, load_s=0.8)


@dataclass(frozen=True)
class Measurements:
    """Seconds of a core by rows; memory in 10^6 bytes by size; requests a second by rows and cores."""

    request_s: dict[int, float]
    memory_mb: dict[Size, float]
    cores: dict[int, dict[int, float]]


@dataclass(frozen=True)
class Check:
    """Something that was measured and that the model was not made of: what, in which unit, and both values."""

    what: str
    unit: str
    measured: float
    modeled: float


def measure(web_python: Path, say: Callable[[str], None]) -> Measurements:
    """Return the measurements of one run; `say` is told what is being measured. Raises `RunFailed`."""
    side = make_service_side(web_python)
    say("time of a core")
    rounds = measure_request_seconds(side, make_cases((ONE, BETWEEN, MANY)), PLAN)
    say("cores")
    cores = measure_cores(side, make_cases(ROWS), PLAN)
    say("memory")
    request_s = {rows: statistics.median(seconds) for rows, seconds in rounds.items()}
    return Measurements(request_s, measure_memory(web_python), cores)


def derive_inputs(measured: Measurements) -> Inputs:
    """Return the inputs of the model: each from the two sizes that are furthest apart in it, rounded."""
    memory, request_s = measured.memory_mb, measured.request_s
    row_s = (request_s[MANY] - request_s[ONE]) / (MANY - ONE)
    series_mb = (memory[Size(2, SERIES, 200)] - memory[Size(2, SERIES, 1)]) / 199
    worker_mb = (memory[Size(4, SERIES, 1)] - memory[Size(1, SERIES, 1)]) / 3
    return Inputs(
        request_s=round_digits(request_s[ONE] - row_s),
        row_s=round_digits(row_s),
        service_mb=round_digits(memory[Size(1, SERIES, 1)] - worker_mb - series_mb),
        worker_mb=round_digits(worker_mb),
        series_mb=round_digits(series_mb),
        table_mb=round_digits((memory[Size(2, TABLE, 200)] - memory[Size(2, TABLE, 1)]) / 199),
    )


def list_checks(measured: Measurements, inputs: Inputs) -> Iterator[Check]:
    """Yield what the run measured beside what the model says of it."""
    for rows, seconds in measured.request_s.items():
        yield Check(f"a request of {_name(rows, 'row')}", "ms", 1e3 * seconds, 1e3 * request_seconds(inputs, rows))
    for rows, by_cores in measured.cores.items():
        for cores, rate in by_cores.items():
            what = f"requests of {_name(rows, 'row')} on {_name(cores, 'core')}"
            yield Check(what, "a second", rate, cores / request_seconds(inputs, rows))
    for size, megabytes in measured.memory_mb.items():
        tables = size.models if size.kind == TABLE else 0
        modeled = service_megabytes(inputs, size.workers, size.models - tables, tables)
        what = f"{_name(size.workers, 'worker')}, {_name(size.models, 'model')} {size.kind}"
        yield Check(what, "MB", megabytes, modeled)


def round_digits(value: float) -> float:
    """Return a value as the page shows it."""
    return float(f"{value:.{DIGITS}g}")


def _name(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
