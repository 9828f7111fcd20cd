"""The stages of the same rows as expected and as served, value by value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.parity.answers import ROWS
from lockstep.parity.posted import Posted
from lockstep.parity.reference import Reference
from lockstep.parity.subject import Subject
from lockstep.predict.guarantees import BITS, find_broken

NO_TRACE = (AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError)
"""What a trace of another form raises when it is read."""


@dataclass(frozen=True)
class Sides:
    """Both sides of one request; `served` has the reference's rows, its stages in the order in which they follow."""

    reference: Reference
    served: Mapping[str, NDArray[Any]]
    guarantees: Mapping[str, str]

    def local(self, stage: str) -> NDArray[Any]:
        """Return what is expected of a stage."""
        return _as_plain(self.reference.stages[stage])

    def differing(self, stage: str) -> NDArray[np.bool_]:
        """Return which values of a stage are not as guaranteed: the same bits, if nothing else is."""
        return find_broken(self.guarantees.get(stage, BITS), self.local(stage), self.served[stage])

    @property
    def first_stage(self) -> str | None:
        """Return the first stage that differs."""
        return next((stage for stage in self.served if self.differing(stage).any()), None)

    def serves_alike(self, other: "Sides", row: int) -> bool:
        """Return whether the one row here is served as it was among the others."""
        return all(values[0].tobytes() == other.served[stage][row].tobytes() for stage, values in self.served.items())


def read_sides(subject: Subject, posted: Posted) -> Sides:
    """Post once more, asking for values; raise one of `NO_TRACE` if there is not one for each that is expected."""
    reference, demand = subject.expect(posted), subject.demand
    keys = subject.list_keys(posted.rows)
    body = subject.write_body(posted.rows, posted.history, "values", posted.sent.levels)
    trace = subject.client.post_for_values(subject.route, body)
    rows = [trace[ROWS].index(keys.index(key)) for key in reference.keys]
    served = {}
    for stage in filter(reference.stages.__contains__, subject.compared_stages):
        local = _as_plain(reference.stages[stage])
        values = np.array(trace[stage], dtype=None if local.dtype.kind == "U" else local.dtype)[rows]
        if values.shape != local.shape or values.dtype.kind != local.dtype.kind:
            raise ValueError(f"the stage {stage} is {values.dtype} {values.shape}, not {local.dtype} {local.shape}")
        served[stage] = _as_plain(values)
    return Sides(reference, served, demand.guarantees)


def _as_plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return the values with the one NaN that a missing value of JSON becomes."""
    return np.where(np.isnan(values), np.nan, values) if values.dtype.kind == "f" else values
