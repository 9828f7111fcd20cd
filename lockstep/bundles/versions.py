"""The versions of a model on disk, `models/NAME/VERSION/`, and the aliases beside them.

A version is a whole number from 1 on. `aliases.json` says which version each alias names; `champion` is the one that
answers if a request names none.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from lockstep.bundles.files import MAX_MANIFEST_BYTES, read_regular
from lockstep.errors import InvalidBundle, UnknownModel

ALIASES_FILE = "aliases.json"
REMOVED_FILE = "removed.json"
CHAMPION = "champion"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
VERSION = re.compile(r"[1-9][0-9]{0,5}")

Content = TypeVar("Content")


def check_name(name: str) -> None:
    """Raise `InvalidBundle` for what is no name of a model or an alias."""
    if not NAME.fullmatch(name):
        raise InvalidBundle(
            f"{name!r} is no name; expected a letter, then letters, digits, '.', '_' or '-', at most 64"
        )


def list_versions(model: Path) -> list[int]:
    """Return the versions in a model's folder, oldest first; none if there is no such folder."""
    if not model.is_dir():
        return []
    return sorted(int(each.name) for each in model.iterdir() if VERSION.fullmatch(each.name) and each.is_dir())


def next_version(model: Path) -> int:
    """Return the number of the next version; the numbers of removed versions are not given again."""
    return max([*list_versions(model), *read_removed(model)], default=0) + 1


def read_removed(model: Path) -> list[int]:
    """Return the versions that were removed, in that order; none if there is no file. Raises `InvalidBundle`."""
    return _read_json(model / REMOVED_FILE, list[int]) or []


def remove_version(model: Path, version: int) -> None:
    """Delete a version, and note its number in `removed.json`."""
    with locked(model):
        _write_json(model / REMOVED_FILE, [*read_removed(model), version])
        shutil.rmtree(model / str(version))


def list_models(folder: Path) -> list[Path]:
    """Return the folders of the models in a models folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        each for each in folder.iterdir() if each.is_dir() and NAME.fullmatch(each.name) and list_versions(each)
    )


def read_aliases(model: Path) -> dict[str, int]:
    """Return the version that each alias names, there or not; none if there is no file. Raises `InvalidBundle`."""
    aliases = _read_json(model / ALIASES_FILE, dict[str, int]) or {}
    for alias in aliases:
        check_name(alias)
    return aliases


def check_alias(model: Path, alias: str, version: int) -> None:
    """Raise `UnknownModel` for an alias whose version is not there."""
    check_name(alias)
    if version not in (versions := list_versions(model)):
        raise UnknownModel(f"{model.name} has no version {version} for the alias {alias}; versions: {join(versions)}")


def write_aliases(model: Path, aliases: dict[str, int]) -> None:
    """Write the aliases of a model at once: a reader sees the old ones or the new ones."""
    _write_json(model / ALIASES_FILE, aliases)


def set_alias(model: Path, alias: str, version: int | None) -> None:
    """Let an alias name a version, or none any more; what other aliases name stays."""
    check_name(alias)
    with locked(model):
        aliases = {name: number for name, number in read_aliases(model).items() if name != alias}
        write_aliases(model, aliases if version is None else {**aliases, alias: version})


@contextmanager
def locked(model: Path) -> Iterator[None]:
    """Keep other processes from changing a model's versions and aliases meanwhile; they wait."""
    folder = os.open(model, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _read_json(path: Path, kind: type[Content]) -> Content | None:
    try:
        return msgspec.json.decode(read_regular(path, MAX_MANIFEST_BYTES), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidBundle(f"{path} cannot be read: {error}") from error


def _write_json(path: Path, content: object) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(content, order="sorted"), indent=2) + b"\n")
    fresh.replace(path)


def join(items: Sequence[int] | Mapping[str, int]) -> str:
    """Return the items as a list to read; aliases with the versions that they name."""
    if isinstance(items, Mapping):
        return ", ".join(f"{name} ({version})" for name, version in items.items())
    return ", ".join(map(str, items)) or "none"
