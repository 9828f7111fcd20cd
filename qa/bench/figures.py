"""The figures that are promised, each with its target and what was measured.

The ratio to the baseline is judged by the median over the rounds, in each of which the two are loaded in turn.
Any other ratio of throughputs is judged by the smaller of two: that of the medians over the rounds and that of the
minima, since connections that land unevenly on the workers cost up to half of the throughput. Everything
else is judged by the median over the rounds.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.bench.apps import BASELINE, BLOG, ECHO, SERVICE, TABLE, TABLE_BLOG
from qa.bench.baseline import SHORT
from qa.bench.commands import HELP, NEW_KEY, PARITY
from qa.bench.footprint import Memory
from qa.bench.growth import Growth
from qa.bench.levels import BARE, DEFAULT
from qa.bench.load import Sample
from qa.bench.measurements import Measurements
from qa.bench.plan import CONNECTIONS, PROTOCOL_ROWS, ROWS
from qa.bench.protocols import BINARY, CSV, MLFLOW, MLSERVER
from qa.bench.serving import Samples

TIMES_BASELINE = {1: 2.2, 961: 1.8}
SHARE_OF_ECHO = {1: 0.50, 961: 0.60}
TIMES_BLOG = {1: 6.0, 961: 4.0}
TIMES_TABLE_BLOG = {1: 5.0, 1_000: 3.0}
TIMES_PROTOCOL = 3.0
PROTOCOLS = ((CSV, MLFLOW), (BINARY, MLSERVER))
MAX_P50_TIMES_ECHO = 3.0
MAX_P99_TIMES_P50 = 2.5
MAX_MEMORY_MB = 100.0
MAX_LAUNCH_S = 0.8
MAX_COMMANDS_S = {HELP: 0.3, NEW_KEY: 0.2, PARITY: 1.0}
MAX_BUNDLES_RATIO = 1.10
MAX_PEAK_MB = 100.0
MAX_HISTORY_RATIO = 1.10
MAX_LEVELS_RATIO = {1: 1.15, 961: 1.25}
MAX_MILLION_S = 5.0
MAX_MILLION_MB = 1000.0
ONE, MANY = CONNECTIONS


@dataclass(frozen=True)
class Figure:
    """A figure: the measurement, in words and as the number that is judged, and its target."""

    name: str
    measured: str
    value: float
    target: str
    met: bool


def judge(measurements: Measurements) -> list[Figure]:
    """Return every figure."""
    samples = measurements.samples
    return [
        *(_judge_rounds(measurements, rows, least) for rows, least in TIMES_BASELINE.items()),
        *(_judge_rate(samples, rows, (SERVICE, ECHO), least) for rows, least in SHARE_OF_ECHO.items()),
        *(_judge_rate(samples, rows, (SERVICE, BLOG), least) for rows, least in TIMES_BLOG.items()),
        *(_judge_rate(samples, rows, (TABLE, TABLE_BLOG), least) for rows, least in TIMES_TABLE_BLOG.items()),
        *(_judge_rate(samples, rows, sides, TIMES_PROTOCOL) for sides in PROTOCOLS for rows in PROTOCOL_ROWS),
        _judge_p50(measurements),
        *(_judge_p99(measurements, rows) for rows in ROWS),
        _judge_memory(measurements.memory),
        _judge_launch(measurements.launch_s),
        *(_at_most(name, measurements.commands_s[name], most, "s") for name, most in MAX_COMMANDS_S.items()),
        *_judge_growth(measurements.growth),
        *(_judge_history(rows, by_size) for rows, by_size in measurements.history_ms.items()),
        *(_judge_levels(rows, by_level) for rows, by_level in measurements.levels_ms.items()),
        _at_most("features of 1,000,000 bars: time", measurements.million["seconds"], MAX_MILLION_S, "s"),
        _at_most("features of 1,000,000 bars: peak memory", measurements.million["peak_mb"], MAX_MILLION_MB, "MB"),
    ]


def _judge_rate(samples: Samples, rows: int, sides: tuple[str, str], least: float) -> Figure:
    ours, theirs = ([sample.requests_per_s for sample in samples[side, rows, MANY]] for side in sides)
    of_medians = statistics.median(ours) / statistics.median(theirs)
    of_minima = min(ours) / min(theirs)
    value = min(of_medians, of_minima)
    name = f"{_name_rows(rows)}: requests/s at {MANY} connections, ({sides[0]}) / ({sides[1]})"
    shown = f"{of_medians:.2f} of medians, {of_minima:.2f} of minima"
    return Figure(name, shown, value, f"≥ {least:.2f}", value >= least)


def _judge_rounds(measurements: Measurements, rows: int, least: float) -> Figure:
    pairs = zip(*(measurements.samples[side, rows, MANY] for side in (SERVICE, BASELINE)), strict=True)
    ratios = [ours.requests_per_s / theirs.requests_per_s for ours, theirs in pairs]
    median = statistics.median(ratios)
    shown = f"{median:.2f} median of {len(ratios)} rounds, {min(ratios):.2f} to {max(ratios):.2f}"
    name = f"{_name_rows(rows)}: requests/s at {MANY} connections / {SHORT}"
    return Figure(name, shown, median, f"≥ {least:.2f}", median >= least)


def _judge_p50(measurements: Measurements) -> Figure:
    ours, theirs = (_median_p50(measurements.samples[side, 1, ONE]) for side in (SERVICE, ECHO))
    shown = f"{ours / theirs:.2f} ({ours:.2f} ms / {theirs:.2f} ms)"
    return _at_most("1 row: p50 at 1 connection / (a)", ours / theirs, MAX_P50_TIMES_ECHO, "", shown)


def _judge_p99(measurements: Measurements, rows: int) -> Figure:
    samples = measurements.samples[SERVICE, rows, MANY]
    ratios = [sample.p99_ms / sample.p50_ms for sample in samples]
    median = statistics.median(ratios)
    shown = f"{median:.2f} median, {max(ratios):.2f} worst round"
    return _at_most(f"{_name_rows(rows)}: p99 / p50 at {MANY} connections", median, MAX_P99_TIMES_P50, "", shown)


def _judge_memory(memory: Memory) -> Figure:
    warning = f"; too low, shared with {memory.strangers} strangers" if memory.strangers else ""
    shown = f"{memory.pss_mb:.0f} MB{warning}"
    return _at_most("memory (PSS) of master and 2 workers, warm", memory.pss_mb, MAX_MEMORY_MB, "MB", shown)


def _judge_launch(launch_s: dict[str, float]) -> Figure:
    shown = f"{launch_s[SERVICE]:.2f} s; (a) {launch_s[ECHO]:.2f} s"
    return _at_most("launch to first 200", launch_s[SERVICE], MAX_LAUNCH_S, "s", shown)


def _judge_growth(growth: Growth) -> Iterator[Figure]:
    by_count = growth.bundles_ms
    fewest, most = min(by_count), max(by_count)
    ratio = by_count[most] / by_count[fewest]
    shown = f"{ratio:.2f} ({by_count[fewest]:.3f} ms, {by_count[most]:.3f} ms)"
    yield _at_most(f"1 row: {most} bundles against {fewest}", ratio, MAX_BUNDLES_RATIO, "", shown)
    yield _at_most(f"{max(growth.series_ms):,} rows in one request: memory", growth.peak_mb, MAX_PEAK_MB, "MB")


def _judge_history(rows: int, by_size: dict[int, float]) -> Figure:
    ratio = max(by_size.values()) / by_size[min(by_size)]
    times = ", ".join(f"{time_ms:.2f}" for time_ms in by_size.values())
    name = f"{_name_rows(rows)} against 1k, 10k, 100k stored bars"
    return _at_most(name, ratio, MAX_HISTORY_RATIO, "", f"{ratio:.2f} ({times} ms)")


def _judge_levels(rows: int, by_level: dict[str, float]) -> Figure:
    bare, default = by_level[BARE], by_level[DEFAULT]
    shown = f"{default / bare:.2f} ({default:.2f} ms / {bare:.2f} ms)"
    name = f"{_name_rows(rows)} with an interval of 80 % / without"
    return _at_most(name, default / bare, MAX_LEVELS_RATIO[rows], "", shown)


def _at_most(name: str, value: float, most: float, unit: str, shown: str = "") -> Figure:
    suffix = f" {unit}" if unit else ""
    return Figure(name, shown or f"{value:.2f}{suffix}", value, f"≤ {most:g}{suffix}", value <= most)


def _median_p50(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.p50_ms for sample in samples)


def _name_rows(rows: int) -> str:
    return f"{rows:,} row{'s' * (rows > 1)}"
