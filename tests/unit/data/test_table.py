import time
from collections.abc import Sequence

import numpy as np
import pytest

from lockstep.data.cells import CellReader, Cells, NoCell, read_column
from lockstep.data.column import ColumnSchema
from lockstep.data.price_csv import TEXT_CELLS
from lockstep.data.table import TableRows, TableSchema
from lockstep.doors.frame import JSON_CELLS
from lockstep.errors import MAX_SOUGHT, InvalidInput

FLOWERS = TableSchema(
    (
        ColumnSchema("width", "number", takes_missing=True, minimum=0.5, maximum=2.5),
        ColumnSchema("petals", "integer", takes_missing=False, minimum=3.0, maximum=12.0),
        ColumnSchema("colour", "category", takes_missing=True, categories=("blue", "red")),
        ColumnSchema("note", "text", takes_missing=False),
    )
)
NUMBERS = TableSchema(FLOWERS.columns[:2])
N_WIDE, N_ROWS = 300, 100
WIDE = TableSchema(
    tuple(ColumnSchema(f"c{place}", "number", False, minimum=0.0, maximum=1.0) for place in range(N_WIDE))
)
SLOW_S = 2.0
"""It takes a tenth of a second; looking for each name in a list takes ten."""
ROW = (1.5, 5.0, "red", "from the garden")


def read(*rows: Sequence[object], schema: TableSchema = FLOWERS, reader: CellReader = JSON_CELLS) -> TableRows:
    return schema.read(schema.names, list(zip(*rows, strict=True)), reader)


def refusals(*rows: Sequence[object], **options: CellReader) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read(*rows, **options)  # type: ignore[arg-type]  # no schema among them
    return refused.value.lines


def refuse_names(names: Sequence[str] | None, columns: Sequence[Cells]) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        NUMBERS.read(names, columns, JSON_CELLS)
    return refused.value.lines


def test_mixed_columns_are_inputs_column_by_column() -> None:
    rows = read(ROW, (None, 4.0, None, "late"))
    width, petals, colour, note = rows.inputs
    assert np.array_equal(width, [1.5, np.nan], equal_nan=True)
    assert (petals.dtype, petals.tolist()) == (np.float64, [5.0, 4.0])
    assert (colour.dtype, colour.tolist(), note.tolist()) == (object, ["red", None], ["from the garden", "late"])
    assert (len(rows), FLOWERS.kinds) == (2, ("number", "number", "text", "text"))


