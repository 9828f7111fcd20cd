"""Load a bundle from its folder."""

import re
from functools import partial
from pathlib import Path

from lockstep.applications import Application, find_application
from lockstep.bundles.bundle import Bundle, FindFeatures, Finds, Runs, check_digests
from lockstep.bundles.files import MAX_FILE_BYTES, MAX_MANIFEST_BYTES, read_regular
from lockstep.bundles.libraries import check_libraries
from lockstep.bundles.manifest import (
    MANIFEST_FILE,
    AnyManifest,
    BarsManifest,
    Manifest,
    PanelManifest,
    TableManifest,
    decode_manifest,
)
from lockstep.bundles.panels.bundle import assemble_panel
from lockstep.bundles.series import SeriesBundle, as_series, assemble_series
from lockstep.bundles.table import assemble_table
from lockstep.bundles.trusted import Trusted, load_trusted
from lockstep.errors import BundleError, InvalidBundle, LockstepError
from lockstep.features.loading import load_feature_set
from lockstep.features.sources import load_source
from lockstep.predict.guarantees import check_guarantees

FILE_NAME = re.compile(r"[a-z][a-z_]*\.[a-z]+")


def load_bundle(folder: Path, find_features: FindFeatures | None = None, runs: Runs = "sealed") -> Bundle:
    """Return the bundle in `folder`, a version of a model.

    Its feature set is found by `find_features`, or through the application in or above the folder, else the current
    one. Nothing is unpickled before every digest matches and the library versions are the manifest's. Raises a
    `BundleError` that names the folder and the reason.
    """
    try:
        manifest, contents = read_files(folder)
        check_libraries(manifest)
        check_guarantees(manifest.guarantees)
        finds = Finds(find_features or finder_for(folder), trusted_for(folder, manifest))
        if isinstance(manifest, TableManifest):
            return assemble_table(manifest, contents, finds, runs)
        if isinstance(manifest, PanelManifest):
            return assemble_panel(manifest, contents, folder, finds, runs)
        return assemble_series(manifest, contents, finds, runs)
    except BundleError as error:
        raise type(error)(f"{folder}: {error}") from error
    except (LockstepError, LookupError, ValueError) as error:
        raise InvalidBundle(f"{folder}: {error}") from error


def load_series(folder: Path, find_features: FindFeatures | None = None, runs: Runs = "sealed") -> SeriesBundle:
    """Return the bundle in `folder` as `load_bundle` does; raise `InvalidBundle` if it is not of a series."""
    return as_series(load_bundle(folder, find_features, runs))


def read_files(folder: Path) -> tuple[AnyManifest, dict[str, bytes]]:
    """Return the manifest and the other files, whose digests match it; raise a `BundleError`."""
    manifest = decode_manifest(_read_file(folder, MANIFEST_FILE, MAX_MANIFEST_BYTES))
    contents = {name: _read_file(folder, name) for name in manifest.files}
    check_digests(manifest, contents)
    return manifest, contents


def finder_for(folder: Path) -> FindFeatures:
    """Return what finds the feature sets of the bundle in `folder`, through its application, else the current one.

    A model and its versions hold no application: files beside a bundle's own are never run.
    """
    return partial(load_feature_set, application=_application_of(folder))


def list_sources(folder: Path, manifest: AnyManifest) -> dict[str, Path]:
    """Return the files of the application that the bundle in `folder` runs, by their paths in the application.

    Raises `UnknownFeatureSet` or `UnknownSource`.
    """
    application = _application_of(folder)
    found = [load_source(Path(name.partition(":")[0]), application).sources for name in manifest.trusted]
    if isinstance(manifest, BarsManifest):
        found.append(load_feature_set(manifest.feature_set.name, application).sources)
    paths = [Path(source).resolve() for sources in found for source in sources]
    return {path.relative_to(application.folder.resolve()).as_posix(): path for path in paths}


def trusted_for(folder: Path, manifest: Manifest) -> Trusted:
    """Return the classes of the application that the manifest trusts; raise `UnknownSource`."""
    return load_trusted(manifest.trusted, _application_of(folder)) if manifest.trusted else Trusted()


def _application_of(folder: Path) -> Application:
    return find_application(folder.resolve().parents[1], Path.cwd())


def _read_file(folder: Path, name: str, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    if not FILE_NAME.fullmatch(name):
        raise InvalidBundle(f"{MANIFEST_FILE} pins {name[:40]!r}, which is no name of a file of a bundle")
    try:
        return read_regular(folder / name, max_bytes)
    except OSError as error:
        raise InvalidBundle(f"{name} cannot be read: {error.strerror}") from error
