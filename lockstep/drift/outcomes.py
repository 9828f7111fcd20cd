"""What came true of forecast bars, from the closes that were answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lockstep.bundles.entries import DOWN, UP
from lockstep.drift.samples import Columns

NEAR = 1e-9
"""How far a return that was evaluated may be from the quotient of the answered closes."""
KNOWN_TARGETS: tuple[Callable[[float, float], float | str], ...] = (
    lambda later, close: later / close,
    lambda later, close: UP if later > close else DOWN,
)
"""The targets that Lockstep brings, of the later close and that of the row."""

BuildOutcome = Callable[[float, float], float | str]


def find_target(columns: Columns, outcomes: Sequence[Any]) -> BuildOutcome | None:
    """Return what makes the outcomes of evaluated rows from their closes; None if it is neither of the known ones."""
    for build in KNOWN_TARGETS:
        rebuilt = list_outcomes(columns, build)
        if all(_are_near(one, other) for one, other in zip(rebuilt, outcomes, strict=True)):
            return build
    return None


def list_outcomes(columns: Columns, build: BuildOutcome) -> list[float | str | None]:
    """Return what came true of each row, None if it is not known yet."""
    close_of: Mapping[str, float] = dict(zip(columns["date"], columns["close"], strict=True))
    rows = zip(columns["forecast_date"], columns["close"], strict=True)
    return [build(close_of[date], close) if date in close_of else None for date, close in rows]


def _are_near(rebuilt: Any, stated: Any) -> bool:
    if isinstance(rebuilt, float) and isinstance(stated, float):
        return abs(rebuilt - stated) <= NEAR * abs(stated)
    return bool(rebuilt == stated)
