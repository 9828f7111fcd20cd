"""The code that is copied from the page, run as a person would paste it."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from qa.browser.flows.trying import find_cell, require, send
from qa.browser.plan import BOTH_WIDTHS, Flow
from qa.browser.services import SERIES
from qa.browser.visit import Visit
from qa.servers import ROOT

PYTHON = ROOT / ".venv" / "bin" / "python"
"""That of the project, which has pandas, requests and the client."""
RUN_S = 60
"""For a program that a person would paste."""


def copy_code(visit: Visit) -> None:
    """Show that each snippet works as it is copied, and gets the answer of the page."""
    page = visit.page
    find_cell(visit, 9, "close").click()
    page.keyboard.type("24.6000000000000014")
    page.keyboard.press("Enter")
    page.get_by_label("Interval levels, per cent").fill("50, 95")
    send(visit)
    expected = json.loads(page.locator("#try-json").inner_text())["forecast"]
    lower = expected["columns"].index("close_lo-95")
    shown = f"{expected['data'][-1][lower]:.6f}"[:-2]
    for name in ("curl", "Python client", "requests", "pandas", "Postman"):
        page.get_by_role("tab", name=name, exact=True).click()
        copy = page.get_by_role("tabpanel", name=name, exact=True).locator("[data-copy]")
        copy.click()
        expect(copy).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        printed = run_code(name, copied)
        require(shown in printed, f"{name} printed {printed}")
        if name == "curl":
            require(json.loads(printed)["forecast"] == expected, "curl got another answer")


def run_code(name: str, code: str) -> str:
    """Return what code prints that a person pastes; of a collection of Postman, what its one request is answered."""
    if name == "Postman":
        [item] = json.loads(code)["item"]
        asked: dict[str, Any] = item["request"]
        headers = [f"-H{each['key']}: {each['value']}" for each in asked["header"]]
        return _run("curl", "-s", asked["url"], *headers, "-d", asked["body"]["raw"])
    if name == "curl":
        return _run("bash", "-c", code)
    wide = "import pandas\npandas.set_option('display.width', 1000, 'display.max_columns', 99)\n"
    with tempfile.TemporaryDirectory(prefix="lockstep-browser-") as folder:
        path = Path(folder) / "pasted.py"
        path.write_text(wide + code)
        return _run(str(PYTHON), str(path))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)  # noqa: S603 - ours
    return done.stdout + done.stderr


FLOWS = (Flow(SERIES, "/", copy_code, BOTH_WIDTHS[:1]),)
