"""What a running process holds: its settings, its bundles and how their self-checks went."""

import logging
import time
from dataclasses import dataclass

from lockstep.bundles.bundle import Bundle, load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.errors import EvaluationMismatch
from lockstep.scoring.errors import UnknownSymbol
from lockstep.scoring.settings import Settings, SettingsError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SelfCheck:
    """Hold the outcome of recomputing a bundle's evaluation at boot; `fault` is None where every bit agreed."""

    rows: int
    duration_s: float
    fault: str | None = None


@dataclass(frozen=True)
class Service:
    """Hold the bundles by symbol, the first of them the default, and a self-check for each."""

    settings: Settings
    bundles: dict[str, Bundle]
    self_checks: dict[str, SelfCheck]

    @property
    def default(self) -> Bundle:
        """Return the bundle that answers where no symbol is named."""
        return next(iter(self.bundles.values()))

    def pick(self, symbol: str | None) -> Bundle:
        """Return the bundle of a symbol, the default where it is None; raise `UnknownSymbol`."""
        if symbol is None:
            return self.default
        if symbol not in self.bundles:
            raise UnknownSymbol(f"no bundle for {symbol[:20]!r}; this service forecasts {', '.join(self.bundles)}")
        return self.bundles[symbol]

    @property
    def faults(self) -> list[str]:
        """Return why the service is not ready; empty where it is."""
        return [check.fault for check in self.self_checks.values() if check.fault]


def load_service(settings: Settings) -> Service:
    """Load and self-check every bundle; raise a `BundleError` where one must not be served.

    With the gate at `warn` a failed self-check is logged and shown by `/ready` instead.
    """
    bundles: dict[str, Bundle] = {}
    for folder in settings.bundles:
        bundle = load_bundle(folder)
        if bundle.manifest.symbol in bundles:
            raise SettingsError(f"LOCKSTEP_BUNDLES: two bundles forecast {bundle.manifest.symbol}; serve one of them")
        bundles[bundle.manifest.symbol] = bundle
    checks = {symbol: _run_self_check(bundle, settings.gate) for symbol, bundle in bundles.items()}
    return Service(settings, bundles, checks)


def _run_self_check(bundle: Bundle, gate: str) -> SelfCheck:
    started = time.perf_counter()
    try:
        rows, duration_s = check_evaluation(bundle), time.perf_counter() - started
        log.info("%s: %d evaluation rows reproduced, to the bit, in %.2f s", bundle.manifest.name, rows, duration_s)
        return SelfCheck(rows, duration_s)
    except EvaluationMismatch as error:
        if gate == "enforce":
            raise
        log.critical("LOCKSTEP_GATE=warn: serving although the self-check failed: %s", error)
        return SelfCheck(0, time.perf_counter() - started, str(error))
