"""Which version is meant: of a folder, or of a model of the application by name."""

from dataclasses import dataclass
from pathlib import Path

from lockstep.applications import Application, find_application
from lockstep.bundles.versions import list_models, resolve_version
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
    folder = resolve_version(bundle, version) if bundle else _find_in_application(model, version)
    is_named = version is not None or (bundle is not None and bundle.resolve() == folder.resolve())
    return Choice(folder, int(folder.resolve().name) if is_named else None)


def _find_in_application(model: str | None, version: str | None) -> Path:
    application = find_application()
    name = model or default_model(application)
    if not (application.models / name).is_dir():
        names = ", ".join(each.name for each in list_models(application.models)) or "none"
        raise UnknownModel(f"no model {name!r} in {application.models}; it has {names}")
    return resolve_version(application.models / name, version)


def default_model(application: Application) -> str:
    """Return the name of the model that is meant if none is named; raise `UnknownModel` if that is open."""
    names = [each.name for each in list_models(application.models)]
    if application.default:
        return application.default
    if len(names) != 1:
        raise UnknownModel(
            f"which model of {application.models}? It has {', '.join(names) or 'none'}; "
            "name one, or set `default` in lockstep.toml"
        )
    return names[0]
