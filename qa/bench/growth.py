"""How the time of a request grows with rows and bundles: `python -m qa.bench.growth MODELS MANY` prints JSON.

One process, which calls the app as a WSGI server does. What a server adds is the same for every size.
"""

import gc
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

import numpy as np
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lockstep.bundles.reading import load_bundle, load_series
from lockstep.bundles.table import as_table
from lockstep.doors.stored import write_frame, write_rows
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.bench.models import FLOWERS, WALK
from qa.bench.plan import Plan
from qa.errors import RunFailed

ROWS = (1, 10, 100, 1_000, 10_000)
BUNDLES = (1, 10, 50, 200)
TIMEOUT_S = 240.0
CALLS_PER_LONG_CALL = 10
"""A request of 1,000 rows or more is timed this many times less often than a short one."""
LONG = 1_000


@dataclass(frozen=True)
class Growth:
    """Median ms of a request: by rows posted to a series and to a table, and by bundles for one row of a table.

    `peak_mb` is by how much the memory of the process rises during the largest request to a series, in 10^6 bytes.
    """

    series_ms: dict[int, float]
    table_ms: dict[int, float]
    bundles_ms: dict[int, float]
    peak_mb: float


def run_growth(python: Path, models: Path, many: Path, plan: Plan) -> Growth:
    """Return what `measure_growth` measured in a fresh process of `python`."""
    command = [str(python), "-m", "qa.bench.growth", str(models), str(many), str(plan.growth_calls)]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise RunFailed("the growth cannot be measured", done.stderr.decode(errors="replace"))
    measured = json.loads(done.stdout)
    by_size = {
        name: {int(size): ms for size, ms in measured[name].items()} for name in ("series_ms", "table_ms", "bundles_ms")
    }
    return Growth(**by_size, peak_mb=measured["peak_mb"])


def measure_growth(models: Path, many: Path, calls: int) -> Growth:
    """Return the growth: `models` holds the table and the long series, `many` as many copies as the most bundles."""
    series = _series_requests(models / WALK)
    peak_mb = _measure_peak(series[ROWS[0]], series[ROWS[-1]])
    return Growth(
        _time_in_turn(series, calls),
        _time_in_turn(_table_requests(models / FLOWERS), calls),
        _time_in_turn({count: _named_request(many, count) for count in BUNDLES}, calls),
        peak_mb,
    )


def name_copies() -> list[str]:
    """Return the names of the copies that `many` holds."""
    return [f"copy-{place}" for place in range(BUNDLES[-1])]


def _series_requests(model: Path) -> dict[int, Callable[[], None]]:
    bars = load_series(model / "1").bars
    send = _make_sender((model,), "/forecast")
    return {rows: send(write_frame(bars.select(slice(-rows, None)))) for rows in ROWS}


def _table_requests(model: Path) -> dict[int, Callable[[], None]]:
    send = _make_sender((model,), "/v1/predict")
    return {rows: send({"dataframe_split": _repeat_rows(model, rows)}) for rows in ROWS}


def _named_request(many: Path, count: int) -> Callable[[], None]:
    """Return a request for the last of `count` models."""
    names = name_copies()[:count]
    send = _make_sender(tuple(many / name for name in names), "/v1/predict")
    return send({"dataframe_split": _repeat_rows(many / names[0], 1), "model": names[-1]})


def _repeat_rows(model: Path, count: int) -> dict[str, object]:
    held_out = as_table(load_bundle(model / "1")).held_out.rows
    return write_rows(held_out.select(np.arange(count) % len(held_out)))


def _make_sender(models: tuple[Path, ...], path: str) -> Callable[[object], Callable[[], None]]:
    app = create_app(Settings(models=models, rate_limit=None))
    builder = EnvironBuilder(path, method="POST", content_type="application/json")
    environ = {**builder.get_environ(), "REMOTE_ADDR": "127.0.0.1"}

    def make_request(content: object) -> Callable[[], None]:
        body = json.dumps(content).encode()

        def send() -> None:
            posted = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
            chunks, status, _ = run_wsgi_app(app.wsgi_app, posted)
            answer = b"".join(chunks)
            if int(status.split()[0]) != HTTPStatus.OK:
                raise RunFailed(f"{path}: {status}", answer[:300].decode())

        return send

    return make_request


def _time_in_turn(requests: dict[int, Callable[[], None]], calls: int) -> dict[int, float]:
    """Return the median ms of each request; they take turns, so that what else the machine does meets them alike."""
    gc.freeze()  # as a server does with what is loaded
    times: dict[int, list[float]] = {size: [] for size in requests}
    for turn in range(calls):
        for size, send in requests.items():
            if size < LONG or turn % CALLS_PER_LONG_CALL == 0:
                started = time.perf_counter()
                send()
                times[size].append(1000.0 * (time.perf_counter() - started))
    return {size: statistics.median(measured) for size, measured in times.items()}


def _measure_peak(short: Callable[[], None], long: Callable[[], None]) -> float:
    short()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew at what the process has now
    before = read_peak_mb()
    long()
    return read_peak_mb() - before


def read_peak_mb() -> float:
    """Return the peak memory of this process so far, in 10^6 bytes."""
    # getrusage's ru_maxrss would do, but Linux lets a child inherit its parent's
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure_growth(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))))
