"""Which version a page shows, and of a panel which series."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Registry, Served

MODEL, VERSION, SYMBOL = "model", "version", "symbol"
"""What the address of the page may name, as requests do; without them it shows the default model."""


@dataclass(frozen=True)
class Choice:
    """The version that a page shows, and what answers for it: of a panel the series of `symbol`, else the version.

    `symbols` are those of a panel, empty for any other version.
    """

    version: Served
    answers: Served
    symbol: str | None = None
    symbols: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """Return the address of the report card."""
        return locate_report(self.version, self.symbol)


def locate_report(version: Served, symbol: str | None = None) -> str:
    """Return the address of a report card, of a panel that of its first drawn series if no symbol is given."""
    path = f"/v1/models/{quote(version.name)}/versions/{version.version}/report"
    if symbol is None and isinstance(version.bundle, PanelBundle):
        symbol = version.bundle.draw()[0]
    return path if symbol is None else f"{path}?{urlencode({SYMBOL: symbol})}"


def locate_console(model: str, version: int, symbol: str | None = None) -> str:
    """Return the address of the page that shows a version, of a panel one of its series."""
    named = {MODEL: model, VERSION: version} | ({} if symbol is None else {SYMBOL: symbol})
    return f"/?{urlencode(named)}"


def choose(registry: Registry, named: Mapping[str, str]) -> Choice:
    """Return what an address names; raise `UnknownModel`, `UnknownSymbol` or `UnprovenSeries`.

    An empty name is none. A panel without a symbol is shown by the first series that was checked at boot.
    """
    model, version, symbol = (named.get(name) or None for name in (MODEL, VERSION, SYMBOL))
    chosen = registry.choose(model, version, symbol)
    if not isinstance(chosen.bundle, PanelBundle):
        return Choice(chosen, chosen)
    symbol = symbol or chosen.bundle.draw()[0]
    return Choice(chosen, registry.pick_series(chosen, symbol), symbol, tuple(chosen.bundle.index.symbols))
