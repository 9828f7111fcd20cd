"""How `make docs` builds the site: the pages of docs/, and the README files that they link to."""

import re
from pathlib import PurePosixPath

from sphinx.application import Sphinx

project = "Lockstep"
copyright = "The Lockstep developers"  # noqa: A001 -- Sphinx's name
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = [
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "data/README.md", "docs/*.md", "docs/api/*.md",
    "examples/README.md", "examples/*/README.md",
]  # fmt: skip
exclude_patterns = [".*", "**/node_modules", "build", "dist", "models", "tests"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # a block may show a part of a body, with … for the rest
html_theme = "furo"
html_title = "Lockstep"
html_extra_path = ["site/index.html"]
html_static_path = ["site/static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False

ELSEWHERE = re.compile(r"<!-- only on GitHub -->.*?<!-- end of only on GitHub -->", re.DOTALL)
ENTRY = re.compile(r"^( *)- \[(.+)\]\((.+)\.md\)$", re.MULTILINE)


def read_navigation(page: str) -> dict[str, list[str]]:
    """Return the entries of the tree below each page, as the nested list of docs/index.md names them."""
    tree: dict[str, list[str]] = {root_doc: []}
    above = root_doc
    for indent, title, target in ENTRY.findall(page):
        name = target.removeprefix("../") if target.startswith("../") else f"docs/{target}"
        if not indent:
            above = name
        tree.setdefault(above if indent else root_doc, []).append(f"{title.replace('`', '')} </{name}>")
    return tree


def add_navigation(app: Sphinx, name: str, source: list[str]) -> None:
    """Append the tree that the sidebar shows to a page that has pages below it; the files stay plain Markdown.

    What only GitHub can show is left out.
    """
    source[0] = ELSEWHERE.sub("", source[0])
    index = (app.srcdir / PurePosixPath(f"{root_doc}.md")).read_text()
    if entries := read_navigation(index).get(name):
        source[0] += "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(entries) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Connect the navigation."""
    app.connect("source-read", add_navigation)
