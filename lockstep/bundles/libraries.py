"""The versions that a bundle's numbers depend on, and whether they are the ones installed here."""

import platform
from importlib.metadata import version

from lockstep.bundles.manifest import Manifest
from lockstep.distribution import write_install
from lockstep.errors import VersionMismatch

PINNED = ("numpy", "scikit-learn")


def installed_libraries() -> dict[str, str]:
    """Return the versions that a bundle's numbers depend on; no library is imported for it."""
    return {"python": platform.python_version(), **{name: version(name) for name in PINNED}}


def check_libraries(manifest: Manifest) -> None:
    """Raise `VersionMismatch` where numpy or scikit-learn differ; another Python gives the same bits."""
    installed = installed_libraries()
    pinned = {name: manifest.libraries.get(name, "unknown") for name in PINNED}
    if wrong := [name for name, version in pinned.items() if installed.get(name) != version]:
        differences = ", ".join(f"{name} {installed.get(name)} instead of {pinned[name]}" for name in wrong)
        command = write_install(*(f"{name}=={version}" for name, version in pinned.items()))
        raise VersionMismatch(f"{manifest.name} was made with other versions: this is {differences}; run: {command}")
