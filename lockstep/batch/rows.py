"""What a job makes of one series: rows under named columns; and how they become a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lockstep.batch.table import Column, Content, Table
from lockstep.bundles.evaluation import DATE, FORECAST_DATE, Y_PRED
from lockstep.bundles.manifest import SeriesManifest
from lockstep.data.price_files.cells import SYMBOL
from lockstep.predict.exact.form import Labels

FIRST, LAST, ROWS, VERSION = "first", "last", "rows", "version"
VERDICT, WARNINGS = "verdict", "warnings"
DATES = (DATE, FORECAST_DATE, FIRST, LAST)
TEXTS = (SYMBOL, VERDICT, WARNINGS, "sample", "model", "digest")
COUNTS = (ROWS, VERSION)
LABELS = (Y_PRED, "naive", "y")
CONTENTS: dict[type, Content] = {str: "text", bool: "flag", int: "whole", float: "number"}


@dataclass(frozen=True)
class NewModel:
    """A bundle that is not saved yet."""

    manifest: SeriesManifest
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class SeriesRows:
    """The rows of one series, each a cell for each of `names`, and the model that was trained, if one was.

    `classes` are the labels that the model forecasts, if it is a classifier.
    """

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    classes: Labels = field(default_factory=list)
    trained: NewModel | None = None


def make_table(found: Sequence[tuple[str, SeriesRows]]) -> Table:
    """Return the rows of some series, one at least, each under its symbol."""
    names, classes = found[0][1].names, found[0][1].classes
    columns = tuple(Column(name, _find_content(name, classes)) for name in (SYMBOL, *names))
    if any(each.names != names for _, each in found):
        raise ValueError("series of one model have rows of different columns")
    return Table(columns, [(symbol, *row) for symbol, each in found for row in each.rows])


def _find_content(name: str, classes: Labels) -> Content:
    """Return what the cells of a column hold, which must not depend on the cells: some are all missing."""
    if name in LABELS and classes:
        return CONTENTS[type(classes[0])]
    return "date" if name in DATES else "text" if name in TEXTS else "whole" if name in COUNTS else "number"
