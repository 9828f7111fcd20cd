"""Bundles and settings that a process must refuse at boot, made by breaking the right ones."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle, seal_manifest
from qa.default_bundle import DEFAULT_BUNDLE
from tests.unfaithful import change_prediction

Break = Callable[[Path], dict[str, str]]
"""Break the whole bundle in a folder; return the settings to boot with beside LOCKSTEP_MODELS."""


def _reseal(folder: Path, **changed: object) -> None:
    manifest = load_series(DEFAULT_BUNDLE).manifest
    files = {name: (folder / name).read_bytes() for name in manifest.files}
    shutil.rmtree(folder)
    save_bundle(folder.parent, seal_manifest(msgspec.structs.replace(manifest, **changed), files), files)


def remove_folder(folder: Path) -> dict[str, str]:
    shutil.rmtree(folder)
    return {}


def remove_file(folder: Path) -> dict[str, str]:
    (folder / "model.pkl").unlink()
    return {}


def change_file(folder: Path) -> dict[str, str]:
    (folder / "model.pkl").write_bytes(b"another model")
    return {}


def put_pipe(folder: Path) -> dict[str, str]:
    (folder / "bars.csv").unlink()
    os.mkfifo(folder / "bars.csv")
    return {}


def state_score(folder: Path) -> dict[str, str]:
    scores = load_series(DEFAULT_BUNDLE).manifest.scores
    _reseal(folder, scores={**scores, "model": msgspec.structs.replace(scores["model"], r2=0.99)})
    return {}


def cut_manifest(folder: Path) -> dict[str, str]:
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:100])
    return {}


def change_library(folder: Path) -> dict[str, str]:
    libraries = load_series(DEFAULT_BUNDLE).manifest.libraries
    _reseal(folder, libraries={**libraries, "numpy": "1.26.4"})
    return {}


def change_features(folder: Path) -> dict[str, str]:
    known = load_series(DEFAULT_BUNDLE).manifest.feature_set
    _reseal(folder, feature_set=msgspec.structs.replace(known, lookback_bars=100))
    return {}


def change_evaluation(folder: Path) -> dict[str, str]:
    evaluation = folder / "evaluation.csv"
    evaluation.write_bytes(change_prediction(evaluation.read_bytes()))
    _reseal(folder)
    return {}


def serve_twice(_: Path) -> dict[str, str]:
    return {"LOCKSTEP_MODELS": "models/msft/1:models/msft/1"}


def open_address(_: Path) -> dict[str, str]:
    return {"LOCKSTEP_HOST": "0.0.0.0"}  # noqa: S104 -- that is what is refused


def store_bare_key(_: Path) -> dict[str, str]:
    return {"LOCKSTEP_API_KEYS": "hunter2"}


def misspell_setting(_: Path) -> dict[str, str]:
    return {"LOCKSTEP_GATES": "warn"}


def set_nonsense(_: Path) -> dict[str, str]:
    return {"LOCKSTEP_MAX_ROWS": "many"}


BREAKS: tuple[Break, ...] = (
    remove_folder,
    remove_file,
    change_file,
    put_pipe,
    cut_manifest,
    change_library,
    change_features,
    change_evaluation,
    state_score,
    serve_twice,
    open_address,
    store_bare_key,
    misspell_setting,
    set_nonsense,
)
