"""What docs/scale.md shows of Ray: the tables of the figures and of the faults, as a run writes them."""

from collections.abc import Iterator, Mapping, Sequence

from qa.bench.page import describe_machine
from qa.bench.report import describe_samples
from qa.ray.faults import Result
from qa.ray.figures import Figures
from qa.scale.page import PAGE
from qa.tables import replace_table, write_table


def write_figures(figures: Figures) -> None:
    """Write the figures into the page."""
    _write({"ray load": show_load(figures), "ray memory": show_memory(figures)})


def write_faults(results: Sequence[Result]) -> None:
    """Write the faults into the page."""
    _write({"ray faults": show_faults(results)})


def show_load(figures: Figures) -> str:
    """Return the table of the loads."""
    rows = (
        " | ".join((str(rows), name, *describe_samples(samples)[:5]))
        for (name, rows), samples in sorted(figures.samples.items(), key=lambda item: item[0][1])
    )
    return write_table("rows | service | requests/s min | median | max | p50 ms | p99 ms", rows)


def show_memory(figures: Figures) -> str:
    """Return the table of starts and memory."""
    return write_table("what | seconds until it was there | MB", _list_memory(figures.seconds, figures.memory_mb))


def _list_memory(seconds: Mapping[str, float], memory_mb: Mapping[str, float]) -> Iterator[str]:
    for name in dict.fromkeys((*seconds, *memory_mb)):
        cells = (f"{values[name]:.0f}" if name in values else "" for values in (seconds, memory_mb))
        yield f"{name} | {' | '.join(cells)}"


def show_faults(results: Sequence[Result]) -> str:
    """Return the table of the faults."""
    return write_table(
        "fault | requests | lost | wrong | lost for, s | longest silence, s | recovered after, s | at most lost",
        map(_show_fault, results),
    )


def _show_fault(result: Result) -> str:
    outcomes = result.outcomes
    cells = (
        outcomes.asked,
        outcomes.describe_lost(),
        len(outcomes.wrong),
        f"{result.lost_s:.1f}",
        f"{outcomes.silence_s():.1f}",
    )
    return " | ".join((result.fault.name, *map(str, cells), f"{result.recovered_s:.0f}", result.fault.most))


def _write(tables: Mapping[str, str]) -> None:
    page = PAGE.read_text()
    for name, table in tables.items():
        page = replace_table(page, name, f"Measured {describe_machine()}.\n\n{table}")
    PAGE.write_text(page)
