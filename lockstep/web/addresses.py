"""The addresses of the pages that show one version, and of a panel one of its series."""

from urllib.parse import quote, urlencode

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Served

MODEL, VERSION, SYMBOL = "model", "version", "symbol"
"""What the address of a page may name, as requests do; without them the console shows the default model."""
INDEX = "index"
"""The name of the route `/`."""


def locate_console(model: str, version: int, symbol: str | None = None) -> str:
    """Return the address of the page that shows a version, of a panel one of its series."""
    named = {MODEL: model, VERSION: version} | ({} if symbol is None else {SYMBOL: symbol})
    return f"/?{urlencode(named)}"


def locate_report(version: Served, symbol: str | None) -> str:
    """Return the address of a report card, of a panel that of its first drawn series for None."""
    path = f"/v1/models/{quote(version.name)}/versions/{version.version}/report"
    if symbol is None and isinstance(version.bundle, PanelBundle):
        symbol = version.bundle.draw()[0]
    return path if symbol is None else f"{path}?{urlencode({SYMBOL: symbol})}"
