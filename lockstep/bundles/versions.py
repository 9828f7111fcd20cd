"""The versions of a model on disk, `models/NAME/VERSION/`, and the aliases beside them.

A version is a whole number from 1 on. `aliases.json` says which version each alias names; `champion` is the one that
answers if a request names none.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lockstep.bundles.manifest import MANIFEST_FILE, UPGRADE
from lockstep.errors import InvalidBundle, OutdatedBundle, UnknownModel

ALIASES_FILE = "aliases.json"
CHAMPION = "champion"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
VERSION = re.compile(r"[1-9][0-9]{0,5}")


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


def list_models(folder: Path) -> list[Path]:
    """Return the folders of the models in a models folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        each for each in folder.iterdir() if each.is_dir() and NAME.fullmatch(each.name) and list_versions(each)
    )


def read_aliases(model: Path) -> dict[str, int]:
    """Return the version that each alias names; none if there is no file. Raises `InvalidBundle`."""
    path = model / ALIASES_FILE
    try:
        aliases = msgspec.json.decode(path.read_bytes(), type=dict[str, int])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidBundle(f"{path} cannot be read: {error}") from error
    for alias, version in aliases.items():
        check_alias(model, alias, version)
    return aliases


def check_alias(model: Path, alias: str, version: int) -> None:
    """Raise `UnknownModel` for an alias whose version is not there."""
    check_name(alias)
    if version not in (versions := list_versions(model)):
        raise UnknownModel(f"{model.name} has no version {version} for the alias {alias}; it has {join(versions)}")


def write_aliases(model: Path, aliases: dict[str, int]) -> None:
    """Write the aliases of a model at once: a reader sees the old ones or the new ones."""
    fresh = model / f".{ALIASES_FILE}.{os.getpid()}"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(aliases, order="sorted"), indent=2) + b"\n")
    fresh.replace(model / ALIASES_FILE)


def find_version(model: Path, wanted: int | str | None, aliases: dict[str, int] | None = None) -> int:
    """Return the version that a number or an alias names, the champion for None; raise `UnknownModel`."""
    named = read_aliases(model) if aliases is None else aliases
    versions = list_versions(model)
    if isinstance(wanted, int) or (wanted and VERSION.fullmatch(wanted)):
        version: int | None = int(wanted)
    else:
        version = named.get(wanted or CHAMPION)
    if version not in versions or version is None:
        raise UnknownModel(
            f"{model.name} has no version {wanted or CHAMPION}; it has {join(versions)}"
            + (f", and the aliases {join(named)}" if named else "")
        )
    return version


def resolve_version(path: Path, wanted: int | str | None = None) -> Path:
    """Return the folder of one version: `path` itself, or of the model in `path` the one that `wanted` names.

    Raises `UnknownModel`, or `OutdatedBundle` for a bundle of the first version.
    """
    if (path / MANIFEST_FILE).is_file():
        if not VERSION.fullmatch(path.resolve().name):
            raise OutdatedBundle(f"{path} is no version of a model: expected models/NAME/VERSION; run: {UPGRADE}")
        return path
    if not list_versions(path):
        raise UnknownModel(f"{path} holds no version of a model; expected models/NAME or models/NAME/VERSION")
    return path / str(find_version(path, wanted))


def list_version_folders(path: Path) -> Iterator[Path]:
    """Yield every version in a version's, a model's or a models folder, by name and number; raise `UnknownModel`."""
    if (path / MANIFEST_FILE).is_file():
        yield resolve_version(path)
        return
    models = [path] if list_versions(path) else list_models(path)
    if not models:
        raise UnknownModel(f"{path} holds no model; expected a models folder, models/NAME or models/NAME/VERSION")
    for model in models:
        yield from (model / str(version) for version in list_versions(model))


def join(items: "list[int] | dict[str, int]") -> str:
    """Return the items as a list to read; aliases with the versions that they name."""
    if isinstance(items, dict):
        return ", ".join(f"{name} ({version})" for name, version in items.items())
    return ", ".join(map(str, items)) or "none"
