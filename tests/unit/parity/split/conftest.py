"""Two versions of a small model, services in which each is the champion, and clients without a socket."""

from collections.abc import Callable
from pathlib import Path

import pytest

import lockstep.parity.client
from lockstep.parity.split.split import Arm
from lockstep.scoring.settings import Settings
from lockstep.training.estimators import REGRESSOR, parse_estimator
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.families import LABEL, MANY, VALUE, make_flats
from qa.in_process import AppTransport, Wsgi
from tests.small_tables import load_saved, save_table

MODEL = "flats"
Reach = Callable[[Wsgi], str]


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with three versions; two have aliases."""
    folder = tmp_path_factory.mktemp("models")
    recipe = TableRecipe(MODEL, VALUE, parse_estimator("tree(max_depth=5)", REGRESSOR))
    for seed in (3, 4, 5):
        save_table(folder, make_flats(seed).without(LABEL).without(MANY), recipe)
    (folder / MODEL / "aliases.json").write_text('{"challenger": 2, "champion": 1}')
    return folder / MODEL


@pytest.fixture(scope="session")
def services(versions: Path) -> list[Wsgi]:
    """Services of the model, in the first of which version 1 is the champion, and so on."""
    champions = [{MODEL: {"champion": version}} for version in (1, 2, 3)]
    return [
        create_app(Settings(models=(versions,), rate_limit=None, aliases=aliases)).wsgi_app for aliases in champions
    ]


@pytest.fixture(scope="session")
def arms(versions: Path) -> tuple[Arm, ...]:
    """Version 1 with three quarters of the answers, version 2 with the rest."""
    named = (("champion", 1, 3), ("challenger", 2, 1))
    return tuple(Arm(name, version, weight, load_saved(versions / str(version))) for name, version, weight in named)


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Reach:
    """Let each client reach an app in this process, whatever its address is; return such an address."""

    def connect(app: Wsgi) -> str:
        monkeypatch.setattr(lockstep.parity.client, "Transport", lambda _: AppTransport(app))
        return "http://in-process"

    return connect
