"""The scripts of docs/api/client.md print what the page shows, and its tables list what the client has."""

import inspect
import re

import pytest

from lockstep.client import AsyncClient, Client
from tests.commands import run_script
from tests.conftest import ROOT
from tests.pages import find_blocks, read_page

PAGE = read_page("docs/api/client.md")
SHOWN_URL = "http://127.0.0.1:5000"
SCRIPTS = dict(zip(find_blocks(PAGE, "python"), find_blocks(PAGE, "text"), strict=True))


@pytest.mark.parametrize("place", range(len(SCRIPTS)))
def test_each_script_of_the_page_prints_what_the_page_shows(
    place: int, service_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("client")
    (folder / "data").symlink_to(ROOT / "data")
    code, printed = [*SCRIPTS.items()][place]
    assert SHOWN_URL in code
    (folder / "ask.py").write_text(code.replace(SHOWN_URL, service_url))
    assert run_script("ask.py", folder=folder).check_output() == printed


def test_every_method_and_argument_of_the_client_is_listed() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE)) == methods - {"close"}
    arguments = inspect.signature(Client).parameters
    listed = dict(re.findall(r"^\| `(\w+)` \| .* \| (\S+) \|$", PAGE, re.MULTILINE))
    assert set(listed) == set(arguments) - {"url", "key"}
    for name in ("timeout_s", "total_s", "attempts"):
        assert float(listed[name]) == arguments[name].default, name
    assert inspect.signature(AsyncClient).parameters.keys() == arguments.keys()
