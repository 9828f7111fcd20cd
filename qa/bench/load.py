"""Loads on a server, each from a process of its own."""

import dataclasses
import json
import subprocess
import sys
from dataclasses import dataclass

from qa.bench.generator import Order
from qa.errors import RunFailed

TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Sample:
    """The measurements of one fresh set of connections; `own_us` is the generator's own CPU time for a request."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    own_us: float
    answers: int


def run_load(order: Order, body: bytes) -> Sample:
    """Return what the load generator measured; raise `RunFailed` with what it wrote where it failed."""
    done = subprocess.run(
        [sys.executable, "-m", "qa.bench.generator"],
        input=json.dumps(dataclasses.asdict(order)).encode() + b"\n" + body,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RunFailed(f"the load on {order.path} failed", done.stderr.decode(errors="replace"))
    return Sample(**json.loads(done.stdout))
