"""Which version is meant: of a folder, or of a model of the application by name."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lockstep.applications import find_application
from lockstep.bundles.finding import find_model, find_version, resolve_version
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.versions import NAME, list_models, list_versions
from lockstep.errors import UnknownModel


@dataclass(frozen=True)
class Choice:
    """The folder of a version, and its number if the version itself was named, not only its model."""

    folder: Path
    named_version: int | None


def choose_version(bundle: Path | None, model: str | None, version: str | None) -> Choice:
    """Return the version that is meant: of the folder `bundle`, else of the application's `model` or its default.

    `version` is a number or an alias; the champion is meant without one. Raises `UnknownModel`.
    """
    if bundle and model is not None:
        raise UnknownModel(f"the folder {bundle} and the model {model!r} are both named; name one of them")
    folder = resolve_version(bundle or _find_in_application(model), version)
    is_named = version is not None or (bundle is not None and bundle.resolve() == folder.resolve())
    return Choice(folder, int(folder.resolve().name) if is_named else None)


def find_named_version(named: str, version: str | None = None) -> Path:
    """Return the folder of the version that `named` means: a folder, or NAME or NAME/VERSION of the application.

    A folder is that of a version or of a model. `version` is a number or an alias; without one it is the champion.
    Raises `UnknownModel`, naming what there is.
    """
    path, models = Path(named), find_application().models
    name, slash, number = named.partition("/")
    if (path / MANIFEST_FILE).is_file() or list_versions(path):
        return resolve_version(path, version)
    if NAME.fullmatch(name) and list_versions(model := models / name):
        return resolve_version(model / str(find_version(model, number)) if slash else model, version)
    if path.is_dir():
        return resolve_version(path)  # which says that it holds no version
    if not slash or not path.parent.is_dir():
        return find_model(models, name)
    return resolve_version(path.parent, path.name) if list_versions(path.parent) else find_model(path.parent, path.name)


def _find_in_application(model: str | None) -> Path:
    application = find_application()
    if model is None:
        model = choose_default([each.name for each in list_models(application.models)], application.default)
    return find_model(application.models, model)


def choose_default(names: Sequence[str], default: str | None) -> str:
    """Return the model that is meant if none is named: the application's `default`, else the only one.

    Raises `UnknownModel`, naming the choices.
    """
    listed = ", ".join(names) or "none"
    if default is None and len(names) != 1:
        raise UnknownModel(f"which model is meant if none is named? Set `default` in lockstep.toml to one of {listed}")
    if default is not None and default not in names:
        raise UnknownModel(
            f"`default` in lockstep.toml is {default!r}, but the models are {listed}; change it, or name the "
            "models one by one: the first is then meant"
        )
    return default or names[0]


def write_models_command(models: Path) -> str:
    """Return how `lockstep models` is called for a models folder: with it, unless it is the application's."""
    is_own = models.resolve() == find_application().models.resolve()
    return "lockstep models" if is_own else f"lockstep models --models {shlex.quote(str(models))}"
