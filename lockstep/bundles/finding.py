"""Which version a path, a number or an alias leads to; a refusal names what there is."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lockstep.bundles.manifest import MANIFEST_FILE, UPGRADE
from lockstep.bundles.versions import CHAMPION, NAME, VERSION, join, list_models, list_versions, read_aliases
from lockstep.data.near import name_nearest
from lockstep.errors import InvalidBundle, OutdatedBundle, UnknownModel

MAX_SHOWN = 40
"""Characters of a name that a refusal repeats."""


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
