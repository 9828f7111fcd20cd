"""One series, from the folder of a model of a series or of a panel."""

from pathlib import Path

from lockstep.bundles.bundle import Bundle
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
    check_symbol(folder, loaded, symbol)
    return loaded.pick(symbol) if isinstance(loaded, PanelBundle) and symbol else as_series(loaded)


def check_symbol(named: Path | str, bundle: Bundle, symbol: str | None) -> None:
    """Raise `UnknownSymbol` for a panel without --symbol, and for a series with another one; `named` is the model."""
    if isinstance(bundle, PanelBundle) and symbol is None:
        listed = f"name one of its {len(bundle.index)} with --symbol: {bundle.index.describe()}"
        raise UnknownSymbol(f"{named} is a model of many series; {listed}")
    if isinstance(bundle, SeriesBundle) and symbol not in (None, bundle.manifest.symbol):
        raise UnknownSymbol(f"{named} forecasts {bundle.manifest.symbol}, not {symbol!r}; leave --symbol out")
