"""The symbols that a model forecasts, for programs."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sklearn.tree import DecisionTreeClassifier

from lockstep.scoring.keys import new_key
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web import pages
from lockstep.web.app import create_app
from tests.small_panels import make_series, save_panel
from tests.small_tables import TARGET, load_table, save_table


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    return save_panel(tmp_path / "models" / "panel", make_series(3))


def ask(client: FlaskClient, address: str) -> dict[str, object]:
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.get_json()


def test_the_symbols_of_a_panel_are_listed(panel: Path) -> None:
    client = create_app(Settings(models=(panel,))).test_client()
    told = ask(client, "/v1/models/panel/symbols")
    assert told == {"model": "panel", "version": 1, "total": 3, "symbols": ["S0", "S1", "S2"]}


def test_pages_follow_each_other_until_the_last_symbol(panel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_SYMBOLS", 2)
    client = create_app(Settings(models=(panel,))).test_client()
    first = ask(client, "/v1/models/panel/symbols")
    assert (first["symbols"], first["next"], first["total"]) == (["S0", "S1"], "S1", 3)
    last = ask(client, f"/v1/models/panel/symbols?after={first['next']}")
    assert (last["symbols"], last["total"], "next" in last) == (["S2"], 3, False)
    assert ask(client, "/v1/models/panel/symbols?after=S1x")["symbols"] == ["S2"]


def test_a_model_of_one_series_has_its_symbol_and_one_of_a_table_none(client: FlaskClient, tmp_path: Path) -> None:
    assert ask(client, "/v1/models/msft/symbols")["symbols"] == ["MSFT"]
    table = save_table(
        tmp_path / "models", load_table("iris"), TableRecipe("iris", TARGET, DecisionTreeClassifier(max_depth=2))
    )
    served = create_app(Settings(models=(table,))).test_client()
    assert ask(served, f"/v1/models/{table.parent.name}/symbols")["symbols"] == []


def test_an_unknown_model_is_named_and_a_key_is_needed_if_there_are_any(client: FlaskClient, panel: Path) -> None:
    assert client.get("/v1/models/nope/symbols").get_json()["code"] == "unknown-model"
    secret, key = new_key("anna")
    keyed = create_app(Settings(models=(panel,), api_keys=(key,))).test_client()
    assert keyed.get("/v1/models/panel/symbols").status_code == 401
    assert keyed.get("/v1/models/panel/symbols", headers={"x-api-key": secret}).status_code == 200
