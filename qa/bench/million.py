"""The features of a million bars, in a process of its own: `python -m qa.bench.million` prints JSON."""

import json
import subprocess
import sys
import time
from pathlib import Path

from preprocessing.daily import DAILY
from qa.bench.growth import read_peak_mb
from qa.bench.synthetic import make_bars
from qa.errors import RunFailed

N_BARS = 1_000_000
TIMEOUT_S = 120.0


def build_million() -> dict[str, float]:
    """Return the seconds that `DAILY` takes and the peak memory of this process, all of it, in MB."""
    bars = make_bars(N_BARS)
    started = time.perf_counter()
    DAILY.build(bars)
    return {"seconds": time.perf_counter() - started, "peak_mb": read_peak_mb()}


def run_million(python: Path) -> dict[str, float]:
    """Return what `build_million` measured in a fresh process of `python`."""
    command = [str(python), "-m", "qa.bench.million"]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise RunFailed("the features of a million bars failed", done.stderr.decode(errors="replace"))
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build_million()))
