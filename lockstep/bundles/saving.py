"""Write a bundle as the next version of its model."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from lockstep.applications import find_application
from lockstep.bundles.files import MAX_MANIFEST_BYTES, read_regular
from lockstep.bundles.manifest import (
    MANIFEST_FILE,
    Manifest,
    SeriesManifest,
    check_texts,
    decode_manifest,
    encode_manifest,
)
from lockstep.bundles.versions import (
    CHAMPION,
    check_name,
    list_models,
    list_versions,
    locked,
    next_version,
    read_aliases,
    write_aliases,
)
from lockstep.errors import InvalidBundle

AnyKind = TypeVar("AnyKind", bound=Manifest)


def seal_manifest(manifest: AnyKind, files: Mapping[str, bytes]) -> AnyKind:
    """Return the manifest with the digests of `files` and its own."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return msgspec.structs.replace(manifest, files=digests).sealed()


def save_bundle(model: Path, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Write a bundle as the next version in the folder `model`, and return the version's folder.

    No folder of a version ever holds half a bundle: the files are written and synced beside it first. A version that
    is there is never changed. The first version becomes the champion; later ones wait for a promotion.
    """
    check_texts(manifest)
    with fresh_folder(model) as fresh:
        return publish(fresh, manifest, files)


@contextmanager
def fresh_folder(model: Path) -> Iterator[Path]:
    """Yield a new folder in a model's, which `publish` makes its next version; it is deleted if it was not published.

    Raises `InvalidBundle` for a folder that cannot become a model's.
    """
    check_model_folder(model)
    model.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".", dir=model))
    try:
        fresh.chmod(0o755)  # a server may be another user, whom mkdtemp shuts out
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def publish(fresh: Path, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Write a manifest and files into a folder of `fresh_folder`, make it the next version, and return its folder."""
    model = fresh.parent
    _check_kind(model, manifest)
    for name, content in {**files, MANIFEST_FILE: encode_manifest(manifest)}.items():
        _write_synced(fresh / name, content)
    with locked(model):
        aliases, version = read_aliases(model), next_version(model)
        fresh.rename(model / str(version))
        if version == 1:
            write_aliases(model, {CHAMPION: version, **aliases})
    return model / str(version)


def check_model_folder(model: Path) -> None:
    """Raise `InvalidBundle` for a folder that cannot become a model's: by its name, or for the models that it holds."""
    if model.name != model.resolve().name:
        raise InvalidBundle(f"{model} is no folder of a model; name one, such as models/x")
    check_name(model.name)
    application = find_application(model.absolute().parent)
    if list_models(model) or model.resolve() == application.models.resolve():
        raise InvalidBundle(f"{model} is a models folder; name a model in it, such as {model / 'x'}")


def check_model_symbol(model: Path, symbol: str) -> None:
    """Raise `InvalidBundle` if the versions of a model forecast another symbol: its callers post other prices."""
    before = _read_newest(model)
    if isinstance(before, SeriesManifest) and before.symbol != symbol:
        raise InvalidBundle(
            f"{model} holds versions of {before.symbol}, and this is one of {symbol}; name another model with --out, "
            f"such as --out {model}-other"
        )


def _check_kind(model: Path, manifest: Manifest) -> None:
    """Raise `InvalidBundle` if the versions of a model are of another kind: its callers post other rows."""
    before = _read_newest(model)
    if before is not None and before.kind != manifest.kind:
        kinds = f"versions of a {before.kind}, and this is one of a {manifest.kind}"
        raise InvalidBundle(f"{model} holds {kinds}; name another model, such as --out {model}-{manifest.kind}")
    if isinstance(manifest, SeriesManifest):
        check_model_symbol(model, manifest.symbol)


def _read_newest(model: Path) -> Manifest | None:
    """Return the manifest of the newest version of a model, None without one."""
    for version in list_versions(model)[-1:]:
        return decode_manifest(read_regular(model / str(version) / MANIFEST_FILE, MAX_MANIFEST_BYTES))
    return None


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
