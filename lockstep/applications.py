"""The application: the folder that holds a user's feature sets, models and deployment files.

A folder is an application if it has a file `lockstep.toml`. Commands use the application in or above the current
folder. Elsewhere they use the one that comes inside the library.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from lockstep.errors import InvalidApplication

APPLICATION_FILE = "lockstep.toml"
MEMBERS = ("name", "models", "default")
TRUSTED = "trusted"
"""The member that lists the classes of the application's own code which its models may hold."""
TRUSTED_NAME = re.compile(r"[^:]+\.py:[A-Za-z_]\w*")
DEFAULT_MODELS = "models"
FEATURE_SETS = "preprocessing"
LIBRARY = Path(__file__).parent
INIT = "`lockstep init DIR` makes an application of your own"
PACKAGED = "application"
"""Where a wheel holds the packaged application, inside the library's own folder."""


@dataclass(frozen=True)
class Application:
    """An application: its folder, its name, its models folder, and the model that answers where none is named.

    `is_packaged` is true for the one that is used outside of every application. It is read-only. `trusted` names the
    classes and functions of its own code that pickled models may hold, as in `preprocessing/steps.py:Clip`.
    """

    folder: Path
    name: str
    models: Path
    default: str | None = None
    is_packaged: bool = False
    trusted: tuple[str, ...] = ()

    @property
    def feature_sets(self) -> Path:
        """Return the folder whose file `NAME.py` defines the feature set `NAME`."""
        return self.folder / FEATURE_SETS


def find_application(*starts: Path) -> Application:
    """Return the application in or above the first start that has one, else the packaged one.

    Without a start the current folder is the start. Raises `InvalidApplication`.
    """
    for start in starts or (Path.cwd(),):
        for folder in (resolved := start.resolve(), *resolved.parents):
            if (folder / APPLICATION_FILE).is_file():
                return read_application(folder)
    return packaged_application()


def packaged_application() -> Application:
    """Return the application inside the library: in a wheel a folder of its own, in a checkout the checkout."""
    packaged = LIBRARY / PACKAGED
    return replace(read_application(packaged if packaged.is_dir() else LIBRARY.parent), is_packaged=True)


def read_application(folder: Path) -> Application:
    """Return the application in `folder`; raise `InvalidApplication` naming the member that is wrong."""
    path = folder / APPLICATION_FILE
    try:
        members = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidApplication(f"{path} cannot be read: {error}") from error
    trusted = _read_trusted(path, members.pop(TRUSTED, []))
    for name, value in members.items():
        if name not in MEMBERS:
            raise InvalidApplication(f"{path}: unknown member {name!r}; expected {', '.join((*MEMBERS, TRUSTED))}")
        if not (isinstance(value, str) and value):
            raise InvalidApplication(f"{path}: {name} is {value!r}; expected a text")
    models = folder / members.get("models", DEFAULT_MODELS)
    name = members.get("name", folder.resolve().name)
    return Application(folder, name, models, members.get("default"), trusted=trusted)


def _read_trusted(path: Path, names: object) -> tuple[str, ...]:
    """Return the names; raise `InvalidApplication` unless they are a list of `FILE.py:NAME`."""
    if not (isinstance(names, list) and all(isinstance(name, str) and TRUSTED_NAME.fullmatch(name) for name in names)):
        raise InvalidApplication(
            f'{path}: {TRUSTED} is {names!r}; expected a list such as ["{FEATURE_SETS}/steps.py:Clip"]'
        )
    return tuple(names)


def describe_packaged(application: Application) -> str:
    """Return a line that says that the library's own application is used; empty for one of the user's."""
    return (
        f"no lockstep.toml here or above: using the library's own application; {INIT}"
        if application.is_packaged
        else ""
    )
