"""The model of a job, as one process holds it: which version answers for a symbol."""

from dataclasses import dataclass
from pathlib import Path

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.versions import CHAMPION


@dataclass(frozen=True)
class HeldModel:
    """A version of a model of one series or of many, which `registry` serves alone."""

    registry: Registry

    @property
    def served(self) -> Served:
        """Return the version, of a panel the whole."""
        return self.registry.default

    def pick(self, symbol: str) -> tuple[Served, bool]:
        """Return what answers for a symbol, and whether it stores the bars of that symbol.

        A model of one series answers for any. Of a panel, a series has to reproduce its evaluation first. Raises
        `UnknownSymbol` for one that is not there, and `UnprovenSeries`.
        """
        is_own = isinstance(self.served.bundle, PanelBundle) or self.served.symbol == symbol
        return self.registry.pick_series(self.served, symbol), is_own


def hold_model(folder: Path) -> HeldModel:
    """Return the version in a folder; raise a `BundleError` if it must not be used."""
    bundle = load_bundle(folder)
    served = Served(bundle.manifest.name, int(folder.name), (CHAMPION,), bundle, SelfCheck(0, 0.0))
    return HeldModel(Registry((served,), served))
