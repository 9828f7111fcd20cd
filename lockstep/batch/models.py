"""The model of a job, as one process holds it: which version answers for a symbol."""

from dataclasses import dataclass
from pathlib import Path

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.versions import CHAMPION
from lockstep.errors import UnknownSymbol


@dataclass(frozen=True)
class HeldModel:
    """A version of a model of series; `registry` serves it alone."""

    folder: Path
    registry: Registry

    def pick(self, symbol: str) -> tuple[Served, bool]:
        """Return the version that answers for a symbol, and whether it stores the bars of that symbol."""
        try:
            return self.registry.pick(symbol=symbol), True
        except UnknownSymbol:
            return self.registry.pick(), False


def hold_model(folder: Path) -> HeldModel:
    """Return the version in a folder."""
    bundle = load_bundle(folder)
    served = Served(bundle.manifest.name, int(folder.name), (CHAMPION,), bundle, SelfCheck(0, 0.0))
    return HeldModel(folder, Registry((served,), served))
