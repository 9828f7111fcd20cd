"""Load a file of the application as a module of a private package whose only folder is the file's own.

Nothing is added to the import path, so other modules called `preprocessing` or `models` cannot get in the way, and
`from .indicators import x` finds the file beside it. What runs is the source whose digest is recorded, never bytecode
that was cached for it.
"""

import hashlib
import importlib
import itertools
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from lockstep.applications import FEATURE_SETS, INIT, Application
from lockstep.errors import UnknownSource

PRIVATE = "_lockstep_features_{}"
SUFFIX = ".py"


@dataclass(frozen=True)
class LoadedSource:
    """A file of the application, loaded: its module, it and the files of its folder that it imported, their digest."""

    module: ModuleType
    sources: tuple[str, ...]
    sha256: str


def load_source(path: Path, application: Application) -> LoadedSource:
    """Return the module of a file, named from the application's folder on; the file is read anew at each call.

    Raises `UnknownSource` for a file outside the application, among its models, not there, or not to be imported.
    """
    path = _check_place((application.folder / path).resolve(), application)
    module = _load_file(path)
    sources = _list_sources(module, path)
    return LoadedSource(module, tuple(str(source) for source in sources), _digest_sources(sources))


def _check_place(path: Path, application: Application) -> Path:
    if not path.is_relative_to(application.folder.resolve()) or path.is_relative_to(application.models.resolve()):
        raise UnknownSource(
            f"{path} is not a file of the application in {application.folder.resolve()}; "
            f"put it into {FEATURE_SETS}/. {INIT}"
        )
    return path


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UnknownSource(f"there is no file {path}")
    package = _make_package(path.parent)
    try:
        return importlib.import_module(f"{package}.{path.stem}")
    except ModuleNotFoundError as error:
        raise UnknownSource(f"{path}: {_explain_missing(error, path.parent)}") from error
    except (Exception, SystemExit) as error:  # a user's file may raise anything
        raise UnknownSource(f"{path} cannot be imported: {describe_raised(error)}") from error


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
