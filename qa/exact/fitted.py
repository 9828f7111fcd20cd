"""Random rows of numbers and of text, and what is fitted on the later two thirds of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from qa.exact.instances import Instance

N_ROWS = 300
N_COLUMNS = 4
WORDS = ("amber", "blue", "coral", "dun", "ecru")
SHARES = (0.4, 0.3, 0.2, 0.07, 0.03)
GAPS = 0.2

Rows = Array | tuple[NDArray[Any], ...]


def make_numbers(number: int, gaps: float = 0.0) -> Array:
    """Return rows (n, k) of numbers: several columns, one, or a constant one among them, the share `gaps` NaN."""
    random = np.random.default_rng(number)
    rows = random.normal(size=(N_ROWS, 1 if number % 3 == 1 else N_COLUMNS), scale=7.0) * 10.0 ** random.integers(-3, 4)
    if number % 3 == 2:
        rows[:, 0] = 2.5
    rows[random.random(rows.shape) < gaps] = np.nan
    rows[: N_ROWS // 3] *= 3.0  # beyond the range of the rows that are fitted on
    rows[0] = -0.0
    return rows


def make_words(number: int, gaps: float = 0.0) -> tuple[NDArray[Any], ...]:
    """Return two columns of text, some of it rare, the share `gaps` None."""
    random = np.random.default_rng(number)
    columns = []
    for _ in range(2):
        column = random.choice(np.array(WORDS, dtype=object), size=N_ROWS, p=SHARES)
        column[random.random(N_ROWS) < gaps] = None
        columns.append(column)
    return tuple(columns)


def make_mixed(number: int) -> tuple[NDArray[Any], ...]:
    """Return three columns of numbers with gaps and two of text with gaps."""
    random = np.random.default_rng(number)
    rows = random.normal(size=(N_ROWS, 3))
    rows[random.random(rows.shape) < GAPS] = np.nan
    return (*(column.copy() for column in rows.T), *make_words(number, GAPS))


def fit_step(step: Any, rows: Rows) -> Instance:
    """Return a transformer fitted on the later two thirds of the rows."""
    instance = Instance(step, rows)
    step.fit(instance.cells[N_ROWS // 3 :])
    return instance


def fit_model(model: Any, rows: Rows) -> Instance:
    """Return a model fitted on the later two thirds of the rows and a random target."""
    instance = Instance(model, rows)
    target = np.random.default_rng(0).uniform(1.0, 9.0, size=N_ROWS)
    model.fit(instance.cells[N_ROWS // 3 :], target[N_ROWS // 3 :])
    return instance
