"""How long the sentences of the documentation are: `python -m qa.sentences` prints the distribution and the longest.

Words of prose count. A block of code is left out, code inside a line is one word, a link counts as its text. A heading,
a list item or a table cell without an end mark is no sentence, unless it is too long for one.
"""

import argparse
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa.servers import ROOT

MEDIAN_WORDS = 16
LONGEST_WORDS = 30
SHARE_WITHIN = 0.95
"""The share of the sentences that has at most `LONGEST_WORDS`."""

LEFT_OUT = re.compile(r"^(`{3,})(?:.*?)^\1$|<!--.*?-->|^---\n.*?^---$", re.MULTILINE | re.DOTALL)
INLINE: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),  # a picture
    (re.compile(r"(`+)[^`]+?\1"), "Code"),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), lambda link: link[1][:1].upper() + link[1][1:]),  # one may begin a sentence
    (re.compile(r"https?://\S+"), "Address"),
    (re.compile(r"\*\*|(?<!\w)[*_]|[*_](?!\w)|<[^>]+>"), ""),
)
NEW_BLOCK = re.compile(r"^\s*(?:[-*+] |\d+\. |#+ |>)\s*")
SENTENCE_END = re.compile(
    r"""(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)["')]*\s+(?=["'(]?(?:[A-Z0-9×−]|(?:gunicorn|nginx|scikit-learn|uWSGI)\b))"""
)
WORD = re.compile(r"[^\s]*\w[^\s]*")


@dataclass(frozen=True)
class Sentence:
    """A sentence, and where it begins."""

    path: Path
    line: int
    text: str

    @property
    def words(self) -> int:
        """Return how many words it has."""
        return len(WORD.findall(self.text))


def list_pages(root: Path = ROOT) -> list[Path]:
    """Return the pages that are measured: the documentation, and the pages of the repository and its examples."""
    beside = [root / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [*beside, *sorted((root / "docs").rglob("*.md")), *sorted((root / "examples").glob("*/README.md"))]


def read_sentences(path: Path) -> list[Sentence]:
    """Return the sentences of a page, in its order."""
    text = LEFT_OUT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text())
    return [
        Sentence(path, line, sentence)
        for first_line, block in split_blocks(text)
        for line, sentence in split_sentences(first_line, block)
    ]


def split_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield paragraphs, list items and table cells, each with the number of its first line."""
    gathered: list[str] = []
    first_line = 1
    for line, content in enumerate([*text.splitlines(), ""], start=1):
        starts = NEW_BLOCK.match(content)
        if gathered and (starts or not content.strip() or content.lstrip().startswith("|")):
            yield first_line, "\n".join(gathered)
            gathered = []
        if content.lstrip().startswith("|"):
            yield from ((line, cell) for cell in re.split(r"(?<!\\)\|", content) if cell.strip(" -:"))
        elif content.strip():
            first_line = first_line if gathered else line
            gathered.append(NEW_BLOCK.sub("", content))


def split_sentences(first_line: int, block: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a block, each with the number of its first line."""
    for pattern, replacement in INLINE:
        block = pattern.sub(replacement, block)
    parts, place = [], 0
    for found in SENTENCE_END.finditer(block):
        parts.append((place, block[place : found.start()]))
        place = found.end()
    parts.append((place, block[place:]))
    for start, part in parts:
        sentence = " ".join(part.split())
        ends = re.search(r"""[.!?:]["')]*$""", sentence)
        if sentence and (ends or len(WORD.findall(sentence)) > LONGEST_WORDS):
            yield first_line + block[:start].count("\n"), sentence


def find_faults(sentences: list[Sentence]) -> list[str]:
    """Return in which ways sentences are too long; none at all is a fault as well."""
    if not sentences:
        return ["no sentence was read"]
    words = [sentence.words for sentence in sentences]
    within = sum(count <= LONGEST_WORDS for count in words) / len(words)
    faults = []
    if (median := statistics.median(words)) > MEDIAN_WORDS:
        faults.append(f"the median is {median:g} words, above {MEDIAN_WORDS}")
    if within < SHARE_WITHIN:
        faults.append(f"{within:.1%} have at most {LONGEST_WORDS} words, below {SHARE_WITHIN:.0%}")
    return faults


def describe(sentences: list[Sentence], longest: int) -> str:
    """Return the distribution of each page, of all together, and the longest sentences with their places."""
    by_page: dict[Path, list[int]] = {}
    for sentence in sentences:
        by_page.setdefault(sentence.path, []).append(sentence.words)
    rows = [(path.relative_to(ROOT).as_posix(), words) for path, words in by_page.items()]
    lines = [f"{'page':<36} {'sentences':>9} {'median':>7} {'p95':>5} {'longest':>8} {'over 30':>8}"]
    for name, words in [*rows, ("all", [sentence.words for sentence in sentences])]:
        p95 = sorted(words)[int(SHARE_WITHIN * (len(words) - 1))]
        over = sum(count > LONGEST_WORDS for count in words)
        lines.append(f"{name:<36} {len(words):>9} {statistics.median(words):>7g} {p95:>5} {max(words):>8} {over:>8}")
    for sentence in sorted(sentences, key=lambda each: -each.words)[:longest]:
        place = f"{sentence.path.relative_to(ROOT).as_posix()}:{sentence.line}"
        lines.append(f"\n{place}: {sentence.words} words\n  {sentence.text}")
    return "\n".join(lines)


def main() -> int:
    """Print the distribution; the exit code is 1 if sentences are too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, help="the pages; default: all")
    parser.add_argument("--longest", type=int, default=10, help="how many of the longest are printed")
    options = parser.parse_args()
    pages = [page.resolve() for page in options.pages] or list_pages()
    sentences = [sentence for page in pages for sentence in read_sentences(page)]
    print(describe(sentences, options.longest))
    faults = find_faults(sentences)
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
