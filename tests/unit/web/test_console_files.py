"""The files that the pages of the console load: their addresses, how long they may be kept, and what is vendored."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lockstep.web.assets import CARD_STYLE, FOLDER, load_assets, read_assets
from lockstep.web.headers import CONSOLE_POLICY, KEPT

TEMPLATES, VENDOR = FOLDER.parent / "templates", FOLDER / "vendor"


@pytest.fixture(params=sorted(VENDOR.iterdir()), ids=lambda path: path.name)
def library(request: pytest.FixtureRequest) -> Path:
    """The folder of a vendored library."""
    assert isinstance(request.param, Path)
    return request.param


@pytest.mark.parametrize("name", sorted(load_assets().files))
def test_every_file_is_kept_for_good_and_has_its_type(client: FlaskClient, name: str) -> None:
    answer = client.get(load_assets().locate(name), environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (answer.status_code, answer.data) == (200, load_assets().files[name].content)
    assert answer.headers.getlist("Cache-Control") == [KEPT]
    assert answer.headers.getlist("Content-Security-Policy") == [CONSOLE_POLICY]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type.startswith("text/css" if name.endswith(".css") else "text/javascript")


def test_a_file_is_compressed_for_whoever_takes_that(client: FlaskClient) -> None:
    address = load_assets().locate("console.css")
    plain, packed = (client.get(address, headers={"Accept-Encoding": each}) for each in ("identity", "gzip, br"))
    assert gzip.decompress(packed.data) == plain.data
    assert (plain.headers.get("Content-Encoding"), packed.headers.get("Content-Encoding")) == (None, "gzip")
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path", ["{digest}0/console.js", "{digest}/nope.js", "{digest}/SHA256SUMS", "{digest}/vendor/x"]
)
def test_another_digest_or_name_is_no_file(client: FlaskClient, path: str) -> None:
    answer = client.get("/static/" + path.format(digest=load_assets().digest))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")
    assert answer.headers.getlist("Cache-Control") == ["no-store"]


def test_the_digest_is_of_every_file(tmp_path: Path) -> None:
    written = {name: (tmp_path / name) for name in ("a.js", "b.css")}
    for path in written.values():
        path.write_text("1")
    digests = [read_assets(tmp_path).digest]
    for path in written.values():
        path.write_text("2")
        digests.append(read_assets(tmp_path).digest)
    assert len({*digests}) == 3
    assert {*read_assets(tmp_path).files} == {*written, CARD_STYLE}


def test_no_two_files_have_one_name() -> None:
    paths = [path for path in FOLDER.rglob("*") if path.suffix in (".js", ".css")]
    assert len({path.name for path in paths} | {CARD_STYLE}) == len(paths) + 1


def test_every_module_that_is_imported_is_a_file() -> None:
    files = load_assets().files
    for path in FOLDER.glob("*.js"):
        for name in re.findall(r'"\./([^"]+)"', path.read_text(encoding="utf-8")):
            assert name in files, f"{path.name} loads {name}"


def test_a_vendored_library_is_pinned_and_has_its_license(library: Path) -> None:
    lines = (line.split("  ") for line in (library / "SHA256SUMS").read_text().splitlines())
    sums = {name: digest for digest, name in lines}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in library.iterdir()}
    del found["SHA256SUMS"]
    assert found == sums
    assert "LICENSE" in sums


def test_the_folder_of_a_library_alone_names_its_version(library: Path) -> None:
    name, version = library.name.split("-")
    assert f"/{name} (v{version}) " in (library / f"{name}.iife.min.js").read_text().partition("\n")[0]
    ours = (path for folder in (FOLDER, TEMPLATES) for path in folder.iterdir() if path.is_file())
    assert not [path.name for path in ours if version in path.read_text(encoding="utf-8")]
    assert not [path.name for path in library.iterdir() if version in path.name]


def test_our_own_files_are_small_and_name_no_other_host() -> None:
    for path in FOLDER.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert text.count("\n") <= 200, path.name
            assert not re.search(r"https?://(?!127\.|localhost|www\.w3\.org/)", text), path.name
