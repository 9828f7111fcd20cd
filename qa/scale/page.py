"""The tables of docs/scale.md that a run writes, and the inputs as the page has them."""

from collections.abc import Iterable, Iterator

from qa.bench.page import describe_machine
from qa.scale.capacity import Inputs
from qa.scale.examples import DEMANDS, list_examples
from qa.scale.measurements import Check, Measurements, derive_inputs, list_checks
from qa.servers import ROOT
from qa.tables import read_table, replace_table, write_table

PAGE = ROOT / "docs" / "scale.md"
INPUTS = {
    "request_s": (1e-3, "ms", "time of a core for a request, without its rows"),
    "row_s": (1e-6, "µs", "time of a core for each row of it"),
    "service_mb": (1.0, "MB", "master, with no model and no worker"),
    "worker_mb": (1.0, "MB", "each worker"),
    "series_mb": (
        1.0,
        "MB",
        "each model of a series, or version of one, like the default one: 3,270 bars, 961 evaluated",
    ),
    "table_mb": (1.0, "MB", "each model of a table like `iris`"),
}
"""The unit in which the page shows each input, its name, and what the input is."""
MANY_DIGITS = 100
"""From here on a value is shown as a whole number."""


def write_page(measured: Measurements) -> None:
    """Write the tables of a run into the page."""
    inputs = derive_inputs(measured)
    tables = {
        "inputs": "\n".join((f"Measured {describe_machine()}.\n", show_inputs(inputs))),
        "example": show_examples(inputs),
        "errors": show_checks(list_checks(measured, inputs)),
    }
    page = PAGE.read_text()
    for name, table in tables.items():
        page = replace_table(page, name, table)
    PAGE.write_text(page)


def show_inputs(inputs: Inputs) -> str:
    """Return the table of the inputs."""
    rows = (
        f"`{name}` | {getattr(inputs, name) / scale:.3g} {unit} | {what}"
        for name, (scale, unit, what) in INPUTS.items()
    )
    return write_table("input | measured | of what", rows)


def read_inputs(page: str) -> Inputs:
    """Return the inputs that a page shows."""
    shown = {row[0].strip("`"): row[1] for row in read_table(page, "inputs")}
    return Inputs(**{name: float(shown[name].split()[0]) * scale for name, (scale, _, _) in INPUTS.items()})


def show_examples(inputs: Inputs) -> str:
    """Return the table of the worked example."""
    heading = (
        "demand | requests/s at the peak | rows | models | machine | cores | machines | MB each | $ for 10⁶ forecasts"
    )
    return write_table(heading, _list_examples(inputs))


def _list_examples(inputs: Inputs) -> Iterator[str]:
    for name, kind, capacity in list_examples(inputs):
        demand = DEMANDS[name]
        models = demand.series_models + demand.table_models
        fits = "" if capacity.fits else ", too much"
        yield (
            f"{name} | {demand.peak_per_s:g} | {demand.rows} | {models} | {kind} | {capacity.cores:.3g} | "
            f"{capacity.machines} | {capacity.machine_mb:.0f}{fits} | {show_number(capacity.per_million)}"
        )


def show_checks(checks: Iterable[Check]) -> str:
    """Return the table of what the model says beside what was measured."""
    rows = (
        f"{check.what}, {check.unit} | {show_number(check.measured)} | {show_number(check.modeled)} | "
        f"{check.modeled / check.measured - 1.0:+.0%}"
        for check in checks
    )
    return write_table("what | measured | model | off by", rows)


def show_number(value: float) -> str:
    """Return a number with three digits, or all of a larger one without decimals."""
    return f"{value:.0f}" if value >= MANY_DIGITS else f"{value:.3g}"