def test_columns_of_numbers_are_inputs_as_one_array() -> None:
    inputs = read((1.5, 5.0), (0.1, 4.0), (2.0, 3.0), schema=NUMBERS).inputs
    assert isinstance(inputs, np.ndarray)
    assert inputs.dtype == np.float64
    assert inputs.tolist() == [[1.5, 5.0], [0.1, 4.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    ("petals", "reason"),
    [(5.5, "is not a whole number"), (2.0**53, "is beyond"), ("5", "is not a whole number"), (None, "is missing")],
)
def test_columns_of_numbers_name_a_cell_that_is_none_of_theirs(petals: object, reason: str) -> None:
    with pytest.raises(InvalidInput, match=f"petals: .*{reason}") as refused:
        read((1.5, 5.0), (0.1, petals), schema=NUMBERS)
    assert [problem.row for problem in refused.value.problems] == [1]


def test_a_missing_number_is_read_among_columns_of_numbers() -> None:
    inputs = read((1.5, 5.0), (None, 4.0), (1e20, 3.0), schema=NUMBERS).inputs
    assert np.array_equal(inputs, [[1.5, 5.0], [np.nan, 4.0], [1e20, 3.0]], equal_nan=True)


def test_columns_are_found_by_name_in_any_order() -> None:
    assert NUMBERS.read(["petals", "width"], [(5.0,), (1.5,)], JSON_CELLS).inputs[0].tolist() == [1.5, 5.0]


def test_columns_without_names_are_taken_in_schema_order() -> None:
    assert NUMBERS.read(None, [(1.5,), (5.0,)], JSON_CELLS).inputs[0].tolist() == [1.5, 5.0]
    assert refuse_names(None, [(1.5,)]) == ["columns: 1 cells in a row; expected 2, in this order: width, petals"]


def test_missing_unknown_and_repeated_columns_are_refused_together() -> None:
    assert refuse_names(["width", "width", "height"], [(1.0,), (1.0,), (1.0,)]) == [
        "petals: the column is missing; unknown are 'height'",
        "width: the column is there 2 times",
        "height: unknown column; expected width, petals",
    ]


def test_the_columns_of_a_wide_table_are_not_all_listed() -> None:
    schema = TableSchema(tuple(ColumnSchema(f"c{i}", "number", takes_missing=True) for i in range(30)))
    with pytest.raises(InvalidInput, match=r"expected 30, in this order: c0, .*, c19, …$"):
        schema.read(None, [(1.0,)], JSON_CELLS)


def test_every_bad_cell_is_listed_by_row() -> None:
    bad = ("wide", 4.5, 7.0, "")
    assert refusals(bad, ROW, (1.0, None, "red", None)) == [
        "row 0, width: 'wide' is not a number",
        "row 0, petals: 4.5 is not a whole number",
        "row 0, colour: 7.0 is not text; write it in quotes",
        "row 0, note: the text is empty",
        "row 2, petals: the value is missing, and the model needs one",
        "row 2, note: the value is missing, and the model needs one",
    ]


@pytest.mark.parametrize("cell", ["1_000", "nan", "", "1,5", "one"])
def test_text_that_is_no_number_is_refused_in_a_column_of_numbers(cell: str) -> None:
    hint = "; for a missing value send an empty cell" if cell in ("nan", "") else ""
    assert refusals((cell, "5", "red", "x"), reader=TEXT_CELLS) == [f"row 0, width: {cell!r} is not a number{hint}"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("inf", "5", "red", "x"), "width: inf is beyond -1e+30 … 1e+30"),
        (("-1e31", "5", "red", "x"), "width: -1e+31 is beyond -1e+30 … 1e+30"),
        (("1", "1e16", "red", "x"), "petals: 1e+16 is beyond -9.0072e+15 … 9.0072e+15"),
        (("1", "9007199254740993", "red", "x"), "petals: 9007199254740992.0 is beyond -9.0072e+15 … 9.0072e+15"),
    ],
)
def test_numbers_beyond_their_limits_are_refused(row: tuple[str, ...], reason: str) -> None:
    assert refusals(row, reader=TEXT_CELLS)[0].startswith(f"row 0, {reason[:20]}")


@pytest.mark.parametrize("name", ["colour", "note"])
def test_what_is_no_cell_is_refused_in_a_column_of_text(name: str) -> None:
    row = dict(zip(FLOWERS.names, ROW, strict=True)) | {name: NoCell('["red"]')}
    assert refusals(tuple(row.values())) == [f'row 0, {name}: ["red"] is not text; write it in quotes']


def test_the_columns_of_a_very_wide_table_are_found_at_once() -> None:
    n_columns = 20_000  # each looked for in a list of all takes seconds
    wide = TableSchema(
        tuple(ColumnSchema(f"column {place}", "number", takes_missing=True) for place in range(n_columns))
    )
    names = [str(column) for column in reversed(wide.names)]
    started = time.perf_counter()
    rows = wide.read(names, [[1.0]] * n_columns, JSON_CELLS)
    assert len(rows) == 1
    assert time.perf_counter() - started < SLOW_S


def test_a_column_called_date_is_a_column_like_any_other() -> None:
    schema = TableSchema((ColumnSchema("date", "number", takes_missing=False),))
    with pytest.raises(InvalidInput, match="row 1, date: 'x' is not a number"):
        schema.read(["date"], [(1.0, "x")], JSON_CELLS)


