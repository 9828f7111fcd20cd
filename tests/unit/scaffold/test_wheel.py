"""The library as a wheel, made from an installation or from a checkout."""

import json
import sys
import zipfile
from importlib.metadata import Distribution, PathDistribution
from io import BytesIO
from pathlib import Path

import pytest

from lockstep.errors import PackagingError
from lockstep.scaffold import wheel as packing
from lockstep.scaffold.archive import write_zip
from lockstep.scaffold.wheel import build_from_checkout, build_wheel, find_installed, pack_installed
from tests.conftest import ROOT

INSTALLERS = {
    "INSTALLER": "pip\n",
    "REQUESTED": "",
    "direct_url.json": json.dumps({"url": Path("/home/me/dist").as_uri()}),
}


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Distribution:
    """The wheel, installed as pip does it: with caches, a command and notes of its own, all of them in RECORD."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    [info] = tmp_path.glob("*.dist-info")
    record = (info / "RECORD").read_text()
    for name, text in INSTALLERS.items():
        (info / name).write_text(text)
        record += f"{info.name}/{name},sha256=x,{len(text)}\n"
    (tmp_path / "lockstep" / "__pycache__").mkdir()
    (tmp_path / "lockstep" / "__pycache__" / "errors.cpython-313.pyc").write_bytes(b"cached")
    record += "lockstep/__pycache__/errors.cpython-313.pyc,,\n../../../bin/lockstep,sha256=x,9\n"
    (info / "RECORD").write_text(record)
    return PathDistribution(info)


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def sorted_lines(contents: dict[str, bytes]) -> list[bytes]:
    [record] = [content for path, content in contents.items() if path.endswith("/RECORD")]
    return sorted(record.splitlines())


def test_the_wheel_of_an_installation_holds_what_the_installed_wheel_held(wheel: Path, installed: Distribution) -> None:
    packed = pack_installed(installed)
    original, made = read(wheel.read_bytes()), read(packed.content)
    assert packed.name == wheel.name
    assert sorted_lines(made) == sorted_lines(original)
    record = next(path for path in original if path.endswith("/RECORD"))
    assert made | {record: b""} == original | {record: b""}


def test_the_same_installation_gives_the_same_bytes_later(
    installed: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pack_installed(installed)
    monkeypatch.setattr("time.time", lambda: 2e9)
    for path in Path(str(installed.locate_file(""))).rglob("*.py"):
        path.touch()
    assert pack_installed(installed) == first


def test_a_wheel_made_of_a_wheel_made_so_is_the_same(installed: Distribution, tmp_path: Path) -> None:
    first = pack_installed(installed)
    again = tmp_path / "again"
    with zipfile.ZipFile(BytesIO(first.content)) as archive:
        archive.extractall(again)
    [info] = again.glob("*.dist-info")
    assert pack_installed(PathDistribution(info)) == first


def test_an_installed_file_that_was_changed_is_refused_by_its_path(installed: Distribution) -> None:
    changed = Path(str(installed.locate_file("lockstep/errors.py")))
    changed.write_text("mine = True\n")
    with pytest.raises(PackagingError, match=r"errors\.py is not the file that was installed"):
        pack_installed(installed)


def test_the_installation_is_packed_only_if_it_is_the_running_library(
    installed: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_installed() is None  # the tests run from a checkout
    monkeypatch.setattr(packing, "distribution", lambda _: installed)
    assert find_installed() is None
    monkeypatch.setattr(packing, "LIBRARY", Path(str(installed.locate_file("lockstep"))))
    assert find_installed() is installed


def test_a_checkout_gives_the_wheel_of_the_build_back_end_twice(wheel: Path) -> None:
    built = build_wheel()
    assert (built.name, built.content) == (wheel.name, wheel.read_bytes())
    assert build_from_checkout(ROOT) == built


def test_a_checkout_that_cannot_be_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match=f"no wheel could be built from {tmp_path}"):
        build_from_checkout(tmp_path)


def test_equal_contents_give_equal_archives_in_any_order() -> None:
    assert write_zip({"b": b"2", "a": b"1"}) == write_zip({"a": b"1", "b": b"2"})
    assert write_zip({"a": b"1"}) != write_zip({"a": b"2"})


def test_the_tests_run_from_the_checkout() -> None:
    """The tests above take the library for the checkout's; a stale installed copy would make them meaningless."""
    assert Path(sys.modules["lockstep"].__file__ or "").parent == ROOT / "lockstep"
