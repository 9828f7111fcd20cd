"""The local evaluation: one row a test bar, and the file that parity is measured against."""

import csv
import io
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Dates
from lockstep.errors import InvalidBundle
from lockstep.predict.forecast import PREDICTION, Stages
from lockstep.predict.trace import digest_rows

EVALUATION_FILE = "evaluation.csv"


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column of `evaluation.csv`: its name, the type of its cells, and the stage that it holds, if any.

    A `sha256` stands for a row of a stage that is too wide to be read.
    """

    name: str
    type: Literal["date", "float64", "int64", "sha256"]
    stage: str | None = None


KEYS = (
    Column("date", "date"),
    Column("forecast_date", "date"),
    Column("close", "float64"),
    Column("y_true", "float64"),
    Column("y_pred", "float64", PREDICTION),
)


@dataclass(frozen=True)
class Evaluation:
    """One row for each test bar, oldest first.

    `y_true` and `y_pred` are gross returns; `y_true` is NaN for the newest bar, whose next bar is not there yet.
    `forecast_dates` are NaT beyond the calendar. `stages` holds each stage but the last as `summarize_stage` makes it:
    stages may differ where the prediction does not.
    """

    dates: Dates
    forecast_dates: Dates
    close: Array
    y_true: Array
    y_pred: Array
    stages: Stages

    @property
    def realised(self) -> NDArray[np.bool_]:
        """Return which rows can be scored."""
        return ~np.isnan(self.y_true)

    @property
    def columns(self) -> list[Column]:
        """Return the columns of the file."""
        stages = [Column(name, _cell_type(values), name) for name, values in self.stages.items()]
        return [*KEYS, *stages]


def summarize_stage(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a stage's values if they are one number a row, else the SHA-256 of each row; see `digest_rows`."""
    return values if values.ndim == 1 else np.array(digest_rows(values))


def _cell_type(values: NDArray[np.generic]) -> Literal["float64", "int64", "sha256"]:
    if values.dtype.kind == "U":
        return "sha256"
    return "int64" if values.dtype.kind == "i" else "float64"


def write_evaluation(evaluation: Evaluation) -> str:
    """Return the evaluation as CSV; floats in their shortest round-trip form, what is unknown empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in evaluation.columns)
    keys = (evaluation.dates, evaluation.forecast_dates, evaluation.close, evaluation.y_true, evaluation.y_pred)
    columns = [_write_column(values) for values in (*keys, *evaluation.stages.values())]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _write_column(values: NDArray[np.generic]) -> list[str]:
    if values.dtype.kind == "f":
        return ["" if value != value else repr(value) for value in values.tolist()]  # noqa: PLR0124 -- NaN alone differs
    if values.dtype.kind == "M":
        return ["" if day is None else str(day) for day in values.tolist()]
    return [str(value) for value in values.tolist()]


def parse_evaluation(text: str, columns: list[Column]) -> Evaluation:
    """Return the evaluation that `write_evaluation` wrote, to the bit; raise `InvalidBundle` for anything else."""
    try:
        header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    except csv.Error as error:
        raise InvalidBundle(f"{EVALUATION_FILE}: {error}") from error
    names = [column.name for column in columns]
    if header != names or not rows or tuple(columns[: len(KEYS)]) != KEYS:
        raise InvalidBundle(f"{EVALUATION_FILE}: expected the columns {', '.join(names)} and at least one row")
    try:
        cells = dict(zip(names, zip(*rows, strict=True), strict=True))
        read = {column.name: _read_column(column, cells[column.name]) for column in columns}
    except (ValueError, OverflowError) as error:
        raise InvalidBundle(f"{EVALUATION_FILE}: {error}") from error
    dates, forecast_dates, close, y_true, y_pred = (read.pop(key.name) for key in KEYS)
    if np.isnan(y_pred).any() or np.isnan(close).any() or np.isnat(dates).any():
        raise InvalidBundle(f"{EVALUATION_FILE}: a row without a date, a close or a prediction")
    stages = {column.stage or column.name: read[column.name] for column in columns[len(KEYS) :]}
    return Evaluation(dates, forecast_dates, close, y_true, y_pred, stages)


def _read_column(column: Column, cells: tuple[str, ...]) -> NDArray[Any]:
    if column.type == "date":
        return np.array([cell or "NaT" for cell in cells], "datetime64[D]")
    if column.type == "float64":
        return np.array([float(cell or "nan") for cell in cells])
    return np.array([int(cell) for cell in cells], np.int64) if column.type == "int64" else np.array(cells)
