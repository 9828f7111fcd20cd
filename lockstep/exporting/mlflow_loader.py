"""What MLflow loads of an exported model: the bundle, which answers with the prediction that every route has.

MLflow imports this module by the name that MLmodel holds. It hands over frames of pandas, which is not imported here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.loading import Selection, load_registry
from lockstep.bundles.registry import Registry
from lockstep.data.bars import DATE
from lockstep.data.cells import Cells, NoCell
from lockstep.data.schema import BarsSchema, normalise_column
from lockstep.doors.answers import spread
from lockstep.doors.body import Cell
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.posted import require_rows
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.score import ANY_KIND, Schema, ScoringRequest, score

HISTORIES = ("stored", "none")


@dataclass(frozen=True)
class FrameTable:
    """Rows as a DataFrame of pandas."""

    frame: Any

    def __len__(self) -> int:
        return len(self.frame)

    def read_columns(self, schema: Schema) -> tuple[Sequence[str], Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if there are no rows.

        Bars without a column of dates have them in the index.
        """
        require_rows(self)
        names = [str(name) for name in self.frame.columns]
        columns = [_read_cells(self.frame.iloc[:, place]) for place in range(len(names))]
        if isinstance(schema, BarsSchema) and DATE not in map(normalise_column, names):
            labels = _read_cells(self.frame.index.to_series())
            if all(isinstance(label, str) for label in labels):
                return [*names, DATE], [*columns, labels]
        return names, columns


@dataclass(frozen=True)
class ExportedModel:
    """The model that MLflow calls."""

    registry: Registry

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> NDArray[Any]:
        """Return a prediction for each row of a DataFrame; None if there is no forecast. Raises a `LockstepError`."""
        table, history = FrameTable(model_input), (params or {}).get("history", "stored")
        if history not in HISTORIES:
            raise InvalidInput([Problem(None, "history", f"{history!r:.40} is none of {', '.join(HISTORIES)}")])
        answer = score(self.registry, ScoringRequest(table, JSON_CELLS, len(table), history=history, kinds=ANY_KIND))
        forecast = answer.forecast
        predictions = spread(forecast, len(table), forecast.prediction)
        is_whole = forecast.rows.size == len(table)
        return np.array(predictions, forecast.prediction.dtype if is_whole else object)


def _load_pyfunc(path: str) -> ExportedModel:
    """Load and self-check the version in a folder; raise a `LockstepError` if it must not answer."""
    return ExportedModel(load_registry(Selection((Path(path),))))


def _read_cells(values: Any) -> list[Cell]:
    """Return the cells of a Series; a missing one is None, whatever stands for it."""
    return [_read_cell(cell) for cell in values.astype(object).where(values.notna(), None).tolist()]


def _read_cell(cell: Any) -> Cell:
    if cell is None or (isinstance(cell, str | int | float) and not isinstance(cell, bool)):
        return cell
    return str(cell.isoformat()) if hasattr(cell, "isoformat") else NoCell(str(cell))
