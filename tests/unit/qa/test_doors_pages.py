"""The examples on the pages of the protocols: how they are read, and what they have to print."""

import pytest

from qa.doors.pages import PAGES, check_printed, read_examples
from qa.errors import RunFailed
from tests.conftest import ROOT

EXPECTED = (1.0013147378328913, 1.0007939714157599)
RUN_ELSEWHERE = {"client", "forecast", "v1"}  # pages of our own client and routes, run in tests/integration


@pytest.mark.parametrize("door", PAGES)
def test_every_example_of_a_page_is_asked_at_the_port_of_the_service(door: str) -> None:
    page = (ROOT / "docs" / "api" / f"{door}.md").read_text()
    examples = read_examples(page, "6123")
    assert len(examples) == page.count("```python\n") == 2
    assert all("6123" in code and ":5000" not in code for code in examples)


def test_only_pages_of_these_doors_have_examples_in_python() -> None:
    pages = (ROOT / "docs" / "api").glob("*.md")
    assert {page.stem for page in pages if "```python" in page.read_text()} - RUN_ELSEWHERE == {*PAGES}


@pytest.mark.parametrize("printed", ["[1.00131474 1.00079397]", "0  1.001315\n1  1.000794", "[1.0007939714157599]"])
def test_predictions_are_found_however_they_are_printed(printed: str) -> None:
    check_printed(printed, EXPECTED)


@pytest.mark.parametrize("printed", ["", "[]", "[1.00131474 1.00079197]", "{'predictions': [1.5000]}"])
def test_no_number_or_another_one_is_a_failure(printed: str) -> None:
    with pytest.raises(RunFailed, match="an example printed"):
        check_printed(printed, EXPECTED)
