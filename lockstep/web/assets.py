"""The files that the pages load: each is served below the digest of all, so that a browser may keep them for good."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lockstep.report_card.page import read_style
from lockstep.web.compressing import compress

FOLDER = Path(__file__).parent / "static"
CARD_STYLE = "card.css"
"""The style sheet of report cards, whose figures, charts and tables the console shows."""
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
DIGEST_CHARACTERS = 16


@dataclass(frozen=True)
class Asset:
    """A file, as it is and as it is sent to whoever takes it compressed, which is nearly everyone."""

    content: bytes
    gzipped: bytes


@dataclass(frozen=True)
class Assets:
    """The files by name, without their folders, and the digest that stands in their address."""

    digest: str
    files: Mapping[str, Asset]

    def locate(self, name: str) -> str:
        """Return the address of a file; raise KeyError for a name that is none."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    def find(self, digest: str, name: str) -> Asset | None:
        """Return a file, None if the digest or the name is another."""
        return self.files.get(name) if digest == self.digest else None


@cache
def load_assets() -> Assets:
    """Return the files of the library, which a process reads once, however many apps it makes."""
    return read_assets(FOLDER)


def read_assets(folder: Path) -> Assets:
    """Return the style sheets and scripts of a folder and of those in it; their relative imports name no folder."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES)
    contents = {path.name: path.read_bytes() for path in paths} | {CARD_STYLE: read_style().encode()}
    # one digest for all: a script imports others by name alone, so all of them have to be in one folder
    digest = hashlib.sha256()
    for name, content in contents.items():
        # with its length: bytes that move from one file to the next make another digest
        digest.update(f"{name} {len(content)} ".encode() + content)
    files = {name: Asset(content, compress(content)) for name, content in contents.items()}
    return Assets(digest.hexdigest()[:DIGEST_CHARACTERS], files)


def name_media_type(name: str) -> str:
    """Return the media type of a file."""
    return MEDIA_TYPES[Path(name).suffix]
