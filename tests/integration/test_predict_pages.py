"""The pages of `/predict` and `/score` do what they show: models are trained, served and asked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.servers import run_server
from qa.service import make_service
from tests.commands import run_block
from tests.conftest import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_URL, SHOWN_FOLDER = "http://127.0.0.1:5000", "/tmp/"  # noqa: S108 -- only replaced
N_EXAMPLES = {"predict": 4, "azure": 2}


def read_examples(page: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the commands that train and serve each model of a page, and each request with its answer."""
    blocks = [text for _, text in BLOCK.findall((ROOT / "docs" / "api" / f"{page}.md").read_text())]
    starts = [place for place, text in enumerate(blocks) if "lockstep serve" in text]
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True):
        yield blocks[start], list(zip(blocks[start + 1 : end : 2], blocks[start + 2 : end : 2], strict=True))


@pytest.mark.usefixtures("measured_once")
@pytest.mark.parametrize("page", N_EXAMPLES)
def test_a_page_shows_what_is_answered(tmp_path: Path, page: str) -> None:
    n_asked = 0
    for commands, asked in read_examples(page):
        *training, serve = commands.replace(SHOWN_FOLDER, f"{tmp_path}/").splitlines()
        run_block("\n".join(training))
        with run_server(make_service(Path(serve.split()[-1]))) as service:
            for curl, answer in asked:
                assert run_block(curl.replace(SHOWN_URL, service.url)).strip() == answer.strip()
                n_asked += 1
    assert n_asked == N_EXAMPLES[page]
