import os
import pickle
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.base import clone

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.proving import prove_exact_form
from lockstep.bundles.reading import load_series
from lockstep.bundles.unpickle import unpickle
from lockstep.errors import DigestMismatch, ForbiddenPickle, InvalidBundle
from qa.default_bundle import DEFAULT_BUNDLE
from tests.unit.conftest import Reseal


class Call:
    """Pickle into a call of `function` with `args`."""

    def __init__(self, function: Callable[..., object], *args: object) -> None:
        self.call = (function, args)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


CALLS: dict[str, Callable[[Path], object]] = {
    f"{os.system.__module__}.system": lambda marker: Call(os.system, f"touch {marker}"),
    "builtins.eval": lambda marker: Call(eval, f"open({str(marker)!r}, 'w')"),
    "subprocess.Popen": lambda marker: Call(subprocess.Popen, ["touch", str(marker)]),
    "builtins.getattr": lambda marker: Call(getattr, marker, "touch"),
    "sklearn.base.clone": lambda marker: Call(clone, str(marker)),
}


@pytest.mark.parametrize("asked", CALLS)
def test_pickle_that_asks_for_more_is_refused_by_name_and_nothing_runs(asked: str, tmp_path: Path) -> None:
    content = pickle.dumps([1, CALLS[asked](tmp_path / "marker")])
    with pytest.raises(ForbiddenPickle, match=re.escape(f"model.pkl asks for {asked}, which is not on the allow-list")):
        unpickle(content, "model.pkl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"c__main__\nModel\n.", b"cnumpy\nload\n.", b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
     b"cantigravity\nfly\n."],
    ids=["a class in __main__", "numpy.load", "a method of an allowed class", "a module not imported"],
)  # fmt: skip
def test_name_outside_the_list_is_refused(content: bytes) -> None:
    with pytest.raises(ForbiddenPickle, match="which is not on the allow-list"):
        unpickle(content, "model.pkl")


@pytest.mark.parametrize("name", [SCALER_FILE, MODEL_FILE])
def test_truncated_pickle_is_refused(name: str) -> None:
    content = (DEFAULT_BUNDLE / name).read_bytes()
    unpickle(content, name)
    for length in range(0, len(content), 23):
        with pytest.raises(InvalidBundle, match=f"{name} cannot be unpickled"):
            unpickle(content[:length], name)


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 64, b"not a pickle", b"\x80\x09.", b"(.", b"h\x05.", b"Pid\n.", b"]K\x01K\x02s.",
     b"\x80\x04\x95" + b"\xff" * 8, b"(S'x'\nios\nsystem\n.", b"\x80\x05\x96" + b"\x7f" * 8 + b"."],
    ids=repr,
)  # fmt: skip
def test_garbage_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidBundle, match=r"scaler\.pkl cannot be unpickled"):
        unpickle(content, "scaler.pkl")


def test_sealed_bundle_with_a_hostile_pickle_is_refused(folder: Path, reseal: Reseal, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    reseal(folder, {SCALER_FILE: pickle.dumps(Call(os.system, f"touch {marker}"))})
    with pytest.raises(ForbiddenPickle, match=r"tiny/1: scaler.pkl asks for \w+.system"):
        prove_exact_form(folder, load_series(folder))
    assert not marker.exists()


def test_digests_are_checked_before_anything_is_unpickled(folder: Path) -> None:
    (folder / SCALER_FILE).write_bytes(pickle.dumps(Call(os.system, "true")))
    with pytest.raises(DigestMismatch, match=r"scaler\.pkl has SHA-256"):
        load_series(folder)
