"""One series, from the folder of a model of a series or of a panel."""

from pathlib import Path

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.errors import UnknownSymbol

SYMBOL_HELP = "A series of a model of many."


def load_one_series(folder: Path, symbol: str | None) -> SeriesBundle:
    """Return the bundle of a series, of a panel the one that `symbol` names.

    Raises `UnknownSymbol`, or a `BundleError`.
    """
    loaded = load_bundle(folder)
    if isinstance(loaded, PanelBundle):
        if symbol is None:
            listed = f"name one of its {len(loaded.index)} with --symbol: {loaded.index.describe()}"
            raise UnknownSymbol(f"{folder} is a model of many series; {listed}")
        return loaded.pick(symbol)
    series = as_series(loaded)
    if symbol not in (None, series.manifest.symbol):
        raise UnknownSymbol(f"{folder} forecasts {series.manifest.symbol}, not {symbol!r}")
    return series
