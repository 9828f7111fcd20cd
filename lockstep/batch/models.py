"""The model of a job, as one process holds it: which version answers for a symbol."""

from dataclasses import dataclass, replace
from pathlib import Path

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import SelfCheck, Served
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.versions import CHAMPION


@dataclass(frozen=True)
class HeldModel:
    """A version of a model of one series or of many."""

    served: Served

    def pick(self, symbol: str) -> tuple[Served, bool]:
        """Return what answers for a symbol, and whether it stores the bars of that symbol.

        A model of one series answers for any. Of many, each series has to reproduce its evaluation first. Raises
        `UnknownSymbol` for one that is not there, and a `BundleError`.
        """
        bundle = self.served.bundle
        if isinstance(bundle, PanelBundle):
            view = bundle.pick(symbol)
            check_evaluation(view)
            return replace(self.served, bundle=view), True
        return self.served, isinstance(bundle, SeriesBundle) and bundle.manifest.symbol == symbol


def hold_model(folder: Path) -> HeldModel:
    """Return the version in a folder; raise a `BundleError` if it must not be used."""
    bundle = load_bundle(folder)
    return HeldModel(Served(bundle.manifest.name, int(folder.name), (CHAMPION,), bundle, SelfCheck(0, 0.0)))
