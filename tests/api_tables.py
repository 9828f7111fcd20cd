"""The tables of `docs/api.md`, made from the definitions and from a running service.

`python -m tests.api_tables` writes them into the page; tests/integration/test_bad_requests.py compares.
"""

import textwrap

from lockstep.scoring.problems import KINDS
from qa.servers import run_server
from qa.service import make_service
from tests.bad_requests import bad_requests, send
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "api.md"
MAX_SHOWN = 200


def describe_kinds() -> str:
    """Return the table of every kind of problem."""
    rows = [f"| {kind.status} | `{kind.code}` | {kind.title} | {kind.when} |" for kind in KINDS]
    return "\n".join(("| status | `code` | `title` | when |", "|---|---|---|---|", *rows))


def describe_bad_requests(url: str) -> str:
    """Return the table of every kind of bad input, with what the service at `url` answers to it."""
    rows = []
    for bad in bad_requests():
        answer = send(url, bad.encode(bad.paths[0]))
        detail = textwrap.shorten(str(answer.problem["detail"]), MAX_SHOWN, placeholder=" …").replace("|", "\\|")
        rows.append(f"| {bad.what} | {answer.status} | `{answer.problem['code']}` | {detail} |")
    return "\n".join(("| bad input | status | `code` | `detail` |", "|---|---|---|---|", *rows))


def replace_table(page: str, name: str, table: str) -> str:
    """Return the page with the table between the two markers of `name` replaced."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    head, _, rest = page.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise ValueError(f"{PAGE} has no place for the table {name!r}")
    return f"{head}{begin}{table}{end}{tail}"


def write_tables(url: str) -> str:
    """Return the page with every table as it has to be."""
    page = replace_table(PAGE.read_text(), "kinds", describe_kinds())
    return replace_table(page, "bad input", describe_bad_requests(url))


if __name__ == "__main__":
    with run_server(make_service()) as service:
        PAGE.write_text(write_tables(service.url))
