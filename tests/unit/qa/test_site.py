"""The navigation of the documentation, and what its built site must not do."""

import re
from pathlib import Path

import pytest

from qa.site import find_dead_links, find_foreign, read_site
from tests.conftest import ROOT

MAIN_PAGES = (
    "quick-start", "concepts", "your-own-model", "your-own-features", "tables", "forecasts", "parity", "api",
    "deploy", "operations", "scale", "security", "development", "comparison",
)  # fmt: skip


def make_site(folder: Path, body: str, style: str = "") -> Path:
    (folder / "page.html").write_text(f'<h1 id="top">Page</h1>{body}')
    (folder / "style.css").write_text(style)
    return folder


def test_the_navigation_lists_every_page_once_and_the_main_ones_in_order() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    entries = re.findall(r"^( *)- \[.+\]\(([^)]+)\.md\)$", index, re.MULTILINE)
    listed = [name for _, name in entries if not name.startswith("../")]
    docs = ROOT / "docs"
    assert sorted(listed) == sorted(
        path.relative_to(docs).with_suffix("").as_posix() for path in docs.rglob("*.md") if path.name != "index.md"
    )
    assert tuple(name for indent, name in entries if not indent)[: len(MAIN_PAGES)] == MAIN_PAGES


def test_a_site_may_link_elsewhere_and_load_its_own(tmp_path: Path) -> None:
    body = '<a href="https://example.com/x">x</a><a href="#top">y</a><a href="page.html#top">z</a><img src="style.css">'
    site = make_site(tmp_path, body, "a { background: url(data:image/png;base64,AA==) }")
    pages = read_site(site)
    assert (find_foreign(site, pages), find_dead_links(pages)) == ([], [])


@pytest.mark.parametrize(
    ("body", "style"),
    [
        ('<script src="https://cdn.example.com/a.js"></script>', ""),
        ('<script src="//cdn.example.com/a.js"></script>', ""),
        ('<link rel="stylesheet" href="https://fonts.example.com/a.css">', ""),
        ('<p style="background: url(https://example.com/a.png)"></p>', ""),
        ("", '@import "https://fonts.example.com/a.css";'),
        ("", "a { background: url('https://example.com/a.png') }"),
    ],
)
def test_what_a_browser_would_load_from_elsewhere_is_found(body: str, style: str, tmp_path: Path) -> None:
    site = make_site(tmp_path, body, style)
    [fault] = find_foreign(site, read_site(site))
    assert fault.endswith("is loaded from elsewhere")


@pytest.mark.parametrize("link", ["#nowhere", "page.html#nowhere", "missing.html", "pictures/a.png"])
def test_a_link_that_leads_nowhere_is_found(link: str, tmp_path: Path) -> None:
    site = make_site(tmp_path, f'<a href="{link}">x</a>')
    [fault] = find_dead_links(read_site(site))
    assert fault.endswith(f"nothing is at {link}")
