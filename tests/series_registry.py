"""A registry of several series around one bundle: each has a name, a symbol, a digest and bars of its own."""

from dataclasses import replace

import msgspec
import numpy as np

from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars

SPREAD = 0.02
"""How far the bars of a series lie beside those of the bundle, by a factor of their own for each."""


def make_registry(bundle: SeriesBundle, *symbols: str) -> Registry:
    """Return a registry with a model for each symbol; the first is the default."""
    served = [serve_series(bundle, symbol, seed) for seed, symbol in enumerate(symbols)]
    return Registry(tuple(served), served[0])


def serve_series(bundle: SeriesBundle, symbol: str, seed: int) -> Served:
    """Return the bundle as a model of another series; that of the seed 0 has the bundle's own bars."""
    bars = change_bars(bundle.bars, seed) if seed else bundle.bars
    digest = f"{seed:064x}" if seed else bundle.manifest.digest
    manifest = msgspec.structs.replace(bundle.manifest, name=symbol.lower(), symbol=symbol, digest=digest)
    history = replace(bundle.forecaster.history, bars=bars)
    forecaster = bundle.forecaster.with_history(history)
    other = replace(bundle, manifest=manifest, bars=bars, forecaster=forecaster)
    return Served(symbol.lower(), 1, ("champion",), other, SelfCheck(1, 0.0))


def change_bars(bars: Bars, seed: int) -> Bars:
    """Return bars of the same sessions whose prices are others; what was in order stays in order."""
    factors = 1.0 + SPREAD * np.random.default_rng(seed).random(len(bars))
    values = bars.values.copy()
    values[:4] *= factors
    return Bars(bars.dates, values)
