"""What a built site must not do: load anything from elsewhere, or link to a page or a heading that is not there."""

import argparse
import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAMING = {"href": "link", "src": "picture or script", "srcset": "picture", "data": "object", "poster": "picture"}
"""The attributes that name an address, and what is at it."""
FOREIGN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")


@dataclass
class Page(HTMLParser):
    """The anchors of a page, the addresses that it links to, and those that a browser loads with it."""

    anchors: set[str] = field(default_factory=set)
    linked: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a tag names. Only links that a reader follows may lead elsewhere."""
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            elif name in NAMING and value:
                (self.linked if tag == "a" else self.loaded).append(value)
            elif name == "style" and value:
                self.loaded += FOREIGN_STYLE.findall(value)


def read_site(folder: Path) -> dict[Path, Page]:
    """Return the pages of a built site by their paths."""
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        page = Page()
        page.feed(path.read_text())
        pages[path.resolve()] = page
    return pages


def find_foreign(folder: Path, pages: dict[Path, Page]) -> list[str]:
    """Return what a browser would load from elsewhere, each with the file that names it."""
    named = [(path, address) for path, page in pages.items() for address in page.loaded]
    for style in sorted(folder.rglob("*.css")):
        named += [(style, address) for address in FOREIGN_STYLE.findall(style.read_text())]
    return [f"{path}: {address} is loaded from elsewhere" for path, address in named if urlsplit(address).netloc]


def find_dead_links(pages: dict[Path, Page]) -> list[str]:
    """Return the links that lead to no file or no heading of the site."""
    return [
        f"{path}: nothing is at {address}"
        for path, page in pages.items()
        for address in (*page.linked, *page.loaded)
        if not leads_somewhere(address, path, pages)
    ]


def leads_somewhere(address: str, path: Path, pages: dict[Path, Page]) -> bool:
    """Return whether an address on a page is one of the site that exists, or one of elsewhere."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target in pages:
        return not parts.fragment or unquote(parts.fragment) in pages[target].anchors
    return target.is_file()


def main() -> int:
    """Print what is wrong with a site; the exit code is 1 if anything is, or if there are no pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder into which the site was built")
    folder = parser.parse_args().folder
    pages = read_site(folder)
    faults = [*find_foreign(folder, pages), *find_dead_links(pages)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(pages)} pages, {len(faults)} faults")
    return int(bool(faults) or not pages)


if __name__ == "__main__":
    sys.exit(main())
