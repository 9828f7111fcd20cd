"""Write an application into an empty folder."""

import hashlib
import json
from pathlib import Path

from lockstep.applications import APPLICATION_FILE, packaged_application
from lockstep.scaffold.members import list_members
from lockstep.scaffold.wheel import build_wheel

FILES = Path(__file__).parent / "files"
TARGETS = {
    "Makefile": "Makefile",
    "README.md": "README.md",
    "ci.yml": ".github/workflows/ci.yml",
    "gitignore": ".gitignore",
    "lockstep.toml": APPLICATION_FILE,
}
"""Where each file of `files/` goes; those of these names in the packaged application are not copied."""

APP_FILE = "app.json"
MAX_APP_NAME_CHARACTERS = 30
"""What Heroku's schema of app.json allows."""

NO_CONTENT = {".git"}
"""What an empty folder may hold: a repository without a commit is where many begin."""


def write_application(folder: Path) -> list[str]:
    """Write a new application into `folder` and return its files, relative, sorted.

    Raises FileExistsError if the folder holds anything, `PackagingError` if the library cannot be made into a wheel.
    """
    check_empty(folder)
    name = folder.resolve().name
    packaged = read_packaged()
    contents = {**packaged, APP_FILE: name_app(packaged[APP_FILE], name), **fill_files(name), **pack_library()}
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return sorted(contents)


def check_empty(folder: Path) -> None:
    """Raise FileExistsError naming the folder if it holds anything but an empty repository."""
    if folder.is_dir() and (held := sorted({path.name for path in folder.iterdir()} - NO_CONTENT)):
        raise FileExistsError(f"{folder} is not empty, it holds {held[0]}; name a new folder or an empty one")


def read_packaged() -> dict[str, bytes]:
    """Return the packaged application's files by their relative paths."""
    source = packaged_application().folder
    return {path: (source / path).read_bytes() for path in list_members(source)}


def name_app(content: bytes, name: str) -> bytes:
    """Return app.json, made of the packaged application's, with a name of its own, cut to what Heroku takes."""
    members = {**json.loads(content), "name": name[:MAX_APP_NAME_CHARACTERS]}
    return (json.dumps(members, indent=2, ensure_ascii=False) + "\n").encode()


def fill_files(name: str) -> dict[str, bytes]:
    """Return the files around an application called `name`, by their relative paths."""
    # a JSON string is a TOML string as well
    texts = {target: (FILES / source).read_text(encoding="utf-8") for source, target in TARGETS.items()}
    quoted = json.dumps(name, ensure_ascii=False)
    return {
        target: text.replace("@QUOTED_NAME@", quoted).replace("@NAME@", name).encode() for target, text in texts.items()
    }


def pack_library() -> dict[str, bytes]:
    """Return the library as a wheel in `vendor/`, and the lock that pins it."""
    wheel = build_wheel()
    path = f"vendor/{wheel.name}"
    lock = f"./{path} --hash=sha256:{hashlib.sha256(wheel.content).hexdigest()}\n"
    return {path: wheel.content, "requirements/vendor.txt": lock.encode()}
