"""Find a feature set by its name: `daily`, `FILE.py:NAME` or `package.module:NAME`.

A file is loaded as a module of a private package whose only folder is the file's own. Nothing is added to the import
path, so other modules called `preprocessing` or `models` cannot get in the way, and `from .indicators import x` finds
the file beside it. What runs is the source whose digest is recorded, never bytecode that was cached for it.
"""

import hashlib
import importlib
import itertools
import re
import sys
import traceback
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from lockstep.applications import FEATURE_SETS, INIT, Application
from lockstep.errors import UnknownFeatureSet
from lockstep.features.feature_set import FeatureSet, NamedFeatureSet

PRIVATE = "_lockstep_features_{}"
SUFFIX = ".py"


def load_feature_set(name: str, application: Application) -> NamedFeatureSet:
    """Return the feature set called `name`; raise `UnknownFeatureSet` with what was expected.

    `daily` is the only feature set of `preprocessing/daily.py` in the application. The file of `FILE.py:NAME` is
    looked for from the application's folder on. A file is read anew at each call.
    """
    where, _, attribute = name.partition(":")
    if attribute and not where.endswith(SUFFIX):
        return NamedFeatureSet(name, _read_attribute(_import_module(name, where), name, attribute), (), "")
    is_file = where.endswith(SUFFIX)
    path = application.folder / where if is_file else application.feature_sets / f"{where}{SUFFIX}"
    path = _check_place(name, path.resolve(), application)
    module = _load_file(name, path)
    features = _read_attribute(module, name, attribute) if attribute else _only_feature_set(module, name, path)
    sources = _list_sources(module, path)
    return NamedFeatureSet(name, features, tuple(str(source) for source in sources), _digest_sources(sources))


def _check_place(name: str, path: Path, application: Application) -> Path:
    """Return the file; raise `UnknownFeatureSet` for one outside the application or among its models."""
    if not path.is_relative_to(application.folder.resolve()) or path.is_relative_to(application.models.resolve()):
        raise UnknownFeatureSet(
            f"no feature set {name!r}: {path} is not a file of the application in {application.folder.resolve()}; "
            f"put it into {FEATURE_SETS}/. {INIT}"
        )
    return path


def _import_module(name: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:  # a module may raise anything
        raise UnknownFeatureSet(f"no feature set {name!r}: {error}; expected {_FORMS}") from error


_FORMS = "`daily` (preprocessing/daily.py of the application), `FILE.py:NAME`, or `package.module:NAME`"


def _load_file(name: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise UnknownFeatureSet(f"no feature set {name!r}: there is no file {path}; expected {_FORMS}")
    package = _make_package(path.parent)
    try:
        return importlib.import_module(f"{package}.{path.stem}")
    except ModuleNotFoundError as error:
        raise UnknownFeatureSet(f"{path}: {_explain_missing(error, path.parent)}") from error
    except (Exception, SystemExit) as error:  # a user's file may raise anything
        raise UnknownFeatureSet(f"{path} cannot be imported: {describe_raised(error)}") from error


def describe_raised(error: BaseException) -> str:
    """Return what code raised, and the file and line where it did."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{'' if isinstance(error, SyntaxError) else where}"


class _SourceLoader(SourceFileLoader):
    """A loader that compiles the file as it is now."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the compiled source."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


class _PrivateFinder(MetaPathFinder):
    """A finder of the modules in private packages, and of nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a file; raise ModuleNotFoundError if there is none, so that no other finder is asked."""
        if not fullname.startswith(PRIVATE.format("")) or path is None:
            return None
        specs = (FileFinder(folder, (_SourceLoader, [SUFFIX])).find_spec(fullname) for folder in path)
        if found := next(filter(None, specs), None):
            return found
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


_FINDER = _PrivateFinder()


def _make_package(folder: Path) -> str:
    """Return the name of a new private package whose modules are the files of `folder`."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    package = next(name for name in map(PRIVATE.format, itertools.count()) if name not in sys.modules)
    module = ModuleType(package)
    module.__path__ = [str(folder)]
    sys.modules[package] = module
    return package


def _explain_missing(error: ModuleNotFoundError, folder: Path) -> str:
    """Return what is not installed, or for a file in `folder` the import that finds it."""
    missing = (error.name or "").split(".")
    statement = traceback.extract_tb(error.__traceback__)[-1].line or ""
    words = re.findall(r"\w+", statement) if missing[0] == folder.name else missing[:1]
    beside = next((word for word in words if (folder / f"{word}{SUFFIX}").is_file()), None)
    if beside is None:
        return f"it imports {error.name}, which is not installed here"
    asked = f"{folder.name}.{beside}" if missing[0] == folder.name else beside
    return f"it imports {asked}, a file beside it; write: from .{beside} import …"


def _read_attribute(module: ModuleType, name: str, attribute: str) -> FeatureSet:
    found = getattr(module, attribute, None)
    if found is None:
        raise UnknownFeatureSet(f"no feature set {name!r}: {module.__name__} has no {attribute}; expected {_FORMS}")
    if not isinstance(found, FeatureSet):
        raise UnknownFeatureSet(f"{name!r} is a {type(found).__name__}, not a FeatureSet")
    return found


def _only_feature_set(module: ModuleType, name: str, path: Path) -> FeatureSet:
    found = {key: value for key, value in vars(module).items() if isinstance(value, FeatureSet)}
    if len(found) != 1:
        listed = ", ".join(found) or "none"
        raise UnknownFeatureSet(
            f"{path} holds {len(found)} feature sets ({listed}); expected one, or name it: {path}:NAME"
        )
    return next(iter(found.values()))


def _list_sources(module: ModuleType, path: Path) -> list[Path]:
    """Return the set's own file and then the files of its folder that it imported, by name."""
    package = f"{module.__name__.partition('.')[0]}."
    loaded = (found.__file__ for name, found in sys.modules.copy().items() if name.startswith(package))
    return [path, *sorted({Path(file) for file in loaded if file} - {path})]


def _digest_sources(sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
