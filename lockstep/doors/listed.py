"""Every door of the service, in the order of the reference: our own API, then the contracts of others."""

from lockstep.doors import azure, backtest, plain, predict, table, v1
from lockstep.doors.door import Door
from lockstep.doors.mlflow import door as mlflow
from lockstep.doors.oip import door as oip

DOORS: tuple[Door, ...] = (
    v1.DOOR,
    table.DOOR,
    backtest.DOOR,
    plain.DOOR,
    predict.DOOR,
    azure.DOOR,
    mlflow.DOOR,
    mlflow.ENDPOINTS,
    oip.DOOR,
)
PREFIXES = sorted(((door.prefix, door) for door in DOORS), key=lambda each: len(each[0]), reverse=True)
"""Every prefix and its door, the longest first."""


def find_door(path: str) -> Door | None:
    """Return the door that a path leads to, whether or not there is such a route; None if there is no such door."""
    return next((door for prefix, door in PREFIXES if path == prefix or path.startswith(f"{prefix}/")), None)
