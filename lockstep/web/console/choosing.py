"""Which version a page shows, and of a panel which series."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Registry, Served
from lockstep.web.addresses import MODEL, SYMBOL, VERSION, locate_report


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
