"""The folder of a model, and whether a command may change it."""

import os
from pathlib import Path

from lockstep.applications import INIT, find_application
from lockstep.bundles.finding import find_model
from lockstep.bundles.versions import CHAMPION
from lockstep.errors import LockstepError

DYNO = "DYNO"
READ_ONLY = f"no lockstep.toml here or above, and the library's own application is read-only; {INIT}"


class NotHere(LockstepError):
    """A refusal to change models where a change would not last."""


def find_folder(folder: Path | None, name: str) -> Path:
    """Return the folder of a model in a models folder, by default the application's; raise `UnknownModel`."""
    return find_model(folder or find_application().models, name)


def find_writable(folder: Path | None, name: str) -> Path:
    """Return the folder of a model that may be changed; raise `NotHere` if a change would not last."""
    _refuse_dyno(name)
    if folder is None and find_application().is_packaged:
        raise NotHere(READ_ONLY)
    return find_folder(folder, name)


def check_lasting(version: Path) -> None:
    """Raise `NotHere` if another version beside this one, by its folder, would not last."""
    model = version.resolve().parent
    _refuse_dyno(model.name)
    application = find_application()
    if application.is_packaged and model.is_relative_to(application.folder.resolve()):
        raise NotHere(READ_ONLY)


def _refuse_dyno(name: str) -> None:
    if DYNO in os.environ:
        raise NotHere(
            "a dyno's disk does not last: promote in the checkout, commit and deploy, or run: "
            f"heroku config:set LOCKSTEP_ALIASES={name}@{CHAMPION}=VERSION"
        )
