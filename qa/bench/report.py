"""What a run prints and writes."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from qa.bench.apps import NAMES
from qa.bench.figures import Figure
from qa.bench.load import Sample
from qa.bench.measurements import Measurements


def make_load_table(measurements: Measurements) -> Table:
    """Return the loads, one line for each side, number of rows and number of connections.

    p50 and p99 are medians over the rounds; "client" is the load generator's own CPU time for a request.
    """
    table = Table(title="Loads, over the rounds of fresh connections")
    for heading in ("rows", "conns", "server"):
        table.add_column(heading, no_wrap=True)
    for heading in ("req/s min", "median", "max", "p50 ms", "p99 ms", "worst p99", "client µs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for (side, rows, connections), samples in sorted(measurements.samples.items(), key=lambda item: item[0][1:]):
        table.add_row(str(rows), str(connections), NAMES[side], *_describe(samples))
    return table


def _describe(samples: Sequence[Sample]) -> list[str]:
    rates = [sample.requests_per_s for sample in samples]
    p99s = [sample.p99_ms for sample in samples]
    return [
        *(f"{rate:.0f}" for rate in (min(rates), statistics.median(rates), max(rates))),
        f"{statistics.median(sample.p50_ms for sample in samples):.2f}",
        f"{statistics.median(p99s):.2f}",
        f"{max(p99s):.2f}",
        f"{statistics.median(sample.own_us for sample in samples):.0f}",
    ]


def make_figure_table(figures: Sequence[Figure]) -> Table:
    """Return the figures beside their targets."""
    table = Table(title="Figures and targets")
    table.add_column("figure", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("target", justify="right", no_wrap=True)
    table.add_column("met")
    for figure in figures:
        table.add_row(figure.name, figure.measured, figure.target, "yes" if figure.met else "[bold red]NO[/]")
    return table


def write_json(path: Path, measurements: Measurements, figures: Sequence[Figure]) -> None:
    """Write the figures, every sample behind them, and where they were measured."""
    loads = [
        {"side": side, "rows": rows, "connections": connections, **asdict(sample)}
        for (side, rows, connections), samples in measurements.samples.items()
        for sample in samples
    ]
    report = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load_average": os.getloadavg()},
        "figures": [asdict(figure) for figure in figures],
        "loads": loads,
        **{name: value for name, value in asdict(measurements).items() if name != "samples"},
    }
    path.write_text(json.dumps(report, indent=2) + "\n")
