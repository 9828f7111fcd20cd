"""docs/bench.md, docs/bench.svg, what README.md quotes of them, and the JSON file: a run as others read it."""

import datetime
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from qa.bench.figures import Figure
from qa.bench.measurements import Measurements
from qa.bench.report import describe_samples
from qa.servers import ROOT

PAGE, PICTURE, README = ROOT / "docs" / "bench.md", ROOT / "docs" / "bench.svg", ROOT / "README.md"
BEGIN, END = "<!-- bench -->\n", "<!-- end of bench -->"
HEADLINES = ("(b) / (c)", "(e) / (f)", "p50 at 1 connection", "memory (PSS)", "launch")
"""Parts of the names of the figures that README.md quotes."""
INTRODUCTION = """# Speed and memory

`make bench` wrote this page and its picture. It compares this service with an echo in Flask, with the way of many
blog posts (pandas and scikit-learn in the handler) and with an earlier commit. All take turns in one run. The absolute
numbers are those of this machine; the ratios say more about others. A letter such as (b) stands for a server: the
table of loads, at the end, names them."""
LOAD_HEADINGS = ("rows", "conns", "server", "req/s min", "median", "max", "p50 ms", "p99 ms", "worst p99", "client µs")
SVG_SALT = "lockstep"
"""Without it matplotlib gives the parts of a picture other names each time."""


def write_page(measurements: Measurements, figures: Sequence[Figure]) -> None:
    """Write the page and the picture into docs/, and their headlines into README.md."""
    PAGE.write_text("\n".join(describe_run(measurements, figures)) + "\n")
    _draw(measurements, PICTURE)
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(f"{before}{BEGIN}{quote_run(figures)}\n{END}{rest.partition(END)[2]}")


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


def describe_machine() -> str:
    """Return where and when a run was measured."""
    today = datetime.datetime.now(datetime.UTC).date()
    return f"{today}, {os.cpu_count()} cores of {_read_processor()}, CPython {platform.python_version()}"


def quote_run(figures: Sequence[Figure]) -> str:
    """Return the headlines of the page, its lines as they are."""
    quoted = (figure for figure in figures if any(part in figure.name for part in HEADLINES))
    return "\n".join((f"Measured {describe_machine()}.\n", *_tabulate_figures(quoted)))


def _tabulate_figures(figures: Iterable[Figure]) -> Iterator[str]:
    return _table(("figure", "measured", "target", "met"), (_cells(figure) for figure in figures))


def _read_processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def describe_run(measurements: Measurements, figures: Sequence[Figure]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield f"{INTRODUCTION}\n\nMeasured {describe_machine()}.\n"
    yield from _tabulate_figures(figures)
    yield "\n## Growth\n\n![The time of a request against rows, bundles and stored bars](bench.svg)\n"
    yield from _table(
        ("rows posted", "requests/s by cores of the service; the load generator runs beside it"),
        ((str(rows), _list_cores(by_cores)) for rows, by_cores in measurements.cores.items()),
    )
    yield "\n## Loads\n\np50 and p99 are medians over the rounds; client µs is the load generator's own time.\n"
    yield from _table(LOAD_HEADINGS, _list_loads(measurements))


def _cells(figure: Figure) -> tuple[str, ...]:
    return (figure.name, figure.measured, figure.target, "yes" if figure.met else "**no**")


def _list_cores(by_cores: Mapping[int, float]) -> str:
    return ", ".join(f"{cores}: {rate:.0f}" for cores, rate in by_cores.items())


def _list_loads(measurements: Measurements) -> Iterator[tuple[str, ...]]:
    for (side, rows, connections), samples in sorted(measurements.samples.items(), key=lambda item: item[0][1:]):
        yield (str(rows), str(connections), measurements.names[side], *describe_samples(samples))


def _table(headings: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _draw(measurements: Measurements, path: Path) -> None:
    """Draw a panel for each thing that grows, on logarithmic axes."""
    growth = measurements.growth
    history = {f"{rows} row{'s' * (rows > 1)}": by_size for rows, by_size in measurements.history_ms.items()}
    with matplotlib.rc_context({"svg.hashsalt": SVG_SALT, "svg.fonttype": "none", "font.size": 9}):
        picture = Picture(figsize=(10, 3.2), layout="constrained")
        by_rows, by_bundles, by_bars = picture.subplots(1, 3)
        _draw_panel(by_rows, "rows in a request", {"a series": growth.series_ms, "a table": growth.table_ms})
        _draw_panel(by_bundles, "bundles in the process", {"1 row of a table": growth.bundles_ms})
        _draw_panel(by_bars, "stored bars", history)
        by_rows.set_ylabel("ms, median")
        picture.savefig(path, metadata={"Date": None, "Creator": None})


def _draw_panel(axes: Axes, label: str, lines: Mapping[str, Mapping[int, float]]) -> None:
    for name, by_size in lines.items():
        axes.plot([*by_size], [*by_size.values()], marker="o", markersize=3, label=name)
    axes.set(xlabel=label, xscale="log", yscale="log")
    lowest = min(value for by_size in lines.values() for value in by_size.values())
    highest = max(value for by_size in lines.values() for value in by_size.values())
    axes.set_ylim(lowest / 2, highest * 2)
    axes.grid(visible=True, which="both", linewidth=0.3)
    axes.legend(frameon=False)
