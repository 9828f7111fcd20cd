"""The columns of a table, as its model has learned them."""

from lockstep.bundles.table import TableBundle
from lockstep.data.column import MAX_SHOWN_CATEGORIES, ColumnSchema
from lockstep.report_card.digits import show_value

TYPES = {"number": "number", "integer": "whole number", "category": "category", "text": "text"}
"""What the pages call the types of columns."""


def list_columns(bundle: TableBundle) -> list[list[str]]:
    """Return a row for each column: name, type, what was learned, whether it may be missing, an example.

    The examples are the cells of the first test row.
    """
    first = bundle.held_out.rows.select(slice(1))
    written = (column.write(cells)[0] for column, cells in zip(bundle.schema.columns, first.columns, strict=True))
    return [
        [
            column.name,
            TYPES[column.type],
            _show_learned(column),
            "taken" if column.takes_missing else "refused",
            _show(cell),
        ]
        for column, cell in zip(bundle.schema.columns, written, strict=True)
    ]


def _show_learned(column: ColumnSchema) -> str:
    if column.categories:
        listed, more = column.categories[:MAX_SHOWN_CATEGORIES], len(column.categories) - MAX_SHOWN_CATEGORIES
        return ", ".join(listed) + (f" and {more} more" if more > 0 else "")
    return show_range(column) or ("any" if column.kind == "text" else "–")


def show_range(column: ColumnSchema) -> str:
    """Return the numbers that a column was learned with, empty if it holds none."""
    if column.minimum is None or column.maximum is None:
        return ""
    return f"{show_value(column.minimum)} to {show_value(column.maximum)}"


def _show(cell: float | str | None) -> str:
    return "–" if cell is None else show_value(cell) if isinstance(cell, float) else cell