def test_the_row_of_a_bad_cell_is_right_behind_missing_ones() -> None:
    assert refusals((None, 5.0, None, "x"), ("x", 5.0, 1.0, "y")) == [
        "row 1, width: 'x' is not a number",
        "row 1, colour: 1.0 is not text; write it in quotes",
    ]


def test_values_beyond_the_learned_ones_are_described() -> None:
    rows = read(ROW, (9.0, 2.0, "mauve", "x"), (None, 5.0, None, "y"))
    assert rows.describe_unlearned() == [
        "row 1, width: 9.0 is outside of the learned range 0.5 … 2.5",
        "row 1, petals: 2.0 is outside of the learned range 3 … 12",
        "row 1, colour: 'mauve' is none of the learned categories: 'blue', 'red'",
    ]


def test_learned_values_are_not_described() -> None:
    rows = read((0.5, 3.0, "blue", "x"), (2.5, 12.0, "red", "never seen"))
    assert rows.describe_unlearned() == []


def test_descriptions_are_bounded_and_counted() -> None:
    lines = read(*[(9.0, 5.0, "mauve", "x")] * 25).describe_unlearned()
    assert (len(lines), lines[-1]) == (21, "and 30 more")


def test_unseen_categories_are_refused_where_the_encoder_refuses_them() -> None:
    colour = ColumnSchema(
        "colour", "category", takes_missing=True, categories=tuple(f"c{i:02}" for i in range(12)), refuses_unseen=True
    )
    with pytest.raises(InvalidInput) as refused:
        TableSchema((colour,)).read(None, [("c00", None, "mauve")], JSON_CELLS)
    (line,) = refused.value.lines
    assert line.startswith("row 2, colour: 'mauve' is none of the learned categories: 'c00', 'c01'")
    assert line.endswith("'c09' and 2 more")


def test_selected_rows_keep_their_order() -> None:
    rows = read(ROW, (2.0, 6.0, "blue", "b"), (None, 7.0, None, "c")).select(np.array([2, 0]))
    assert (rows.columns[1].tolist(), rows.columns[3].tolist()) == ([7.0, 5.0], ["c", "from the garden"])


@pytest.mark.parametrize("cell", ["", None, 1e31])
def test_no_column_is_read_after_enough_bad_cells(cell: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(*[[cell] * N_WIDE] * N_ROWS, schema=WIDE)
    assert refused.value.total == MAX_SOUGHT < N_WIDE * N_ROWS
    assert refused.value.lines[-1] == f"and at least {MAX_SOUGHT - 20} more"
    assert str(refused.value).endswith(f"(and at least {MAX_SOUGHT - 1} more)")


def test_no_column_is_looked_at_after_enough_unlearned_cells() -> None:
    lines = read(*[[2.0] * N_WIDE] * N_ROWS, schema=WIDE).describe_unlearned()
    assert lines[-1] == f"and at least {MAX_SOUGHT - 20} more"


def test_no_name_is_looked_at_after_enough_unknown_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        NUMBERS.read([f"n{place}" for place in range(MAX_SOUGHT * 2)], [[1.0]] * MAX_SOUGHT * 2, JSON_CELLS)
    assert refused.value.total == MAX_SOUGHT


def test_only_the_cells_around_a_bad_one_are_read_one_by_one() -> None:
    n_reads, n_cells = 0, 10_000

    def read_numbers(cells: Cells) -> np.ndarray:
        nonlocal n_reads
        n_reads += 1
        return JSON_CELLS.read_numbers(cells)

    numbers = [1.5] * n_cells
    values, [problem] = read_column("width", [*numbers, "x", *numbers], read_numbers, "a number")
    assert (problem.row, np.flatnonzero(np.isnan(values)).tolist()) == (n_cells, [n_cells])
    assert n_reads < n_cells / 10
