"""What the wheel and the sdist hold."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib.metadata import version
from pathlib import Path

import pytest

from lockstep.applications import PACKAGED
from lockstep.cli.deploy import DOCKERFILE, check_dockerfiles
from lockstep.distribution import DISTRIBUTION
from lockstep.scaffold.members import MEMBERS, list_members
from tests.conftest import ROOT
from tests.unit.scaffold.conftest import build

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
APPLICATION = f"lockstep/{PACKAGED}/"


def read_wheel(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_metadata(contents: dict[str, bytes]) -> Message:
    [metadata] = [content for path, content in contents.items() if path.endswith(".dist-info/METADATA")]
    return message_from_bytes(metadata)


def test_the_wheel_holds_the_application_byte_for_byte(wheel: Path) -> None:
    packed = {
        path.removeprefix(APPLICATION): content
        for path, content in read_wheel(wheel).items()
        if path.startswith(APPLICATION)
    }
    assert packed == {path: (ROOT / path).read_bytes() for path in list_members(ROOT)}


def test_every_member_of_the_application_is_in_the_wheel(wheel: Path) -> None:
    held = read_wheel(wheel)
    assert [member for member in MEMBERS if not any(path.startswith(APPLICATION + member) for path in held)] == []


def test_the_build_of_the_image_sees_every_member() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    seen = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert [member for member in MEMBERS if seen.isdisjoint((member, member.partition("/")[0]))] == []


def test_the_wheel_installs_one_name(wheel: Path) -> None:
    tops = {path.partition("/")[0] for path in read_wheel(wheel)}
    assert tops == {"lockstep", f"{DISTRIBUTION.replace('-', '_')}-{PROJECT['version']}.dist-info"}


def test_every_file_of_the_library_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "lockstep"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607
    held = read_wheel(wheel)
    assert "lockstep/errors.py" in tracked.stdout.split()
    assert [path for path in tracked.stdout.split() if path not in held] == []


def test_the_sdist_builds_the_same_wheel(wheel: Path, wheel_of_the_sdist: Path) -> None:
    assert wheel_of_the_sdist.read_bytes() == wheel.read_bytes()


def test_the_sdist_holds_what_was_listed_and_no_caches(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert len(names) > 100
    assert {name.rpartition("/")[2] for name in names if "/requirements/" in name} == {"local.txt", "web.txt"}
    assert [name for name in names if "__pycache__" in name or "/.venv" in name or "/dist/" in name] == []


def test_an_editable_install_maps_the_library_alone(tmp_path: Path) -> None:
    held = read_wheel(build(ROOT, "wheel:editable", tmp_path))
    mapped = re.findall(r"map_module\('(\w+)'", "".join(content.decode() for content in held.values()))
    assert mapped == ["lockstep"]
    assert [path for path in held if PACKAGED in path] == []


def test_the_core_needs_three_libraries(wheel: Path) -> None:
    needed = read_metadata(read_wheel(wheel)).get_all("Requires-Dist") or []
    core = {re.split(r"[^\w-]", each)[0] for each in needed if "extra ==" not in each}
    assert core == {"click", "msgspec", "numpy"}


def test_gunicorn_is_pinned_to_the_version_that_is_tested() -> None:
    [pinned] = [each for each in PROJECT["optional-dependencies"]["serve"] if each.startswith("gunicorn")]
    assert pinned == f"gunicorn=={version('gunicorn')}"


def test_the_published_name_is_the_one_that_messages_give() -> None:
    assert PROJECT["name"] == DISTRIBUTION


def test_the_command_and_the_wheel_have_the_version_of_the_project(wheel: Path) -> None:
    command = [sys.executable, "-m", "lockstep", "--version"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert told.split()[-1] == read_metadata(read_wheel(wheel))["Version"] == PROJECT["version"]


def test_the_wheel_brings_its_licence(wheel: Path) -> None:
    contents = read_wheel(wheel)
    [licence] = [content for path, content in contents.items() if path.endswith(".dist-info/licenses/LICENSE")]
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert read_metadata(contents)["License-Expression"] == "Apache-2.0"


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").rglob("*.txt")), ids=lambda path: path.stem)
def test_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(r"^\S+==\S+ .*\\$", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[^#\s]", text, re.MULTILINE)) > 0
    assert "--hash=sha256:" in text
    assert re.search(r"https?://|file:|--(?!hash=)|\s/", text) is None


def test_after_make_dist_the_tree_holds_one_dockerfile() -> None:
    make = ["make", "--old-file=.venv/.test", f"BIN={Path(sys.executable).parent}", "dist"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    built = sorted(path.name for path in (ROOT / "dist").iterdir())
    stem = f"{DISTRIBUTION.replace('-', '_')}-{PROJECT['version']}"
    assert built == [f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"]
    assert (ROOT / DOCKERFILE).is_file()
    check_dockerfiles(ROOT)


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"\.dockerignore is missing"):
        list_members(tmp_path)


def test_caches_of_python_are_no_members(tmp_path: Path) -> None:
    for path in list_members(ROOT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "backend" / "__pycache__").mkdir()
    (tmp_path / "backend" / "__pycache__" / "wsgi.cpython-313.pyc").touch()
    assert list_members(tmp_path) == list_members(ROOT)
