"""Everything that one run measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa.bench.apps import ECHO, SERVICE, check_python, make_apps
from qa.bench.cases import make_cases
from qa.bench.footprint import Memory, measure_launch, measure_memory
from qa.bench.million import run_million
from qa.bench.plan import ROWS, Plan
from qa.bench.serving import Samples, compare_servers
from qa.bench.stored_history import time_history


@dataclass(frozen=True)
class Measurements:
    """The measurements of one run, before any of them is judged.

    `launch_s` is by side, `history_ms` by rows posted and bars stored; `million` as `build_million` returns it.
    """

    samples: Samples
    memory: Memory
    launch_s: dict[str, float]
    history_ms: dict[int, dict[int, float]]
    million: dict[str, float]


def measure(plan: Plan, web_python: Path, say: Callable[[str], None]) -> Measurements:
    """Return the measurements of one run; `say` is told what is being measured. Raises `BenchError`."""
    cases = make_cases(ROWS)
    say("environments")
    apps = make_apps(cases, web_python)
    for app in apps.values():
        check_python(Path(app.command[0]))
    launch_s = {}
    for side in (ECHO, SERVICE):
        say(f"launches: {apps[side].name}")
        launch_s[side] = measure_launch(apps[side], plan.launches)
    say("memory")
    memory = measure_memory(apps[SERVICE], cases, plan)
    say("stored history")
    history_ms = time_history(ROWS, plan.history_calls)
    say("1,000,000 bars")
    million = run_million(web_python)
    return Measurements(compare_servers(apps, cases, plan, say), memory, launch_s, history_ms, million)
