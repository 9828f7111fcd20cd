"""What `lockstep init` writes."""

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

import pytest

from lockstep.applications import read_application
from lockstep.scaffold.members import list_members
from lockstep.scaffold.writing import APP_FILE, TARGETS, write_application
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parent") / "my-prices"
    write_application(folder)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_of_the_packaged_application_is_written_as_it_is(created: Path) -> None:
    copied = [path for path in list_members(ROOT) if path not in {*TARGETS.values(), APP_FILE}]
    written = files_of(created)
    assert len(copied) > 15
    assert {path: written[path] for path in copied} == {path: (ROOT / path).read_bytes() for path in copied}


def test_what_was_written_is_returned(tmp_path: Path) -> None:
    written = write_application(tmp_path)
    assert written == sorted(files_of(tmp_path))
    assert {"Makefile", ".github/workflows/ci.yml", ".gitignore", "tests/test_application.py"} < set(written)


def test_the_application_is_called_as_its_folder(created: Path) -> None:
    application = read_application(created)
    assert (application.name, application.default, application.models) == ("my-prices", "msft", created / "models")
    assert (created / "README.md").read_text().startswith("# my-prices\n")


def test_app_json_differs_in_the_name_alone(created: Path) -> None:
    written, packaged = (folder.joinpath(APP_FILE).read_text() for folder in (created, ROOT))
    assert written == packaged.replace('"name": "lockstep"', '"name": "my-prices"')
    assert written != packaged


def test_a_name_is_cut_to_what_heroku_takes(tmp_path: Path) -> None:
    write_application(tmp_path / ("long" * 10))
    assert json.loads((tmp_path / ("long" * 10) / APP_FILE).read_text())["name"] == "long" * 7 + "lo"


def test_a_name_with_quotes_is_written_so_that_it_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / 'the "new" prices'
    write_application(folder)
    assert read_application(folder).name == folder.name


def test_no_placeholder_is_left(created: Path) -> None:
    assert [path for path in TARGETS.values() if re.search(rb"@[A-Z_]+@", (created / path).read_bytes())] == []


def test_the_lock_pins_the_wheel_by_its_digest(created: Path) -> None:
    [wheel] = (created / "vendor").iterdir()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert (created / "requirements" / "vendor.txt").read_text() == f"./vendor/{wheel.name} --hash=sha256:{digest}\n"


def test_no_path_of_this_machine_is_written(created: Path) -> None:
    places = [str(place).encode() for place in (created, ROOT, sys.prefix, sys.base_prefix, Path.home())]
    [wheel] = (created / "vendor").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    contents = files_of(created) | packed
    assert len(packed) > 100
    assert [(path, place) for path, content in contents.items() for place in places if place in content] == []


def test_twice_gives_the_same_bytes(created: Path, tmp_path: Path) -> None:
    write_application(tmp_path / created.name)
    assert files_of(tmp_path / created.name) == files_of(created)


@pytest.mark.parametrize("held", ["notes.md", ".env", "src"])
def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path, held: str) -> None:
    (tmp_path / held).mkdir()
    with pytest.raises(FileExistsError, match=f"{tmp_path} is not empty, it holds {held}"):
        write_application(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [held]


def test_an_empty_repository_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert "lockstep.toml" in write_application(tmp_path)
