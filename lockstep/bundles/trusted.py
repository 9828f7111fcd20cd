"""Classes of the application's own code that its pickled models may hold, by name: `preprocessing/steps.py:Clip`.

A pickle names such a class by its file and name, not by the module it was in. Its code is loaded only if the
application's lockstep.toml lists it. The manifest records the digest of its source.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType

from lockstep.applications import APPLICATION_FILE, Application
from lockstep.errors import UnknownSource
from lockstep.features.sources import load_source


@dataclass(frozen=True)
class Trusted:
    """Classes and functions by name, the SHA-256 of the source of each, and the folder of their application."""

    objects: Mapping[str, object] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


def load_trusted(names: Iterable[str], application: Application) -> Trusted:
    """Return the named classes and functions of the application.

    Raises `UnknownSource` for a name that its lockstep.toml does not list, or that leads to neither.
    """
    objects, digests = {}, {}
    for name in names:
        if name not in application.trusted:
            listed = ", ".join(application.trusted) or "nothing"
            raise UnknownSource(
                f"a model holds {name}, but {application.folder / APPLICATION_FILE} trusts {listed}; if you trust its "
                f'code, add it there: trusted = ["{name}"]'
            )
        where, _, attribute = name.partition(":")
        loaded = load_source(Path(where), application)
        objects[name], digests[name] = _read_attribute(loaded.module, name, attribute), loaded.sha256
    return Trusted(objects, digests, application.folder)


def _read_attribute(module: object, name: str, attribute: str) -> object:
    found = getattr(module, attribute, None)
    if not isinstance(found, type | FunctionType):
        raise UnknownSource(f"{name} is {'not there' if found is None else 'neither a class nor a function'}")
    return found


def describe_trusted(recorded: Mapping[str, str], found: Trusted) -> Sequence[str]:
    """Return a line for each trusted class of a bundle, for people; it says if the source has changed."""
    return [
        f"runs {name}, code of the application that the manifest trusts (source {digest[:12]})"
        + ("" if found.digests.get(name) == digest else "; it was changed since this bundle was trained")
        for name, digest in recorded.items()
    ]
