"""Find a feature set by its name: `daily`, `FILE.py:NAME` or `package.module:NAME`."""

import importlib
from pathlib import Path
from types import ModuleType

from lockstep.applications import FEATURE_SETS, Application
from lockstep.errors import UnknownFeatureSet, UnknownSource
from lockstep.features.feature_set import FeatureSet, NamedFeatureSet
from lockstep.features.sources import SUFFIX, load_source

_FORMS = "`daily` (preprocessing/daily.py of the application), `FILE.py:NAME`, or `package.module:NAME`"


def load_feature_set(name: str, application: Application) -> NamedFeatureSet:
    """Return the feature set called `name`; raise `UnknownFeatureSet` with what was expected.

    `daily` is the only feature set of `preprocessing/daily.py` in the application. The file of `FILE.py:NAME` is
    looked for from the application's folder on. A file is read anew at each call; see `load_source`.
    """
    where, _, attribute = name.partition(":")
    is_file = where.endswith(SUFFIX)
    if attribute and not is_file:
        return NamedFeatureSet(name, _read_attribute(_import_module(name, where), name, attribute), (), "")
    path = Path(where) if is_file else Path(FEATURE_SETS) / f"{where}{SUFFIX}"
    try:
        loaded = load_source(path, application)
    except UnknownSource as error:
        raise UnknownFeatureSet(f"no feature set {name!r}: {error}; expected {_FORMS}") from error
    module = loaded.module
    features = _read_attribute(module, name, attribute) if attribute else _only_feature_set(module, path)
    return NamedFeatureSet(name, features, loaded.sources, loaded.sha256)


def _import_module(name: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:  # a module may raise anything
        raise UnknownFeatureSet(f"no feature set {name!r}: {error}; expected {_FORMS}") from error


def _read_attribute(module: ModuleType, name: str, attribute: str) -> FeatureSet:
    found = getattr(module, attribute, None)
    if found is None:
        raise UnknownFeatureSet(f"no feature set {name!r}: {module.__name__} has no {attribute}; expected {_FORMS}")
    if not isinstance(found, FeatureSet):
        raise UnknownFeatureSet(f"{name!r} is a {type(found).__name__}, not a FeatureSet")
    return found


def _only_feature_set(module: ModuleType, path: Path) -> FeatureSet:
    found = {key: value for key, value in vars(module).items() if isinstance(value, FeatureSet)}
    if len(found) != 1:
        listed = ", ".join(found) or "none"
        raise UnknownFeatureSet(
            f"{path} holds {len(found)} feature sets ({listed}); expected one, or name it: {path}:NAME"
        )
    return next(iter(found.values()))
