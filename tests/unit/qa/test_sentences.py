"""The sentences of the documentation are short, and the script that measures them reads Markdown as people do."""

from pathlib import Path

import pytest

from qa.sentences import LONGEST_WORDS, MEDIAN_WORDS, Sentence, find_faults, list_pages, read_sentences

FEWEST_SENTENCES = 1000
"""Fewer were not the whole documentation."""


def read(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    (tmp_path / "page.md").write_text(text)
    return [(sentence.line, sentence.text) for sentence in read_sentences(tmp_path / "page.md")]


def make_sentences(*words: int) -> list[Sentence]:
    return [Sentence(Path("page.md"), 1, " ".join(["word"] * count)) for count in words]


def test_the_sentences_of_the_documentation_are_short() -> None:
    sentences = [sentence for page in list_pages() for sentence in read_sentences(page)]
    assert len(sentences) > FEWEST_SENTENCES
    assert find_faults(sentences) == []


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        ((MEDIAN_WORDS,) * 19 + (LONGEST_WORDS + 1,), []),
        ((MEDIAN_WORDS + 1,) * 20, ["the median is 17 words, above 16"]),
        ((10,) * 18 + (LONGEST_WORDS + 1,) * 2, ["90.0% have at most 30 words, below 95%"]),
        ((), ["no sentence was read"]),
    ],
)
def test_a_median_or_a_tail_that_is_too_long_is_a_fault(words: tuple[int, ...], faults: list[str]) -> None:
    assert find_faults(make_sentences(*words)) == faults


def test_a_sentence_is_named_by_the_line_in_which_it_begins(tmp_path: Path) -> None:
    page = "# A heading\n\nOne sentence\nover two lines. Another\none.\n\n- An item.\n  It goes on.\n- A second one:\n"
    assert read(tmp_path, page) == [
        (3, "One sentence over two lines."),
        (4, "Another one."),
        (7, "An item."),
        (8, "It goes on."),
        (9, "A second one:"),
    ]


def test_code_and_comments_are_no_prose_and_a_link_is_its_text(tmp_path: Path) -> None:
    code = "<!-- No\nprose. -->\n```sh\nls. And so on.\n```\n"
    assert read(tmp_path, f"{code}Run `make test. Now`, see [the page](a.md). `ls` lists **it**.\n") == [
        (6, "Run Code, see The page."),
        (6, "Code lists it."),
    ]


def test_numbers_abbreviations_and_small_names_do_not_mislead(tmp_path: Path) -> None:
    assert read(tmp_path, "It took 0.5 s, e.g. Monday. nginx waits. 2 of them wait.") == [
        (1, "It took 0.5 s, e.g. Monday."),
        (1, "nginx waits."),
        (1, "2 of them wait."),
    ]


def test_a_cell_counts_if_it_is_a_sentence_or_too_long_for_none(tmp_path: Path) -> None:
    long = " ".join(["word"] * (LONGEST_WORDS + 1))
    assert read(tmp_path, f"| name | what |\n|---|---|\n| a word | It is one. |\n| b | {long} |\n") == [
        (3, "It is one."),
        (4, long),
    ]
