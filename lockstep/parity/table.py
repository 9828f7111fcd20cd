"""A model of a table and the service that should predict as it does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.table import TableBundle
from lockstep.data.column import ColumnSchema
from lockstep.data.table import TableRows
from lockstep.parity.answers import Answer
from lockstep.parity.client import History
from lockstep.parity.compare import Posted
from lockstep.parity.subject import Subject, Trace
from lockstep.predict.forecast import Forecast

MISSING_SHARE = 0.1
"""How many of the changed cells are missing, in a column that takes missing values."""
WRONG_INDEX = "the index of the answered frame does not count the rows as they were posted"


@dataclass(frozen=True)
class Keyed:
    """Rows of a table and the key of each."""

    keys: list[str]
    rows: TableRows

    def __len__(self) -> int:
        return len(self.keys)

    def select(self, places: slice | NDArray[np.intp]) -> "Keyed":
        """Return the rows at `places`, in that order."""
        return Keyed(np.array(self.keys)[places].tolist(), self.rows.select(places))

    def write_cells(self) -> list[list[Any]]:
        """Return the cells by row, as JSON writes them, None if missing."""
        columns = zip(self.rows.schema.columns, self.rows.columns, strict=True)
        return [list(row) for row in zip(*(column.write(values) for column, values in columns), strict=True)]


@dataclass(frozen=True)
class TableSubject(Subject):
    """A service and the bundle of a table: rows are posted, whose keys stay here."""

    bundle: TableBundle

    route: ClassVar[str] = "/v1/predict"

    @cached_property
    def tested(self) -> Keyed:
        """Return the held-out rows."""
        return Keyed(self.bundle.held_out.row_ids, self.bundle.held_out.rows)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the names of the columns that the model reads."""
        return tuple(self.bundle.schema.names)

    def list_keys(self, rows: Keyed) -> list[str]:
        """Return the ids of the rows."""
        return rows.keys

    def forecast(self, rows: Keyed, history: History = "stored") -> Forecast:
        """Return the local prediction of the rows."""
        return self.bundle.predict(rows.rows)

    def change(self, rows: Keyed, rng: np.random.Generator) -> Keyed:
        """Return rows of the same keys whose cells are drawn anew, within what was learned; see `change_cells`."""
        held = zip(rows.rows.schema.columns, self.tested.rows.columns, strict=True)
        changed = tuple(change_cells(column, values, len(rows), rng) for column, values in held)
        return Keyed(rows.keys, replace(rows.rows, columns=changed))

    def write_body(self, posted: Posted, trace: Trace | None) -> bytes:
        """Return the body that posts the rows, with the model and version that are asked."""
        body = {"dataframe_split": {"columns": self.inputs, "data": posted.rows.write_cells()}}
        return msgspec.json.encode({**body, **({"trace": trace} if trace else {}), **self.client.named})

    def ask(self, posted: Posted) -> Answer:
        """Return what `/v1/predict` answers; the keys are those of the rows, in the order posted."""
        return self.client.post_rows(self.write_body(posted, "digests"), posted.rows.keys)

    def find_frame_faults(self, rows: Keyed, answer: Answer) -> tuple[str, ...]:
        """Return that the rows are not counted in the order posted, if so."""
        return () if answer.columns.get("index") == list(range(len(rows))) else (WRONG_INDEX,)


def change_cells(column: ColumnSchema, held: NDArray[Any], count: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return `count` cells of a column, drawn within its learned range or categories.

    A text is made of the words of a `held` one, in another order. Some cells are missing if the column takes that.
    """
    draw = _draw_numbers if column.kind == "number" else _draw_texts
    cells = draw(column, held, count, rng)
    if column.takes_missing:
        cells[rng.random(count) < MISSING_SHARE] = np.nan if column.kind == "number" else None
    return cells


def _draw_numbers(column: ColumnSchema, held: NDArray[Any], count: int, rng: np.random.Generator) -> NDArray[Any]:
    if column.minimum is None or column.maximum is None:
        return np.resize(held, count)
    drawn = rng.uniform(column.minimum, column.maximum, count)
    return np.rint(drawn) if column.type == "integer" else drawn


def _draw_texts(column: ColumnSchema, held: NDArray[Any], count: int, rng: np.random.Generator) -> NDArray[Any]:
    known: Sequence[str] = column.categories or [text for text in held.tolist() if text is not None]
    drawn = [known[place] for place in rng.integers(len(known), size=count)]
    if not column.categories:
        drawn = [" ".join(rng.permutation(text.split(" ")).tolist()) for text in drawn]
    return np.array([*drawn, None], object)[:-1]  # an array of objects, whatever the texts are
