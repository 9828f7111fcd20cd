import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lockstep.bundles import files
from lockstep.bundles.files import read_regular
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.versions import read_aliases
from lockstep.errors import InvalidBundle
from qa.default_bundle import FILES

GENEROUS_TIMEOUT_S = 60
LARGE = 1 << 40


def put_pipe(path: Path) -> None:
    os.mkfifo(path)


def put_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def put_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(path.parent)  # the path of a socket has at most 107 characters
        try:
            listening.bind(path.name)
        finally:
            os.chdir(here)


def put_folder(path: Path) -> None:
    path.mkdir()


def put_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGE)


def put_endless(path: Path) -> None:
    path.symlink_to("/proc/self/environ")


PUT = {
    put_pipe: "is a pipe or device",
    put_device: "is a pipe or device",
    put_socket: "cannot be read: No such device or address",
    put_folder: "is a folder",
    put_large: f"has {LARGE} bytes; at most",
    put_endless: "does not have the 0 bytes",
}


@pytest.mark.parametrize(("put", "reason"), PUT.items(), ids=[each.__name__ for each in PUT])
@pytest.mark.parametrize("name", [FILES[-1], MANIFEST_FILE])
def test_what_is_no_file_of_bounded_size_is_refused_at_once(
    folder: Path, name: str, put: Callable[[Path], None], reason: str
) -> None:
    (folder / name).unlink()
    put(folder / name)
    with pytest.raises(InvalidBundle, match=f"{folder}: {name} .*{reason}"):
        load_bundle(folder)


def test_verify_does_not_wait_for_the_writer_of_a_pipe(folder: Path) -> None:
    (folder / FILES[0]).unlink()
    os.mkfifo(folder / FILES[0])
    command = [sys.executable, "-m", "lockstep", "verify", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=GENEROUS_TIMEOUT_S, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"{FILES[0]} cannot be read: it is a pipe or device" in ended.stderr


def test_a_pipe_in_the_place_of_the_aliases_is_refused(folder: Path) -> None:
    (folder.parent / "aliases.json").unlink()
    os.mkfifo(folder.parent / "aliases.json")
    with pytest.raises(InvalidBundle, match=r"aliases\.json cannot be read: it is a pipe"):
        read_aliases(folder.parent)


def test_a_manifest_has_a_bound_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.MAX_MANIFEST_BYTES < files.MAX_FILE_BYTES
    size = (folder / MANIFEST_FILE).stat().st_size
    monkeypatch.setattr("lockstep.bundles.reading.MAX_MANIFEST_BYTES", size - 1)
    with pytest.raises(InvalidBundle, match=f"{MANIFEST_FILE} has {size} bytes; at most {size - 1} are read"):
        load_bundle(folder)


def test_a_regular_file_and_one_behind_a_link_are_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\0" * 70_000)
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link") == read_regular(tmp_path / "file") == b"\0" * 70_000
