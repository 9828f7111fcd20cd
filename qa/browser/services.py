"""The services whose pages are tried, each on loopback."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from qa.servers import ROOT, Server, run_server
from qa.service import make_service

SERIES, TABLE, PANEL, ODD, KEYED, LIMITED = "series", "table", "panel", "odd", "keyed", "limited"
KEY = "a-key-of-the-browser-flows-and-nothing-else"
FEW = "6/minute"
"""The limit of a service that soon refuses."""


@contextmanager
def run_services(python: Path, folder: Path, names: Collection[str]) -> Iterator[Mapping[str, Server]]:
    """Run some of the services; `python` is that of the project, `folder` holds what `qa.browser.prepare` wrote."""
    default, table = ROOT / "models" / "msft", folder / "models" / "breast-cancer"
    apps = {
        SERIES: make_service(default, python=python),
        TABLE: make_service(table, default, python=python),
        PANEL: make_service(folder / "models" / "panel", python=python),
        ODD: make_service(folder / "models" / "odd", python=python),
        KEYED: make_service(default, table, python=python, environ={"LOCKSTEP_API_KEYS": KEY}),
        LIMITED: make_service(default, python=python, environ={"LOCKSTEP_RATE_LIMIT": FEW}),
    }
    with ExitStack() as running:
        yield {name: running.enter_context(run_server(app)) for name, app in apps.items() if name in names}
