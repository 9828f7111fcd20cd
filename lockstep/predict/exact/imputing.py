"""Values for missing cells: NaN in a column of numbers, None in one of text."""

import numpy as np

from lockstep.predict.exact.columns import column_of, count_rows, join_columns
from lockstep.predict.exact.form import Inputs, Kind, Kinds, Step, Transform, numbers, require


class Imputer(Step, frozen=True, tag="imputer"):
    """A SimpleImputer: one value for each column, and a column of 0 and 1 for each that had gaps when it was fitted.

    `fill` has a number or a str for each column, and None for a column that is dropped. `indicated` int64 (m,) are
    the columns that an indicator follows for, after all of the others.
    """

    fill: list[float | str | None]
    indicated: np.ndarray

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        require(len(self.fill) == len(kinds), f"an imputer of {len(self.fill)} columns meets {len(kinds)}")
        for kind, value in zip(kinds, self.fill, strict=True):
            _check_fill(kind, value)
        indicated = self.indicated
        require(indicated.dtype == np.int64 and indicated.ndim == 1, "the indicators of an imputer are no positions")
        inside = (indicated >= 0) & (indicated < len(kinds))
        require(inside.all() and (np.diff(indicated) > 0).all(), "the indicators of an imputer are not its columns")
        outputs = (*(kinds[position] for position in self.kept), *numbers(indicated.size))
        return outputs, lambda inputs: self._transform(inputs, outputs)

    @property
    def kept(self) -> list[int]:
        """Return the positions of the columns that are not dropped."""
        return [position for position, value in enumerate(self.fill) if value is not None]

    def _transform(self, inputs: Inputs, kinds: Kinds) -> Inputs:
        columns = [_fill(column_of(inputs, position), self.fill[position]) for position in self.kept]
        gaps = [is_missing(column_of(inputs, int(position))).astype(np.float64) for position in self.indicated]
        return join_columns(columns + gaps, kinds, count_rows(inputs))


def is_missing(column: np.ndarray) -> np.ndarray:
    """Return a mask (n,) of the missing cells."""
    if column.dtype == np.object_:
        return np.array([cell is None for cell in column], dtype=bool)
    return np.isnan(column)


def _fill(column: np.ndarray, value: float | str | None) -> np.ndarray:
    filled = column.copy()
    filled[is_missing(column)] = value
    return filled


def _check_fill(kind: Kind, value: float | str | None) -> None:
    if value is None:
        return
    require(isinstance(value, str) == (kind == "text"), "an imputer fills a column with values of another kind")
    require(isinstance(value, str) or np.isfinite(value), "an imputer fills with a number that is not finite")
