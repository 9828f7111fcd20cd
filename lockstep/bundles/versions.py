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
from lockstep.bundles.manifest import MANIFEST_FILE, UPGRADE
from lockstep.data.near import name_nearest
from lockstep.errors import InvalidBundle, OutdatedBundle, UnknownModel

ALIASES_FILE = "aliases.json"
REMOVED_FILE = "removed.json"
CHAMPION = "champion"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
VERSION = re.compile(r"[1-9][0-9]{0,5}")
MAX_SHOWN = 40

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


def find_version(model: Path, wanted: int | str | None) -> int:
    """Return the version on disk that a number or an alias names, the champion for None; raise `UnknownModel`."""
    versions, asked = list_versions(model), str(wanted)
    try:
        return pick_version(model.name, wanted, versions, read_aliases(model))
    except UnknownModel as error:
        if wanted is None or not versions or VERSION.fullmatch(asked) or not NAME.fullmatch(asked):
            raise
        advice = f"to give a version this alias: lockstep models promote {model.name} {versions[-1]} --alias {asked}"
        raise UnknownModel(f"{error}; {advice}") from error


def pick_version(name: str, wanted: int | str | None, versions: Sequence[int], aliases: Mapping[str, int]) -> int:
    """Return the one of the model's `versions` that a number or an alias names, the champion for None.

    Raises `UnknownModel`, naming what there is.
    """
    asked = str(CHAMPION if wanted is None else wanted)
    version = int(asked) if VERSION.fullmatch(asked) else aliases.get(asked)
    if version is None or version not in versions:
        raise UnknownModel(
            f"{name} has no version {asked[:MAX_SHOWN]!r}; versions: {join(versions)}"
            + (f"; aliases: {join(aliases)}" if aliases else "")
        )
    return version


def find_model(folder: Path, name: str) -> Path:
    """Return the model's folder in a models folder; raise `UnknownModel`, naming what there is."""
    names = [each.name for each in list_models(folder)]
    if name not in names:
        listed = f"{', '.join(names) or 'none'}{name_nearest(name, names)}"
        raise UnknownModel(f"no model {name[:MAX_SHOWN]!r} in {folder}; models: {listed}")
    return folder / name


def find_models(path: Path) -> list[tuple[Path, int | None]]:
    """Return the models of a models folder, the model of a model's folder, or that of a version with its number.

    Raises `UnknownModel`, or `OutdatedBundle` for a bundle of the first version.
    """
    if (path / MANIFEST_FILE).is_file():
        version = resolve_version(path).resolve()
        return [(version.parent, int(version.name))]
    if list_versions(path) and (inside := list_models(path)):
        raise InvalidBundle(f"{path} holds versions and models ({inside[0].name}, …); move one of the two elsewhere")
    models = [path.resolve()] if list_versions(path) else list_models(path)
    if not models:
        raise UnknownModel(f"{path} holds no model; expected a models folder, models/NAME or models/NAME/VERSION")
    return [(model, None) for model in models]


def resolve_version(path: Path, wanted: int | str | None = None) -> Path:
    """Return the folder of one version: `path` itself, or of the model in `path` the one that `wanted` names.

    Raises `UnknownModel`, or `OutdatedBundle` for a bundle of the first version.
    """
    if (path / MANIFEST_FILE).is_file():
        if not VERSION.fullmatch(path.resolve().name):
            raise OutdatedBundle(f"{path} is no version of a model: expected models/NAME/VERSION; run: {UPGRADE}")
        model, version = path.resolve().parent, int(path.resolve().name)
        if wanted is not None and find_version(model, wanted) != version:
            raise UnknownModel(f"{path} is version {version}, not {wanted}; name the model's folder, {path.parent}")
        return path
    if not list_versions(path):
        raise UnknownModel(f"{path} holds no version of a model; expected models/NAME or models/NAME/VERSION")
    return path / str(find_version(path, wanted))


def list_version_folders(path: Path) -> Iterator[Path]:
    """Yield every version in a version's, a model's or a models folder, by name and number; raise `UnknownModel`."""
    for model, version in find_models(path):
        yield from (model / str(each) for each in (list_versions(model) if version is None else [version]))


def join(items: Sequence[int] | Mapping[str, int]) -> str:
    """Return the items as a list to read; aliases with the versions that they name."""
    if isinstance(items, Mapping):
        return ", ".join(f"{name} ({version})" for name, version in items.items())
    return ", ".join(map(str, items)) or "none"
