"""Which version is meant: of a folder, or of a model of the application by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lockstep.applications import find_application
from lockstep.bundles.versions import find_model, list_models, resolve_version
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
