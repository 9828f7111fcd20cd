"""Whether the prices of a file are those that a model was evaluated on."""

from typing import Literal

import msgspec
import numpy as np

from lockstep.data.bars import Array, Dates
from lockstep.errors import LockstepError

SAME_PRICE = 1e-6
"""How far, relatively, closes may differ that are the same but for rounding to fewer digits than a price has."""
SAME_MOVE = 1e-3
"""How far the moves from bar to bar may differ: a price of 10 in whole cents moves so by rounding alone."""
MOST_OTHER_MOVES = 0.05
"""Beyond this share of other moves, the file is not of the same series; dividends change one of 63."""

Kind = Literal["none", "equal", "scaled", "changed"]


class OtherPrices(LockstepError):
    """A file whose moves are not those of the model's own bars."""


class Overlap(msgspec.Struct, frozen=True):
    """How the closes of a file differ from those that a service holds of the same dates, oldest first.

    `kind` is `equal`, `scaled` if all differ by one `factor`, `changed` if the factor changes, first on
    `first_change`, and `none` without a common date. `says` is what it means.
    """

    bars: int
    different: int
    kind: Kind
    factor: float | None
    first_change: str | None
    says: str


def compare_closes(dates: Dates, stored: Array, filed: Array) -> Overlap:
    """Return how the closes of the same dates compare, all (n,), oldest first; raise `OtherPrices`."""
    if not dates.size:
        says = "the file has no bar of the evaluated dates, so its adjustment could not be compared"
        return Overlap(0, 0, "none", None, None, says)
    ratios = filed / stored
    different = int(np.count_nonzero(np.abs(ratios - 1.0) > SAME_PRICE))
    if not different:
        return Overlap(dates.size, 0, "equal", None, None, f"all {dates.size} common closes are equal")
    changes = 1 + np.flatnonzero(np.abs(ratios[1:] / ratios[:-1] - 1.0) > SAME_MOVE)
    if changes.size > MOST_OTHER_MOVES * dates.size:
        raise OtherPrices(
            f"{changes.size} of {dates.size - 1} moves from close to close are not those of the stored bars, first on "
            f"{dates[changes[0]]}: the file is of another series; expected prices of the model's own symbol"
        )
    if changes.size:
        return _describe_changes(dates, ratios, changes, different)
    factor = float(np.median(ratios))
    if abs(factor - 1.0) <= SAME_MOVE:
        says = f"all {dates.size} common closes are equal, but for {different} that were rounded otherwise"
        return Overlap(dates.size, different, "equal", None, None, says)
    says = (
        f"{different} of {dates.size} common closes are {factor:.6g} times the stored ones: the prices were adjusted "
        "again, as after a dividend or a split. Returns stay as they are, so forecasts can be compared"
    )
    return Overlap(dates.size, different, "scaled", factor, None, says)


def _describe_changes(dates: Dates, ratios: Array, changes: np.ndarray, different: int) -> Overlap:
    first = int(changes[0])
    says = (
        f"{different} of {dates.size} common closes differ, by a factor that changes {changes.size} time(s), first on "
        f"{dates[first]} from {ratios[first - 1]:.6g} to {ratios[first]:.6g}: the file is adjusted otherwise than the "
        "stored bars, or has corrected prices. Its moves on those dates are not those that the model learned"
    )
    return Overlap(dates.size, different, "changed", None, str(dates[first]), says)
