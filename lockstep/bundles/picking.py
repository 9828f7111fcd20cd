"""The series of a panel that a process was asked for: each is checked at its first request, and the latest are kept."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.series import SeriesBundle
from lockstep.errors import EvaluationMismatch, LockstepError, UnprovenSeries
from lockstep.features.sources import describe_raised

log = logging.getLogger(__name__)

Gate = Literal["enforce", "warn"]
"""What a failed self-check does: it is final, or it is told and the answer given all the same."""
MAX_KEPT = 256
"""How many series of a panel a process keeps; the bars of one with 3,000 are 120 kB."""


@dataclass(frozen=True)
class Picked:
    """A series of a panel, and how its evaluation was recomputed; `fault` is None if every bit agreed."""

    bundle: SeriesBundle
    rows: int
    duration_s: float
    fault: str | None = None


class PickedSeries:
    """What a process knows of the series of one panel: `proven` are those whose evaluation was reproduced here.

    `failed` says why others must not be served, by symbol. Both grow with what is asked for, never beyond the panel.
    """

    def __init__(self, panel: PanelBundle, gate: Gate) -> None:
        self.panel, self._gate = panel, gate
        self._keep = lru_cache(MAX_KEPT)(self._load)
        self.proven: set[str] = set()
        self.failed: dict[str, str] = {}

    def pick(self, symbol: str) -> Picked:
        """Return a series; raise `UnknownSymbol`, or `UnprovenSeries` for one that must not be served.

        A series whose bytes or answers are others is not tried again in this process. After any other error, such as
        one that the code of a feature set raised, the next request tries again.
        """
        self.panel.index.find(symbol)
        if symbol in self.failed:
            raise UnprovenSeries(self.failed[symbol])
        try:
            return self._keep(symbol)
        except LockstepError as error:
            reason = self.failed[symbol] = self._describe(symbol, str(error))
            raise UnprovenSeries(reason) from error
        except Exception as error:  # the code of a feature set may raise anything
            raise UnprovenSeries(self._describe(symbol, f"the self-check raised {describe_raised(error)}")) from error

    def _load(self, symbol: str) -> Picked:
        """Return a series; its bytes are compared each time, and its evaluation is recomputed once."""
        started, fault = time.perf_counter(), None
        bundle = self.panel.pick(symbol)
        if symbol not in self.proven:
            fault = self._check(bundle)
        return Picked(bundle, len(bundle.evaluation.keys), time.perf_counter() - started, fault)

    def _check(self, bundle: SeriesBundle) -> str | None:
        symbol = bundle.manifest.symbol
        try:
            check_evaluation(bundle)
        except EvaluationMismatch as error:
            if self._gate == "enforce":
                raise
            log.critical("LOCKSTEP_GATE=warn: serving %s although its self-check failed: %s", symbol, error)
            return str(error)
        self.proven.add(symbol)
        return None

    def _describe(self, symbol: str, error: str) -> str:
        reason = f"the series {symbol} is not served, the others are: {error}"
        log.error("%s", reason)
        return reason
