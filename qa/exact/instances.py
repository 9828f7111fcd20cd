"""What is compared: a fitted object of a family, and the rows that both it and its exact form answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.predict.derive.families import BITS
from lockstep.predict.exact.form import Inputs, Kind, Kinds


@dataclass(frozen=True)
class Instance:
    """A fitted transformer, estimator or Pipeline, and rows for it; rows are float64 (n, k) unless a column is text."""

    fitted: Any
    rows: Inputs

    @property
    def kinds(self) -> Kinds:
        """Return what each column of the rows holds."""
        return tuple(_kind(column) for column in columns_of(self.rows))

    @property
    def cells(self) -> NDArray[Any]:
        """Return the rows as scikit-learn reads them: (n, k), of objects if a column is text."""
        if isinstance(self.rows, np.ndarray):
            return self.rows
        return np.column_stack([column.astype(object) for column in self.rows])

    def head(self, n_rows: int) -> "Instance":
        """Return the same object with its first rows, repeated from the start if there are fewer."""
        places = np.arange(n_rows) % len(columns_of(self.rows)[0])
        if isinstance(self.rows, np.ndarray):
            return Instance(self.fitted, self.rows[places])
        return Instance(self.fitted, tuple(column[places] for column in self.rows))


@dataclass(frozen=True)
class Family:
    """Instances of one class: `make` returns number 0, 1, … up to `n_instances`, each with its own data and parameters.

    `bound` is how far the numbers may be from scikit-learn's, relative to the largest of the array; `BITS` for none.
    Instance number `timed` is the one whose times are taken.
    """

    name: str
    make: Callable[[int], Instance]
    n_instances: int = 3
    bound: float = BITS
    timed: int = -1


def name_instances(families: Iterable[Family]) -> dict[str, Callable[[], Instance]]:
    """Return the makers of all instances by a name for each, such as `Ridge-2`; for `pytest.mark.parametrize`."""
    return {
        f"{family.name}-{number}": lambda family=family, number=number: family.make(number)  # type: ignore[misc]
        for family in families
        for number in range(family.n_instances)
    }


def columns_of(rows: Inputs) -> tuple[NDArray[Any], ...]:
    """Return the rows column by column, each (n,)."""
    return tuple(rows.T) if isinstance(rows, np.ndarray) else rows


def _kind(column: NDArray[Any]) -> Kind:
    return "text" if column.dtype == object else "number"
