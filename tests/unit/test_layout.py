"""docs/layout.md names every package of the library, the rule for imports, and files that exist."""

import re

from qa.servers import ROOT
from tests.unit.test_architecture import BESIDE, LAYERS

PAGE = (ROOT / "docs" / "layout.md").read_text()


def read_tables() -> list[dict[str, str]]:
    """Return the tables of the section on the library: what stands beside each package."""
    section = PAGE.partition("## The library")[2].partition("## The path")[0]
    tables = re.findall(r"^\|---.*\n((?:\|.*\n)+)", section, re.M)
    return [dict(re.findall(r"^\| `([\w.]+)/?` \| (.*) \|$", table, re.M)) for table in tables]


def expand(allowed: str) -> set[str]:
    """Return the packages and modules in a cell of the rule for imports."""
    allowed, _, without = allowed.partition(", without ")
    chain = re.search(r"the chain from `(\w+)/` on", allowed)
    named = {name.removesuffix(".py") for name in re.findall(r"`([\w.]+)/?`", allowed)}
    from_on = LAYERS[LAYERS.index(chain[1]) :] if chain else ()
    return (named | set(from_on)) - {without.strip("`").removesuffix(".py")}


def test_every_package_of_the_library_is_described() -> None:
    _, described = read_tables()
    packages = {path.name for path in (ROOT / "lockstep").iterdir() if not path.name.startswith(("__", "py.typed"))}
    assert set(described) == packages


def test_the_documented_imports_are_those_that_the_rule_allows() -> None:
    beside, _ = read_tables()
    [chain] = re.findall(r"^runtimes ─▶ .*$", PAGE, re.M)
    assert tuple(chain.split(" ─▶ ")) == LAYERS
    assert {name: expand(allowed) for name, allowed in beside.items()} == {
        name: set(allowed) for name, allowed in BESIDE.items() if name != "__main__"
    }


def test_every_file_on_the_path_of_a_posted_row_exists() -> None:
    drawing = PAGE.partition("## The path of a posted row")[2]
    files = re.findall(r"[\w/]+\.py", drawing)
    assert len(files) > 10
    missing = [file for file in files if not ((ROOT / "lockstep" / file).is_file() or (ROOT / file).is_file())]
    assert missing == []


def test_every_file_of_the_application_that_is_named_exists() -> None:
    section = PAGE.partition("## The application")[2].partition("## The library")[0]
    named = re.findall(
        r"`((?:backend|preprocessing)/[\w./]*|\w+\.toml|Dockerfile\.\w+|heroku\.yml|app\.json)`", section
    )
    assert len(named) > 6
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_what_installs_for_long_says_so_before() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    for target in ("$(VENV)/.local:", "$(VENV)/.test:"):
        [place] = [place for place, line in enumerate(lines) if line.startswith(target)]
        assert re.match(r'\t@echo "Installing into .* minute', lines[place + 1]), target
