"""The import paths of a config of Serve, looked up without an import: Ray, bundles and keys may be elsewhere.

Serve itself finds a wrong one when it deploys, and says so in the log of another process.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lockstep.runtimes.ray.config_file import Fault, Place

EXAMPLE = "backend.ray_serve:app"
CALLBACK: Place = ("controller_options", "runtime_env", "env_vars", "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH")
SHIPPED = {"working_dir", "py_modules", "pip", "uv", "conda", "container", "image_uri"}
"""Members of a runtime environment by which modules come to a replica that need not be here."""
PACKAGE = "__init__.py"
MAX_CHARACTERS = 200
"""No file is called by more than 255."""


def find_import_faults(values: Mapping[str, Any], folders: Sequence[Path]) -> Iterator[Fault]:
    """Yield the import paths that lead to nothing in the folders or in this environment; the config fits its schema."""
    for number, application in enumerate(values["applications"]):
        is_here = not SHIPPED & application.get("runtime_env", {}).keys()
        if fault := find_path_fault(application["import_path"], folders if is_here else ()):
            yield Fault(("applications", number, "import_path"), fault)
    callback: Any = values
    for key in CALLBACK:
        callback = callback.get(key) or {} if isinstance(callback, dict) else {}
    if isinstance(callback, str) and (fault := find_path_fault(callback, folders)):
        yield Fault(CALLBACK, fault)


def find_path_fault(path: str, folders: Sequence[Path]) -> str:
    """Return what is wrong with an import path, empty if nothing is; without folders only its form is read."""
    module, _, name = path.partition(":") if ":" in path else path.rpartition(".")
    parts = module.split(".")
    if len(path) > MAX_CHARACTERS or not all(part.isidentifier() for part in (*parts, name)):
        return f"is {path[:MAX_CHARACTERS]!r}; expected MODULE:NAME, such as {EXAMPLE}"
    if not folders:
        return ""
    n_found, places = _follow(parts, folders)
    if n_found < len(parts):
        known = sorted({each.stem for place in places if place.is_dir() for each in place.iterdir()})
        where = f"in {places[0]}" if n_found else f"in {places[0]}, and none is installed here"
        near = [".".join((*parts[:n_found], each, *parts[n_found + 1 :])) for each in _find_near(parts[n_found], known)]
        return f"is {path!r}; there is no {parts[n_found]!r} {where}{_suggest([f'{each}:{name}' for each in near])}"
    names = _read_names(places[0])
    if names is None or name in names:
        return ""
    near = [f"{module}:{each}" for each in _find_near(name, sorted(names))]
    return f"is {path!r}; {places[0]} has no {name!r}{_suggest(near)}"


def _follow(parts: Sequence[str], folders: Sequence[Path]) -> tuple[int, list[Path]]:
    """Return how many parts of a module's name are there, and where the last of them is, at first in the folders."""
    places = list(folders)
    for count, part in enumerate(parts):
        found = [each for place in places for each in (place / part, place / f"{part}.py") if each.exists()]
        found += [] if count else _find_installed(part)
        if not found:
            return count, places
        places = found
    return len(parts), places


def _find_installed(name: str) -> list[Path]:
    """Return the folders of an installed package, or the file of a module."""
    try:
        spec = find_spec(name)  # of a module without a dot it imports nothing
    except ValueError:  # a module that is made by hand, such as __main__
        return []
    if spec is None:
        return []
    return [Path(each) for each in spec.submodule_search_locations or [spec.origin or ""]]


def _read_names(place: Path) -> set[str] | None:
    """Return the names that a module binds at its top, None if that cannot be seen."""
    try:
        file = place / PACKAGE if place.is_dir() else place
        names = set(_list_bound(ast.parse(file.read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    return None if names & {"*", "__getattr__"} else names


def _list_bound(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
        elif isinstance(child, ast.alias):
            yield child.asname or child.name.partition(".")[0]
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        else:
            yield from _list_bound(child)


def _find_near(name: str, known: Sequence[str]) -> list[str]:
    return get_close_matches(name, [each for each in known if each.isidentifier()], 1)


def _suggest(paths: Sequence[str]) -> str:
    return f"; did you mean {paths[0]}?" if paths else f"; expected MODULE:NAME, such as {EXAMPLE}"
