"""Bundles made to do harm, sealed so that every digest matches: each is refused, and nothing of it runs."""

import builtins
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree._tree import Tree

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.manifest import decode_manifest, encode_manifest
from lockstep.bundles.proving import prove_exact_form
from lockstep.bundles.reading import load_series
from lockstep.bundles.unpickle import unpickle
from lockstep.errors import BundleError, DigestMismatch, ForbiddenPickle, InvalidBundle
from lockstep.training.recipe import TREE
from qa.default_bundle import FILES
from tests.unit.conftest import Reseal

Arguments = tuple[Any, ...]


class Reduced:
    """Pickle into a call of `function` with `args`, and then into the state, where there is one."""

    def __init__(self, function: Callable[..., object], args: Arguments, state: object = None) -> None:
        self.reduced: Arguments = (function, args) if state is None else (function, args, state)

    def __reduce__(self) -> Arguments:
        return self.reduced


class Model:
    """A class that the pickle finds in `__main__`."""


def dump(value: object) -> bytes:
    return pickle.dumps(value, protocol=5)


def in_main() -> bytes:
    Model.__module__, main = "__main__", sys.modules["__main__"]
    main.Model = Model  # type: ignore[attr-defined] # as in the script that somebody trained with
    try:
        return dump(Model())
    finally:
        del main.Model
        Model.__module__ = __name__


HOSTILE = {
    "os.system": lambda marker: dump(Reduced(os.system, (f"touch {marker}",))),
    "builtins.eval": lambda marker: dump(Reduced(builtins.eval, (f"open({str(marker)!r}, 'w')",))),
    "builtins.exec": lambda marker: dump([Reduced(builtins.exec, (f"open({str(marker)!r}, 'w')",))]),
    "a function in a transformer of scikit-learn": lambda marker: dump(FunctionTransformer(os.mkdir)),
    "a call by scikit-learn": lambda marker: dump(Reduced(clone, (Reduced(os.mkdir, (str(marker),)),))),
    "a class in __main__": lambda marker: in_main(),
}


@pytest.mark.parametrize("name", [SCALER_FILE, MODEL_FILE])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_pickle_made_to_do_harm_is_refused_and_nothing_runs(
    folder: Path, reseal: Reseal, tmp_path: Path, what: str, name: str
) -> None:
    marker = tmp_path / "marker"
    reseal(folder, {name: HOSTILE[what](marker)})
    with pytest.raises(ForbiddenPickle, match=f"{name} asks for .*, which is not on the allow-list"):
        prove_exact_form(folder, load_series(folder))
    load_series(folder)  # serves the exact form, and unpickles nothing
    assert not marker.exists()


def test_the_harm_would_be_done_without_the_allow_list(tmp_path: Path) -> None:
    pickle.loads(HOSTILE["os.system"](tmp_path / "marker"))
    assert (tmp_path / "marker").exists()


def test_a_file_changed_after_the_seal_is_refused_unread(folder: Path, tmp_path: Path) -> None:
    (folder / MODEL_FILE).write_bytes(HOSTILE["os.system"](tmp_path / "marker"))
    with pytest.raises(DigestMismatch, match=MODEL_FILE):
        load_series(folder)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "sub/../../model.pkl", "model.pkl\0", ".."])
@pytest.mark.parametrize("instead", [True, False])
def test_a_manifest_that_points_out_of_the_folder_is_refused(
    folder: Path, reseal: Reseal, path: str, instead: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = os.open

    def note_and_open(path: Path, flags: int) -> int:
        read.append(path)
        return real(path, flags)

    files = dict.fromkeys(FILES, "0" * 64)
    if instead:
        del files["model.pkl"]
    manifest = folder / "manifest.json"
    edited = msgspec.structs.replace(decode_manifest(manifest.read_bytes()), files={**files, path: "0" * 64}).sealed()
    manifest.write_bytes(encode_manifest(edited))
    monkeypatch.setattr(os, "open", note_and_open)
    with pytest.raises(InvalidBundle, match=r"manifest\.json pins"):
        load_series(folder)
    assert {found.parent for found in read} == {folder}


def read_model(folder: Path) -> Any:
    return unpickle((folder / MODEL_FILE).read_bytes(), MODEL_FILE)


def with_tree(folder: Path, args: Arguments | None = None, **changes: object) -> bytes:
    """The folder's model with a tree made from other arguments or another state."""
    model = read_model(folder)
    tree = model[TREE].tree_
    model[TREE].tree_ = Reduced(Tree, args or tree.__reduce__()[1], {**tree.__getstate__(), **changes})
    return dump(model)


@pytest.mark.parametrize("field", ["left_child", "right_child", "feature"])
@pytest.mark.parametrize("index", [10**9, -(10**9), 5000])
def test_a_tree_whose_nodes_point_outside_its_arrays_is_refused(
    folder: Path, reseal: Reseal, field: str, index: int
) -> None:
    nodes = read_model(folder)[TREE].tree_.__getstate__()["nodes"].copy()
    nodes[field][0] = index
    reseal(folder, {MODEL_FILE: with_tree(folder, nodes=nodes)})
    with pytest.raises(InvalidBundle, match=r"node 0 points outside the tree"):
        prove_exact_form(folder, load_series(folder))


@pytest.mark.parametrize(
    ("args", "changes"),
    [
        ((10, np.ones(1, np.intp), 10**6), {}),
        ((10, np.ones(0, np.intp), 1), {}),
        ((-1, np.ones(1, np.intp), -1), {}),
        (None, {"node_count": 0}),
        (None, {"node_count": -3}),
        (None, {"node_count": 10**9}),
        (None, {"max_depth": 10**9}),
        (None, {"values": np.zeros((1, 1, 1))}),
        (None, {"nodes": np.zeros(3)}),
        (None, {"nodes": None}),
    ],
    ids=str,
)
def test_a_tree_that_lies_about_its_size_is_refused(
    folder: Path, reseal: Reseal, args: Arguments | None, changes: dict[str, object]
) -> None:
    reseal(folder, {MODEL_FILE: with_tree(folder, args, **changes)})
    with pytest.raises(BundleError):
        prove_exact_form(folder, load_series(folder))
