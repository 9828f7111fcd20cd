"""The tables of the documents, made from the definitions and from a running service.

`python -m tests.api_tables` writes them into the pages; tests/integration/test_bad_requests.py compares.
"""

import textwrap
from collections.abc import Callable
from pathlib import Path

from lockstep.doors.door import COUNTS, KEY, OPEN, SHOWN
from lockstep.scoring.kinds import KINDS
from lockstep.scoring.setting import list_settings
from lockstep.scoring.settings import BESIDE, Settings
from lockstep.web.app import ROUTES
from qa.doors.peers import PEERS
from qa.doors.plan import CLIENTS
from qa.servers import run_server
from qa.service import make_service
from qa.tables import replace_table, write_table
from tests.bad_requests import bad_requests, send
from tests.conftest import ROOT

MAX_SHOWN = 200
VARIABLES = frozenset(setting.variable for setting in (*dict(list_settings(Settings)).values(), *BESIDE))
"""Every variable that a page may name."""
KEYS_OF = {OPEN: "no", SHOWN: "no", KEY: "yes", COUNTS: "yes"}


def describe_routes() -> str:
    """Return the table of every route."""
    rows = (f"`{route.method} {route.path}` | {KEYS_OF[route.access]} | {route.summary}" for route in ROUTES)
    return write_table("route | key | what", rows)


def describe_kinds() -> str:
    """Return the table of every kind of problem, for callers."""
    rows = (f"{kind.status} | `{kind.code}` | {kind.title} | {kind.when}" for kind in KINDS)
    return write_table("status | `code` | `title` | when", rows)


def describe_remedies() -> str:
    """Return the table of every kind of problem, for operators."""
    return write_table(
        "code | status | what to do", (f"`{kind.code}` | {kind.status} | {kind.remedy}" for kind in KINDS)
    )


def show_default(default: object) -> str:
    """Return a default as a person sets it."""
    if default in (None, (), {}):
        return "none"
    return f"`{int(default) if isinstance(default, bool) else default}`"


def describe_settings() -> str:
    """Return the table of every setting."""
    defaults = Settings()
    rows = []
    for name, setting in list_settings(Settings):
        shown = setting.shown_default or show_default(getattr(defaults, name))
        rows.append(f"`{setting.variable}` | {setting.help} | {shown}")
    rows += [f"`{setting.variable}` | {setting.help} | none" for setting in BESIDE]
    return write_table("variable | meaning | default", rows)


def describe_clients() -> str:
    """Return the table of every client and server of others that `make doors` runs."""
    clients = (
        (each.package, each.name, each.version, ", ".join(f"`{way}`" for way in each.routes)) for each in CLIENTS
    )
    peers = ((each.package, each.name, each.version, each.serves) for each in PEERS)
    rows = (f"{name} | {package} {version} | {ways}" for package, name, version, ways in (*clients, *peers))
    return write_table("client or server | tested with | what it asks, or serves", rows)


def describe_bad_requests(url: str) -> str:
    """Return the table of every kind of bad input, with what the service at `url` answers to it."""
    rows = []
    for bad in bad_requests():
        answer = send(url, bad.encode(bad.paths[0]))
        detail = textwrap.shorten(str(answer.problem["detail"]), MAX_SHOWN, placeholder=" …").replace("|", "\\|")
        rows.append(f"{bad.what} | {answer.status} | `{answer.problem['code']}` | {detail}")
    return write_table("bad input | status | `code` | `detail`", rows)


TABLES: dict[str, dict[str, Callable[[], str]]] = {
    "docs/api.md": {"routes": describe_routes},
    "docs/api/problems.md": {"kinds": describe_kinds},
    "docs/operations.md": {"codes": describe_remedies},
    "docs/settings.md": {"settings": describe_settings},
    "docs/api/clients.md": {"clients": describe_clients},
}
BAD_INPUT_PAGE = "docs/api/problems.md"


def write_pages(url: str) -> dict[Path, str]:
    """Return each page with every table as it has to be."""
    pages = {}
    for path, tables in TABLES.items():
        page = (ROOT / path).read_text()
        for name, describe in tables.items():
            page = replace_table(page, name, describe())
        pages[ROOT / path] = page
    page = pages[ROOT / BAD_INPUT_PAGE]
    return {**pages, ROOT / BAD_INPUT_PAGE: replace_table(page, "bad input", describe_bad_requests(url))}


if __name__ == "__main__":
    with run_server(make_service()) as service:
        for path, page in write_pages(service.url).items():
            path.write_text(page)
