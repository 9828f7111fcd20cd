"""The capacity model, and docs/scale.md, whose figures are those that the model gives."""

import re

import pytest

from lockstep.bundles.reading import load_series
from qa.default_bundle import DEFAULT_BUNDLE
from qa.scale import calculator
from qa.scale.capacity import Demand, Inputs, Machine, plan_capacity, request_seconds, service_megabytes
from qa.scale.examples import MACHINES
from qa.scale.measurements import Measurements, derive_inputs, list_checks
from qa.scale.memory import SIZES, TABLE
from qa.scale.page import PAGE, read_inputs, show_checks, show_examples, show_inputs
from qa.tables import read_table, replace_table

INPUTS = Inputs(request_s=0.001, row_s=1e-6, service_mb=50.0, worker_mb=10.0, series_mb=2.0, table_mb=0.5)
MONTH_S = 2_629_800


def test_the_model_is_the_formula_of_the_page() -> None:
    demand, machine = (
        Demand(peak_per_s=300.0, rows=1000, mean_share=0.5, series_models=3, table_models=4),
        Machine(cores=2.5, memory_mb=90.0, price=40.0),
    )
    capacity = plan_capacity(INPUTS, demand, machine, 0.5)
    assert capacity.cores == pytest.approx(300 * 0.002 / 0.5)
    assert capacity.machines == 1
    assert capacity.machine_mb == 50 + 3 * 10 + 3 * 2 + 4 * 0.5
    assert capacity.fits
    assert capacity.per_million == pytest.approx(40 / (300 * 0.5 * 1000 * MONTH_S) * 1e6)


def test_machines_grow_with_requests_and_their_memory_does_not() -> None:
    machine = Machine(cores=0.25, memory_mb=60.0, price=25.0)
    small, large = (plan_capacity(INPUTS, Demand(peak, 1, 1.0, 1), machine, 0.6) for peak in (1.0, 1000.0))
    assert (small.machines, large.machines) == (1, 7)
    assert small.machine_mb == large.machine_mb == 62.0
    assert not small.fits
    assert not large.fits


def measure_exactly() -> Measurements:
    """A run in which the model is right everywhere."""
    memory = {}
    for size in SIZES:
        tables = size.models if size.kind == TABLE else 0
        memory[size] = service_megabytes(INPUTS, size.workers, size.models - tables, tables)
    seconds = {rows: request_seconds(INPUTS, rows) for rows in (1, 100, 961)}
    return Measurements(seconds, memory, {1: {1: 1 / seconds[1], 2: 1 / seconds[1]}})


def test_inputs_are_derived_from_what_was_measured() -> None:
    derived = derive_inputs(measure_exactly())
    assert derived == INPUTS


def test_where_the_model_is_wrong_is_shown() -> None:
    rows = show_checks(list_checks(measure_exactly(), INPUTS)).splitlines()[2:]
    assert len(rows) == 3 + 2 + len(SIZES)
    off = {row.split(" | ")[0].strip("| "): row.split(" | ")[-1].strip(" |") for row in rows}
    assert off.pop("requests of 1 row on 2 cores, a second") == "+100%"
    assert set(off.values()) == {"+0%"}


def test_the_page_can_be_read_as_it_is_written() -> None:
    page = replace_table("<!-- inputs -->\n-\n<!-- end of inputs -->", "inputs", show_inputs(INPUTS))
    read = read_inputs(page)
    assert [getattr(read, name) for name in Inputs.__dataclass_fields__] == pytest.approx(
        [getattr(INPUTS, name) for name in Inputs.__dataclass_fields__]
    )


def test_the_example_of_the_page_is_what_the_model_makes_of_its_inputs() -> None:
    page = PAGE.read_text()
    shown = page.partition("<!-- example -->\n")[2].partition("\n<!-- end of example -->")[0]
    assert shown == show_examples(read_inputs(page))


def test_the_machines_of_the_page_are_those_of_the_example() -> None:
    [table] = re.findall(r"^\| machine \| \$ a month .*\n\|---.*\n((?:\|.*\n)+)", PAGE.read_text(), re.M)
    prices = {row.split(" | ")[0].strip("| "): float(row.split(" | ")[1]) for row in table.splitlines()}
    assert prices == {name: machine.price for name, machine in MACHINES.items()}


def test_the_errors_of_the_page_are_those_of_its_columns() -> None:
    rows = read_table(PAGE.read_text(), "errors")
    assert len(rows) > len(SIZES)
    for what, measured, modeled, off in rows:
        shown = float(off.rstrip("%")) / 100
        assert shown == pytest.approx(float(modeled) / float(measured) - 1.0, abs=0.03), what


def test_the_page_names_the_bars_of_the_model_that_was_measured() -> None:
    assert f"{len(load_series(DEFAULT_BUNDLE).bars.dates):,} bars" in PAGE.read_text()


def test_the_calculator_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    first = read_table(PAGE.read_text(), "example")[0]
    _, peak, rows, models, _, _, machines, megabytes, cost = first
    arguments = ["--peak", peak, "--rows", rows, "--series", models, "--mean", "0.2", "--cores", "0.25"]
    assert calculator.main(arguments) == 0
    printed = capsys.readouterr().out
    assert f"{machines} machines with {megabytes} MB each" in printed
    assert f"{cost} for 1,000,000 forecasts" in printed


def test_the_calculator_ends_with_1_if_the_models_do_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert calculator.main(["--peak", "1", "--series", "5000"]) == 1
    assert "do not fit into 512 MB" in capsys.readouterr().err
