"""Cells of a table that no file holds: within what was learned, and sometimes beyond it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.column import ColumnSchema
from lockstep.parity.draws import Draws

ONE_MISSING_IN, ONE_BEYOND_IN = 10, 20
"""How many of the drawn cells are missing, in a column that takes that, and how many beyond what was learned."""
UNLEARNED = "\u2205 never learned"
"""A category that no file has."""


def change_cells(column: ColumnSchema, held: NDArray[Any], count: int, draws: Draws) -> NDArray[Any]:
    """Return `count` cells of a column, drawn within its learned range or categories, a few of them beyond.

    A text is made of the words of a `held` one, in another order. Some cells are missing if the column takes that.
    """
    draw = _draw_numbers if column.kind == "number" else _draw_texts
    cells = draw(column, held, count, draws)
    if column.takes_missing:
        cells[draws.pick(count, ONE_MISSING_IN) == 0] = np.nan if column.kind == "number" else None
    return cells


def _draw_numbers(column: ColumnSchema, held: NDArray[Any], count: int, draws: Draws) -> NDArray[Any]:
    if column.minimum is None or column.maximum is None:
        return np.resize(held, count)
    drawn = draws.uniform(column.minimum, column.maximum, count)
    beyond = draws.pick(count, ONE_BEYOND_IN) == 0
    drawn[beyond] += column.maximum - column.minimum
    return np.rint(drawn) if column.type == "integer" else drawn


def _draw_texts(column: ColumnSchema, held: NDArray[Any], count: int, draws: Draws) -> NDArray[Any]:
    known: Sequence[str] = column.categories or [text for text in held.tolist() if text is not None]
    drawn = [known[place] for place in draws.pick(count, len(known)).tolist()]
    if not column.categories:
        drawn = [" ".join(draws.shuffle(text.split(" "))) for text in drawn]
    elif not column.refuses_unseen:
        beyond = draws.pick(count, ONE_BEYOND_IN).tolist()
        drawn = [text if place else UNLEARNED for text, place in zip(drawn, beyond, strict=True)]
    return np.array([*drawn, None], object)[:-1]  # an array of objects, whatever the texts are
