"""The section of the console that sends a request: what it holds as the server writes it."""

import ast
import html
import json
import re
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression, LogisticRegression

from lockstep.bundles.series import as_series
from lockstep.bundles.table import as_table
from lockstep.data.column import ColumnSchema
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import make_app
from lockstep.web.assets import load_assets
from lockstep.web.console.columns import list_columns
from lockstep.web.console.snippets import KEY, Target, list_snippets
from lockstep.web.console.tryout import NEWEST_BARS, Field, Tryout, make_tryout
from lockstep.web.examples import keep_examples
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_panels import make_series, save_panel
from tests.small_tables import make_gaps, save_table

BARS = ("open", "high", "low", "close", "volume", "adj_close")
URL = "http://localhost"
SLOT = re.compile(r"\$\{(\w+)\}")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service of the default series, of a table of labels, of two versions of one of numbers, and of a panel."""
    folder = tmp_path_factory.mktemp("models")
    labels, numbers = make_gaps().without("value"), make_gaps().without("is_dear")
    save_table(folder, labels, TableRecipe("sales", "is_dear", LogisticRegression()))
    for _ in range(2):
        save_table(folder, numbers, TableRecipe("prices", "value", LinearRegression()))
    models = (DEFAULT_BUNDLE, folder / "sales", folder / "prices", save_panel(folder / "panel", make_series(2)))
    return load_service(Settings(models=models, rate_limit=None, versions="all"))


def show(service: Service, model: str, version: int | None = None, symbol: str | None = None) -> Tryout:
    served = service.registry.pick(model, version, symbol)
    return make_tryout(service, served, keep_examples(service), URL)


def read_body(tryout: Tryout) -> dict[str, Any]:
    [body] = re.findall(r"<<'JSON'\n(.*)\nJSON", tryout.curl, re.DOTALL)
    return dict(json.loads(body))


MODELS = [("msft", None, None), ("sales", None, None), ("prices", 1, None), ("prices", 2, None), ("panel", None, "S1")]


@pytest.mark.parametrize(("model", "version", "symbol"), MODELS)
def test_the_command_reaches_the_version_that_the_page_shows(
    service: Service, model: str, version: int | None, symbol: str | None
) -> None:
    tryout = show(service, model, version, symbol)
    answer = make_app(service).test_client().post(tryout.target.path, json=read_body(tryout))
    served = service.registry.pick(model, version, symbol)
    assert (answer.status_code, answer.headers["X-Model-Version"]) == (200, str(served))
    assert answer.get_json()[tryout.target.frame_name]["data"]


@pytest.mark.parametrize(("model", "version", "symbol"), MODELS)
def test_the_example_is_what_the_version_answers_to_a_row_of_its_own(
    service: Service, model: str, version: int | None, symbol: str | None
) -> None:
    tryout = show(service, model, version, symbol)
    body = read_body(tryout)
    frame = body["dataframe_split"]
    frame["data"] = frame["data"][-1:]
    answer = make_app(service).test_client().post(tryout.target.path, json=body).get_json()
    assert json.loads(tryout.example) == {**answer, "request_id": json.loads(tryout.example)["request_id"]}


def test_the_newest_stored_bars_are_cells_to_the_last_digit(service: Service) -> None:
    rows = show(service, "msft").rows
    bars = as_series(service.registry.pick("msft").bundle).bars.select(slice(-NEWEST_BARS, None))
    assert [cells[0] for cells in rows.cells] == bars.dates.astype(str).tolist()
    read = np.array([[float(cell) for cell in cells[1:]] for cells in rows.cells])
    assert read.tobytes() == np.ascontiguousarray(bars.values.T).tobytes()


def test_the_types_of_the_columns_are_those_that_the_model_reads(service: Service) -> None:
    assert show(service, "sales").rows.types == {"price": "number", "rooms": "integer", "town": "category"}
    assert show(service, "msft").rows.types == {"date": "date", **dict.fromkeys(BARS, "number")}


def test_a_field_says_what_its_column_may_hold(service: Service) -> None:
    price, rooms, town = show(service, "sales").rows.fields
    assert re.fullmatch(r"number, learned \d[\d.]* to \d[\d.]*, may be empty", price.hint)
    assert rooms.hint == "whole number, learned 1 to 6, may be empty"
    assert Field(ColumnSchema("b", "text", takes_missing=False), "").hint == "text"
    assert (town.hint, town.column.categories) == ("category, may be empty", ("Bath", "Hull", "York"))


def test_the_table_of_columns_says_what_the_fields_say(service: Service) -> None:
    columns = list_columns(as_table(service.registry.pick("sales").bundle))
    listed = {name: (kind, learned, missing) for name, kind, learned, missing, _ in columns}
    assert listed["rooms"] == ("whole number", "1 to 6", "taken")
    assert listed["town"] == ("category", "Bath, Hull, York", "taken")
    price = next(field for field in show(service, "sales").rows.fields if field.column.name == "price")
    assert price.hint == f"{listed['price'][0]}, learned {listed['price'][1]}, may be empty"


def test_a_text_that_ends_like_a_number_stays_as_it_is(tmp_path: Path) -> None:
    table = make_gaps().without("value")
    table.columns[2][:] = [f"{cell}-2.0" for cell in table.columns[2]]
    save_table(tmp_path, table, TableRecipe("sales", "is_dear", LogisticRegression()))
    service = load_service(Settings(models=(tmp_path / "sales",), rate_limit=None))
    tryout = show(service, "sales")
    assert tryout.rows.cells[0][2] == read_body(tryout)["dataframe_split"]["data"][0][2]
    assert tryout.rows.cells[0][2].endswith("-2.0")


def test_levels_are_asked_for_only_if_the_model_has_intervals(service: Service) -> None:
    levels = {model: show(service, model, None, symbol).level for model, _, symbol in MODELS}
    assert levels == {"msft": "80", "sales": None, "prices": "", "panel": None}


def test_only_what_is_needed_names_the_version(service: Service) -> None:
    members = [show(service, *each).members for each in MODELS]
    assert members == [
        {},
        {"model": "sales"},
        {"model": "prices"},
        {"model": "prices", "version": 2},
        {"model": "panel"},
    ]


def make_target(*, has_keys: bool) -> Target:
    return Target(URL, "/v1/forecast", "forecast", "bars", "forecast", has_keys)


def test_the_script_of_the_page_fills_every_slot() -> None:
    script = load_assets().files["try_snippets.js"].content.decode()
    filled = set(re.findall(r"^  (\w+): \(", script, re.MULTILINE))
    slots = {slot for each in list_snippets(make_target(has_keys=True)) for slot in SLOT.findall(each.template)}
    assert slots == filled
    assert slots


@pytest.mark.parametrize("has_keys", [False, True])
def test_snippets_are_code_with_a_place_for_the_key(has_keys: bool) -> None:
    code = {"json": "{}", "json_text": '"{}"', "python": "{}", "rows": "[[1]]", "columns": '["a"]'}
    filled = {**code, **dict.fromkeys(("index", "dtype", "members", "arguments"), "")}
    for each in list_snippets(make_target(has_keys=has_keys)):
        text = Template(each.template).substitute(filled)
        assert (KEY in text) == has_keys
        assert URL in text
        if each.name in ("client", "requests", "pandas"):
            ast.parse(text)
        if each.name == "postman":
            [item] = json.loads(text)["item"]
            assert item["request"]["url"] == f"{URL}/v1/forecast"


@pytest.mark.parametrize("model", ["msft", "sales"])
def test_without_script_the_section_shows_rows_command_and_answer(service: Service, model: str) -> None:
    client: FlaskClient = make_app(service).test_client()
    page = client.get(f"/?model={model}", headers={"Accept": "text/html"}).text
    tryout = show(service, model)
    shown = html.unescape(page)
    assert tryout.curl in shown
    assert tryout.example in shown
    for cells in tryout.rows.cells:
        assert all(f'<td role="cell">{cell}</td>' in shown for cell in cells)
    section = page[page.index('<section class="try"') :]
    assert not re.search(r"\sstyle=|\son\w+=", section)


def test_a_name_of_a_column_is_never_markup(tmp_path: Path) -> None:
    table = make_gaps().without("value")
    odd = "<b>&'\"${json}"
    table.names[0] = odd
    save_table(tmp_path, table, TableRecipe("sales", "is_dear", LogisticRegression()))
    service = load_service(Settings(models=(tmp_path / "sales",), rate_limit=None))
    page = make_app(service).test_client().get("/", headers={"Accept": "text/html"}).text
    assert odd not in page
    assert html.escape(odd, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
