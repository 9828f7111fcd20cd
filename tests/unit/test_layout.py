"""docs/layout.md names the rooms that there are, and files that exist."""

import re

from qa.servers import ROOT

PAGE = (ROOT / "docs" / "layout.md").read_text()


def test_every_room_of_the_library_is_described() -> None:
    section = PAGE.partition("## The library")[2].partition("## The way")[0]
    described = re.findall(r"^\| `([\w./]+)` \|", section, re.M)
    rooms = {path.name for path in (ROOT / "lockstep").iterdir() if not path.name.startswith(("__", "py.typed"))}
    assert {name.strip("/") for name in described} == rooms


def test_every_file_on_the_way_of_a_posted_row_exists() -> None:
    drawing = PAGE.partition("## The way of a posted row")[2]
    files = re.findall(r"[\w/]+\.py", drawing)
    assert len(files) > 10
    missing = [file for file in files if not ((ROOT / "lockstep" / file).is_file() or (ROOT / file).is_file())]
    assert missing == []


def test_every_file_of_the_application_that_is_named_exists() -> None:
    section = PAGE.partition("## The application")[2].partition("## The library")[0]
    named = re.findall(
        r"`((?:backend|preprocessing)/[\w./]*|\w+\.toml|Dockerfile\.web|heroku\.yml|app\.json)`", section
    )
    assert len(named) > 6
    assert [name for name in named if not (ROOT / name).exists()] == []
