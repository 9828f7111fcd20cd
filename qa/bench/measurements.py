"""Everything that one run measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.bench.apps import ECHO, SERVICE, check_python, make_sides, make_table_sides
from qa.bench.cases import make_cases, make_table_cases
from qa.bench.commands import time_commands
from qa.bench.cores import measure_cores
from qa.bench.footprint import Memory, measure_launch, measure_memory
from qa.bench.growth import Growth, name_copies, run_growth
from qa.bench.levels import Times, time_levels
from qa.bench.million import run_million
from qa.bench.models import FLOWERS, copy_bundle, train_models
from qa.bench.plan import CONNECTIONS, PROTOCOL_ROWS, ROWS, TABLE_ROWS, Plan
from qa.bench.protocols import make_csv_sides, make_tensor_sides
from qa.bench.serving import Comparison, Samples, compare_servers
from qa.bench.stored_history import time_history

Say = Callable[[str], None]


@dataclass(frozen=True)
class Measurements:
    """The measurements of one run, before any of them is judged.

    `names` and `launch_s` are by side, `commands_s` by command, `cores` requests a second by rows and cores,
    `history_ms` by rows posted and bars stored, `levels_ms` by rows and levels; `million` as `build_million` returns
    it.
    """

    names: dict[str, str]
    samples: Samples
    memory: Memory
    launch_s: dict[str, float]
    commands_s: dict[str, float]
    cores: dict[int, dict[int, float]]
    growth: Growth
    history_ms: dict[int, dict[int, float]]
    levels_ms: Times
    million: dict[str, float]


def measure(plan: Plan, web_python: Path, say: Say) -> Measurements:
    """Return the measurements of one run; `say` is told what is being measured. Raises `RunFailed`."""
    say("models")
    with train_models() as models:
        return _measure(plan, web_python, models, say)


def _measure(plan: Plan, web_python: Path, models: Path, say: Say) -> Measurements:
    say("environments")
    prices = Comparison(make_sides(cases := make_cases(ROWS), web_python), cases)
    table_cases = make_table_cases(TABLE_ROWS, models / FLOWERS / "1")
    table = Comparison(make_table_sides(models, web_python), table_cases, CONNECTIONS[-1:])
    for side in prices.sides.values():
        check_python(Path(side.app.command[0]))
    samples = {**compare_servers(prices, plan, say), **compare_servers(table, plan, say)}
    with TemporaryDirectory() as folder:
        protocols = _compare_protocols(models, Path(folder), web_python)
        for comparison in protocols:
            samples |= compare_servers(comparison, plan, say)
    say("launches and memory")
    service = prices.sides[SERVICE]
    launch_s = {key: measure_launch(prices.sides[key].app, plan.launches) for key in (ECHO, SERVICE)}
    memory = measure_memory(service, cases, plan)
    say("commands")
    commands_s = time_commands(plan.launches)
    say("cores")
    cores = measure_cores(service, cases, plan)
    say("growth")
    growth = _measure_growth(plan, web_python, models)
    say("stored history")
    history_ms = time_history(ROWS, plan.history_calls)
    say("levels")
    levels_ms = time_levels(service, ROWS, plan.level_calls)
    say("1,000,000 bars")
    names = {key: side.app.name for compared in (prices, table, *protocols) for key, side in compared.sides.items()}
    million = run_million(web_python)
    return Measurements(names, samples, memory, launch_s, commands_s, cores, growth, history_ms, levels_ms, million)


def _compare_protocols(models: Path, folder: Path, web_python: Path) -> list[Comparison]:
    cases = make_table_cases(PROTOCOL_ROWS, models / FLOWERS / "1")
    sides = (make_csv_sides(models, folder, web_python), make_tensor_sides(models, folder, web_python))
    return [Comparison(each, cases, CONNECTIONS[-1:]) for each in sides]


def _measure_growth(plan: Plan, web_python: Path, models: Path) -> Growth:
    with TemporaryDirectory() as many:
        copy_bundle(models / FLOWERS / "1", Path(many), name_copies())
        return run_growth(web_python, models, Path(many), plan)
