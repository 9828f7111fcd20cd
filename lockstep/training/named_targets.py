"""Find a target by its name: `return`, `direction`, `FILE.py:NAME` or `package.module:NAME`."""

import importlib
from pathlib import Path

from lockstep.applications import Application, find_application
from lockstep.bundles.manifest import BarsManifest
from lockstep.bundles.targets import BUILT_IN
from lockstep.errors import TrainingError, UnknownSource
from lockstep.features.sources import SUFFIX, describe_raised, load_source
from lockstep.training.target import Target

FORMS = f"{', '.join(BUILT_IN)}, `FILE.py:NAME` or `package.module:NAME`, a function of bars and horizon"


def load_target(name: str, horizon_bars: int, application: Application) -> Target:
    """Return the target called `name`; raise `TrainingError` with what was expected.

    A file is looked for from the application's folder on, as that of a feature set is.
    """
    if horizon_bars < 1:
        raise TrainingError(f"a horizon of {horizon_bars} bars is none; expected 1 or more")
    if name in BUILT_IN:
        return Target(name, horizon_bars, BUILT_IN[name])
    found = _find_function(name, application)
    if not callable(found):
        raise TrainingError(f"the target {name!r} is a {type(found).__name__}; expected a function of bars and horizon")
    return Target(name, horizon_bars, found)


def find_target(manifest: BarsManifest, folder: Path) -> Target:
    """Return the target of the bundle in `folder`, through its application; raise `TrainingError`."""
    application = find_application(folder.resolve().parents[1], Path.cwd())
    return load_target(manifest.target, manifest.horizon_bars, application)


def _find_function(name: str, application: Application) -> object:
    where, _, attribute = name.partition(":")
    if not attribute:
        raise TrainingError(f"no target {name!r}; expected {FORMS}")
    try:
        is_file = where.endswith(SUFFIX)
        module = load_source(Path(where), application).module if is_file else importlib.import_module(where)
        found: object = getattr(module, attribute)
    except UnknownSource as error:
        raise TrainingError(f"no target {name!r}: {error}; expected {FORMS}") from error
    except Exception as error:  # a module may raise anything
        raise TrainingError(f"no target {name!r}: {describe_raised(error)}; expected {FORMS}") from error
    return found
