"""The local evaluation: one row for each test row, and the file that parity is measured against."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Dates
from lockstep.errors import InvalidBundle
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PREDICTION, PROBA, Stages
from lockstep.predict.trace import digest_rows

EVALUATION_FILE = "evaluation.csv"
DATE, FORECAST_DATE, CLOSE, ROW_ID, Y_TRUE, Y_PRED = "date", "forecast_date", "close", "row_id", "y_true", "y_pred"
PROBA_COLUMN = "proba:{}"
MIN_EVALUATION_ROWS = 10
"""So many rows have to come true: with fewer, one row would move an accuracy by more than a tenth."""

CellType = Literal["date", "float64", "int64", "bool", "text", "sha256"]
Cells = NDArray[Any]


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column of `evaluation.csv`: its name, the type of its cells, and the stage that it holds, if any.

    A `sha256` stands for a row of a stage that is too wide to be read.
    """

    name: str
    type: CellType
    stage: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """The columns of the file and their cells, by name, each (n,).

    A series has the key `date` (oldest first), `forecast_date` (NaT beyond the calendar) and `close`; a table has the
    key `row_id`. Then come `y_true` (NaN or an empty label where it is not known yet), `y_pred`, a column
    `proba:<class>` for each class, and the stages before them as `lay_out_stages` makes them: stages may differ where
    the prediction does not. Of a series of a panel, those stages are `pinned` instead: by the digest of a whole column,
    see `digest_column`.
    """

    columns: tuple[Column, ...]
    cells: Mapping[str, Cells]
    pinned: Mapping[Column, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """Return the date or the id of each row."""
        return self.cells[self.columns[0].name].astype(str).tolist()

    @property
    def dates(self) -> Dates:
        """Return the dates of a series, (n,)."""
        return self.cells[DATE]

    @property
    def close(self) -> Array:
        """Return the close of each bar of a series, (n,)."""
        return self.cells[CLOSE]

    @property
    def y_true(self) -> Cells:
        """Return what came true, (n,)."""
        return self.cells[Y_TRUE]

    @property
    def y_pred(self) -> Cells:
        """Return the prediction, (n,)."""
        return self.cells[Y_PRED]

    @property
    def outputs(self) -> Stages:
        """Return the probabilities, if there are any, and the prediction."""
        proba = [self.cells[column.name] for column in self.columns if column.stage == PROBA]
        return {**({PROBA: np.stack(proba, axis=1)} if proba else {}), PREDICTION: self.y_pred}

    @property
    def stage_cells(self) -> dict[Column, Cells]:
        """Return the columns that hold stages."""
        return {column: self.cells[column.name] for column in self.columns if column.stage}

    @property
    def realised(self) -> NDArray[np.bool_]:
        """Return which rows can be scored, (n,)."""
        if self.y_true.dtype.kind == "U":
            return np.asarray(self.y_true != "")
        return ~np.isnan(self.y_true) if self.y_true.dtype.kind == "f" else np.ones(self.y_true.size, np.bool_)


def make_evaluation(keys: Mapping[str, Cells], y_true: Cells, laid_out: Mapping[Column, Cells]) -> Evaluation:
    """Return the evaluation of rows with these key columns; see `lay_out_stages` for the rest."""
    beside = {Column(name, _cell_type(cells)): cells for name, cells in {**keys, Y_TRUE: y_true}.items()}
    columns = {**beside, **laid_out}
    return Evaluation(tuple(columns), {column.name: cells for column, cells in columns.items()})


def lay_out_stages(stages: Stages, classes: Labels, kept: Sequence[str] | None = None) -> dict[Column, Cells]:
    """Return the columns of the stages: the prediction, a probability for each class, then the stages before them.

    A stage of one number a row is kept as it is, a wider one as the SHA-256 of each row; see `digest_rows`. With
    `kept` only those stages are laid out.
    """
    prediction = stages[PREDICTION]
    columns = {Column(Y_PRED, _cell_type(prediction), PREDICTION): prediction}
    if PROBA in stages:
        for place, label in enumerate(classes):
            name = PROBA_COLUMN.format(label)
            columns[Column(name, "float64", PROBA)] = np.ascontiguousarray(stages[PROBA][:, place])
    for name, values in stages.items():
        if name not in (PREDICTION, PROBA) and (kept is None or name in kept):
            cells = values if values.ndim == 1 else np.array(digest_rows(values))
            columns[Column(name, "sha256" if values.ndim > 1 else _cell_type(values), name)] = cells
    return columns


def _cell_type(values: Cells) -> CellType:
    types: dict[str, CellType] = {"M": "date", "f": "float64", "i": "int64", "b": "bool", "U": "text"}
    return types[values.dtype.kind]


def write_evaluation(evaluation: Evaluation) -> str:
    """Return the evaluation as CSV; floats in their shortest round-trip form, what is unknown empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in evaluation.columns)
    writer.writerows(zip(*(_write_column(evaluation.cells[each.name]) for each in evaluation.columns), strict=True))
    return text.getvalue()


def digest_column(cells: Cells) -> str:
    """Return the SHA-256 of a column: of its cells as `write_evaluation` writes them, each ended by a line feed."""
    return hashlib.sha256("".join(f"{cell}\n" for cell in _write_column(cells)).encode()).hexdigest()


def _write_column(values: Cells) -> list[str]:
    if values.dtype.kind == "f":
        return ["" if value != value else repr(value) for value in values.tolist()]  # noqa: PLR0124 -- NaN alone differs
    if values.dtype.kind == "M":
        return ["" if day is None else str(day) for day in values.tolist()]
    return [str(value) for value in values.tolist()]


def parse_evaluation(text: str, columns: Sequence[Column]) -> Evaluation:
    """Return the evaluation that `write_evaluation` wrote, to the bit; raise `InvalidBundle` for anything else."""
    try:
        header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    except csv.Error as error:
        raise InvalidBundle(f"{EVALUATION_FILE}: {error}") from error
    names = [column.name for column in columns]
    if header != names or not rows or not {Y_TRUE, Y_PRED} <= set(names):
        raise InvalidBundle(f"{EVALUATION_FILE}: expected the columns {', '.join(names)} and at least one row")
    try:
        cells = dict(zip(names, zip(*rows, strict=True), strict=True))
        read = {column.name: _read_column(column, cells[column.name]) for column in columns}
    except (ValueError, OverflowError) as error:
        raise InvalidBundle(f"{EVALUATION_FILE}: {error}") from error
    for name in {names[0], CLOSE, Y_PRED} & set(names):
        if "" in cells[name]:
            raise InvalidBundle(f"{EVALUATION_FILE}: a row without {name}")
    return Evaluation(tuple(columns), read)


def _read_column(column: Column, cells: Sequence[str]) -> Cells:
    if column.type == "date":
        return np.array([cell or "NaT" for cell in cells], "datetime64[D]")
    if column.type == "float64":
        return np.array([float(cell or "nan") for cell in cells])
    if column.type == "int64":
        return np.array([int(cell) for cell in cells], np.int64)
    return np.array([_read_bool(cell) for cell in cells]) if column.type == "bool" else np.array(cells)


def _read_bool(cell: str) -> bool:
    if cell not in ("True", "False"):
        raise ValueError(f"{cell[:20]!r} is not True or False")
    return cell == "True"
