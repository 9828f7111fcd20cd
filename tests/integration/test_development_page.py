"""docs/development.md: the door and the check that it shows work as they stand, and the files that it names exist."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from sklearn.linear_model import LogisticRegression

from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle
from lockstep.data.table_csv import make_table
from lockstep.doors.door import Received
from lockstep.parity import rows_checks
from lockstep.parity.client import ServiceClient
from lockstep.parity.series import SeriesSubject
from lockstep.scoring.errors import RequestError
from lockstep.scoring.score import score
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.servers import ROOT
from qa.threads import serve_app
from tests.pages import find_blocks, read_page
from tests.small_tables import save_table

PAGE = read_page("docs/development.md")
MAX_ROWS = 10


@pytest.fixture(scope="module")
def door() -> Iterator[ModuleType]:
    """The module of the door on the page."""
    module = ModuleType("lockstep.doors.cells")
    sys.modules[module.__name__] = module  # where msgspec looks for the types of its structs
    exec(compile(find_blocks(PAGE, "python")[0], "development.md", "exec"), module.__dict__)  # noqa: S102 -- our page
    yield module
    del sys.modules[module.__name__]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    table = make_table({"width": [1.0, 1.2, 3.1, 2.9] * 10, "kind": ["small", "small", "large", "large"] * 10})
    folder = save_table(tmp_path_factory.mktemp("models"), table, TableRecipe("sizes", "kind", LogisticRegression()))
    return load_service(Settings(models=(folder.parent,))).registry


def test_the_shown_door_answers_a_row_and_its_own_example(door: ModuleType, registry: Registry) -> None:
    example = msgspec.json.encode(door.DOOR.write_example(registry.default.bundle))
    for body, expected in ((b'{"cells": [3.0]}', "large"), (b'{"cells": [1.1]}', "small"), (example, None)):
        answer = score(registry, door.DOOR.decode(Received(body, MAX_ROWS)), None)
        told = msgspec.json.decode(door.DOOR.encode(answer, "id").body)["prediction"]
        assert told in ("small", "large") if expected is None else told == expected


@pytest.mark.parametrize(
    "body", [b"[]", b'{"cells": 3}', b'{"cells": [1.0], "more": 1}', b'{"cells": [1], "cells": [2]}']
)
def test_the_shown_door_refuses_another_body(door: ModuleType, body: bytes) -> None:
    with pytest.raises(RequestError):
        door.DOOR.decode(Received(body, MAX_ROWS))


def test_the_shown_check_passes_on_the_service_and_counts_every_row(default_bundle: SeriesBundle) -> None:
    names = dict(vars(rows_checks))
    exec(compile(find_blocks(PAGE, "python")[1], "development.md", "exec"), names)  # noqa: S102 -- our page
    with serve_app(create_app(Settings(rate_limit=None))) as url:
        subject = SeriesSubject(ServiceClient(url, None, default_bundle.manifest.name), default_bundle, seed=7)
        found = names["REVERSED"](subject)
    assert (found.compared, list(found.findings)) == (2 * default_bundle.manifest.test.rows, [])


def test_the_files_and_targets_that_it_names_exist() -> None:
    added = {"lockstep/doors/cells.py", "docs/api/cells.md"}
    named = set(re.findall(r"(?:lockstep|tests|qa|examples|docs)/[\w./]*\w(?:\.\w+|/)", PAGE)) - added
    assert len(named) > 10
    assert [name for name in named if not Path(ROOT, name).exists()] == []


def test_what_an_estimator_is_added_to_is_in_the_files_that_the_page_names() -> None:
    rows = re.findall(r"^\| `([\w/]+\.py)` \| (.*) \|$", PAGE.partition("## Add an estimator")[2], re.MULTILINE)
    assert len(rows) == 4
    for file, text in rows:
        source = (ROOT / file).read_text()
        known = [name for name in re.findall(r"`([A-Za-z]+)`", text) if name != "Lars"]
        assert all(name in source for name in known), file
