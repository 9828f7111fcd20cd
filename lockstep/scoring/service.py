"""What a running process holds: its settings, its bundles and how their self-checks went."""

import logging
import time
from dataclasses import dataclass

from lockstep.bundles.bundle import Bundle, load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.errors import EvaluationMismatch
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import UNKNOWN_MODEL, UNKNOWN_SYMBOL
from lockstep.scoring.settings import Settings, SettingsError

log = logging.getLogger(__name__)

MAX_SHOWN_CHARACTERS = 20


@dataclass(frozen=True)
class SelfCheck:
    """The outcome of recomputing a bundle's evaluation at boot; `fault` is None if every bit agreed."""

    rows: int
    duration_s: float
    fault: str | None = None


@dataclass(frozen=True)
class Service:
    """The loaded bundles by symbol, the first of them the default, and a self-check for each."""

    settings: Settings
    bundles: dict[str, Bundle]
    self_checks: dict[str, SelfCheck]

    @property
    def default(self) -> Bundle:
        """Return the bundle that answers if a request names none."""
        return next(iter(self.bundles.values()))

    def pick(self, model: str | None = None, version: str | None = None, symbol: str | None = None) -> Bundle:
        """Return the bundle of a model, a version of it and a symbol, the default if nothing is named.

        Raises `RequestError` for a name that no bundle has. A version is a model's digest.
        """
        if symbol is not None and symbol not in self.bundles:
            served = ", ".join(self.bundles)
            raise RequestError(UNKNOWN_SYMBOL, f"no bundle for {_cut(symbol)!r}; this service forecasts {served}")
        asked = {"model": model, "version": version, "symbol": symbol}
        for bundle in self.bundles.values():
            manifest = bundle.manifest
            known = {"model": manifest.name, "version": manifest.version, "symbol": manifest.symbol}
            if all(name in (None, known[what]) for what, name in asked.items()):
                return bundle
        wanted = ", ".join(f"{what} {_cut(name)!r}" for what, name in asked.items() if name is not None)
        served = "; ".join(f"{found.manifest.name}, {found.manifest.version}" for found in self.bundles.values())
        raise RequestError(UNKNOWN_MODEL, f"nothing is served that is {wanted}; served are (model, version): {served}")

    @property
    def faults(self) -> list[str]:
        """Return why the service is not ready; empty if it is."""
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


def _cut(name: str) -> str:
    return name[:MAX_SHOWN_CHARACTERS]
