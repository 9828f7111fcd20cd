"""The examples of tables do what their pages show: each is run into a temporary folder, served, asked and compared."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qa.servers import run_server
from qa.service import make_service
from tests.commands import run_block
from tests.conftest import ROOT

EXAMPLES = ("iris", "breast-cancer", "sentiment")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_URL, SHOWN_FOLDER = "http://127.0.0.1:5000", "/tmp/"  # noqa: S108 -- only replaced
MACHINE_DEPENDENT = re.compile(r"(?<=digest )\w+|\d+(?= comparisons)")
"""The digest of coefficients whose last digits differ, and how many changed rows have another prediction."""
SAME_TRAINING = 1e-6
"""With another BLAS the solver of a linear model ends at other last digits, far below this."""


@dataclass(frozen=True)
class Page:
    """The blocks of an example's page: three of commands, two of what is printed, and one answer."""

    commands: list[str]
    printed: list[str]
    answer: dict[str, Any]

    def run(self, script: str, folder: Path, url: str = SHOWN_URL) -> str:
        """Return what a block of commands prints, the temporary folder and the address as the page shows them."""
        printed = run_block(script.replace(SHOWN_FOLDER, f"{folder}/").replace(SHOWN_URL, url))
        return printed.replace(f"{folder}/", SHOWN_FOLDER).replace(url, SHOWN_URL)


def read_page(name: str) -> Page:
    text = (ROOT / "examples" / name / "README.md").read_text()
    blocks = {
        language: [block for found, block in BLOCK.findall(text) if found == language]
        for language in ("sh", "text", "json")
    }
    [answer] = blocks["json"]
    return Page(blocks["sh"], blocks["text"], json.loads(answer))


def mask_lines(text: str) -> set[str]:
    return {MACHINE_DEPENDENT.sub("…", line) for line in text.splitlines()}


@pytest.mark.usefixtures("measured_once")
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_its_page_shows(tmp_path: Path, name: str) -> None:
    page = read_page(name)
    train, ask, compare = page.commands
    *training, serve = train.splitlines()
    printed = page.run("\n".join(training), tmp_path)
    with run_server(make_service(tmp_path / serve.partition(SHOWN_FOLDER)[2])) as service:
        answer = json.loads(page.run(ask, tmp_path, service.url))
        report = page.run(compare, tmp_path, service.url)  # which fails unless there is parity
    assert_same_answer(answer, page.answer)
    for shown, real in zip(page.printed, (printed, report), strict=True):
        assert mask_lines(shown) <= mask_lines(real)


def assert_same_answer(answer: dict[str, Any], shown: dict[str, Any]) -> None:
    rows, shown_rows = (each["predictions"].pop("data") for each in (answer, shown))
    for (label, *probas), (shown_label, *shown_probas) in zip(rows, shown_rows, strict=True):
        assert (label, probas) == (shown_label, pytest.approx(shown_probas, rel=SAME_TRAINING))
    for each in (answer, shown):
        assert re.fullmatch("[0-9a-f]{64}", each["model"].pop("digest"))
        assert re.fullmatch("[0-9a-f]{32}", each.pop("request_id"))
    assert answer == shown
