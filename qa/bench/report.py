"""What a run prints."""

import statistics
from collections.abc import Sequence

from rich.table import Table

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
        table.add_row(str(rows), str(connections), measurements.names[side], *describe_samples(samples))
    return table


def describe_samples(samples: Sequence[Sample]) -> list[str]:
    """Return the cells of one line of the loads."""
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
