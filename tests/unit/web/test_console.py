"""The first page in a browser: what it says of each kind of model, in every state, and to whom."""

import gzip
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from msgspec import UNSET
from msgspec.structs import replace
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from lockstep.bundles.evaluation import FORECAST_DATE
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.targets import BUILT_IN
from lockstep.bundles.verdicts import Verdict, VerdictEntry
from lockstep.doors.stored import write_newest
from lockstep.errors import MissingBars
from lockstep.predict.intervals import interval_at
from lockstep.report_card.digits import show_price
from lockstep.scoring.keys import new_key
from lockstep.scoring.rates import Rate
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.training.target import Target
from lockstep.web.app import create_app
from lockstep.web.console.outlook import forecast_stored
from lockstep.web.site import find_site
from lockstep.web.versions import name_verdict
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_panels import make_series, save_panel
from tests.small_tables import make_gaps, save_table

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FIRST_VIEW_BYTES = 100_000
"""What a first view may take in all."""
MODELS = ("msft", "panel", "directions", "sales", "prices")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of each kind: a panel with intervals and one of labels, a table of labels and one of numbers."""
    folder = tmp_path_factory.mktemp("models")
    save_table(folder, make_gaps().without("value"), TableRecipe("sales", "is_dear", LogisticRegression()))
    save_table(folder, make_gaps().without("is_dear"), TableRecipe("prices", "value", LinearRegression()))
    save_panel(folder / "panel", make_series(3), interval=interval_at(1))
    save_panel(folder / "directions", make_series(2), Target("direction", 1, BUILT_IN["direction"]))
    return folder


@pytest.fixture(scope="module")
def every(folder: Path) -> FlaskClient:
    return create_app(Settings(models=(DEFAULT_BUNDLE, folder), rate_limit=None)).test_client()


def look(client: FlaskClient, address: str = "/", status: int = 200, key: str = "") -> str:
    """Return a page, asked for with a key."""
    answer = client.get(address, headers={**BROWSER, "x-api-key": key})
    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")
    return answer.text


def read(page: str) -> str:
    """Return the text of a page as people read it."""
    text = unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(p|td|th|li|h\d|dd|dt|summary)>", " ", page)))
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_page_says_what_the_route_answers(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    body = {**write_newest(default_bundle), "level": [50, 80, 90, 95]}
    frame = client.post("/v1/forecast", json=body).get_json()["forecast"]
    row = dict(zip(frame["columns"], frame["data"][0], strict=True))
    lo, hi, naive, model = (show_price(row[name]) for name in ("close_lo-80", "close_hi-80", "close", "close_pred"))
    text = read(look(client))
    assert f"Next session, Monday {row['forecast_date']}: 80 % between {lo} and {hi}." in text
    assert f"No change would be {naive}. The model says {model} (+0.13 %). The stored bars end on Friday" in text
    for level in (50, 90, 95):
        assert " to ".join(show_price(row[f"close_{side}-{level}"]) for side in ("lo", "hi")) in text
    assert 'did worse than "no change"' in text
    assert "use the interval, not the forecast" in text


def test_the_t_of_the_verdict_is_explained_below_it(client: FlaskClient) -> None:
    text = read(look(client))
    said = "What t means The Diebold–Mariano t is the mean difference of the squared errors of the model and of"
    assert 0 < text.index("Diebold–Mariano t 5.6") < text.index(said)


def test_a_view_costs_one_forecast(client: FlaskClient) -> None:
    look(client)  # the report card and the example are kept from the first view on
    predict = SeriesBundle.predict
    with patch.object(SeriesBundle, "predict", autospec=True, side_effect=predict) as made:
        look(client)
    assert made.call_count == 1


def read_past(page: str) -> dict[str, list[str]]:
    """Return the columns of the table of the past by name, oldest first."""
    table = page.partition('data-rows="past"')[2].partition("</table>")[0]
    head, *rows = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table))
    columns = zip(*reversed(rows), strict=True)
    return {read(name): [*cells] for name, cells in zip(head, columns, strict=True)}


def test_the_tables_hold_what_the_chart_draws(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    page = look(client)
    past = read_past(page)
    newest = default_bundle.bars.select(slice(-120, None))
    assert [*past] == ["date", "close", "no change", "model", "from", "to", "80 %"]
    assert past["date"] == newest.dates.astype(str).tolist()
    assert past["close"] == [show_price(each) for each in newest.close.tolist()]
    fan = client.get("/v1/models/msft/report").get_json()["fan"]
    assert [date for date, missed in zip(past["date"], past["80 %"], strict=True) if missed] == fan["misses"]
    [marks] = re.findall(r'<path d="([^"]*)" class="marks miss"', page)
    assert marks.count("M") == len(fan["misses"])
    [places] = re.findall(r'data-ahead="([^"]*)"', page)
    assert len(places.split()) == 1


def test_each_past_date_has_what_was_forecast_of_it(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    past = read_past(look(client))
    before = default_bundle.bars.select(slice(-121, -1)).close.tolist()
    assert past["no change"] == [show_price(each) for each in before]
    fan = client.get("/v1/models/msft/report").get_json()["fan"]
    said = dict(zip(fan["dates"], fan["close_pred"], strict=True))
    assert past["model"] == [show_price(said[date]) for date in past["date"]]


def test_what_the_evaluation_does_not_hold_is_left_out(every: FlaskClient) -> None:
    assert [*read_past(look(every, "/?model=directions"))] == ["date", "close"]
    panel = find_site(every.application).service.registry.choose("panel").bundle
    assert isinstance(panel, PanelBundle)
    told = {*panel.pick("S0").evaluation.cells[FORECAST_DATE].astype(str).tolist()}
    past = read_past(look(every, "/?model=panel&symbol=S0"))
    for name in ("no change", "model", "from", "to"):
        known = [date for date, cell in zip(past["date"], past[name], strict=True) if cell != "–"]
        assert known == [date for date in past["date"] if date in told], name
    assert 0 < len(known) < len(past["date"])


def test_three_figures_stand_beside_the_chart(client: FlaskClient) -> None:
    figures = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd><dd[^>]*>(.*?)</dd>", look(client))
    assert [read(each) for each, _, _ in figures] == [
        "Inside the 80 % interval",
        "Mean absolute error",
        "Self-check of this process",
    ]
    assert read(figures[0][2]) == "chance allows 79.1 % to 80.9 %"
    assert figures[2][1] == "961 rows"
    assert figures[2][2].startswith("recomputed to the bit in ")


def test_what_runs_is_listed(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    text = read(look(client))
    assert default_bundle.manifest.digest in text
    assert "Look-back 200 bars: a forecast reads these and no others" in text
    assert "prediction: the same 64 bits as in the evaluation, on every machine" in text
    for link in ("/version", "/metrics", "/openapi.json", "/v1/models/msft/versions/1/report"):
        assert f'href="{link}"' in look(client)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("panel", "S0: return of the next session"),
        ("directions", "A forecast that looks at nothing always says"),
        ("sales", "Predicts is_dear In the test rows"),
        ("prices", "town category Bath, Hull, York taken"),
    ],
)
def test_each_kind_of_model_has_its_page(every: FlaskClient, model: str, said: str) -> None:
    page = look(every, f"/?model={model}")
    assert said in read(page)
    assert ('data-part="chart"' in page) == (model in ("panel", "directions"))


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A panel without intervals, which forecasts three sessions ahead."""
    folder = tmp_path_factory.mktemp("walks") / "walks"
    save_panel(folder, make_series(2), Target("return", 3, BUILT_IN["return"]), Ridge())
    return create_app(Settings(models=(folder,), rate_limit=None)).test_client()


def test_a_model_without_an_interval_says_so(walks: FlaskClient) -> None:
    page = look(walks)
    text = read(page)
    assert re.search(r"3 sessions ahead, \w+day 20\d\d-\d\d-\d\d: [0-9.]+ \([+−][0-9.]+ %\)\.", text)
    assert "The model has no interval." in text
    [places] = re.findall(r'data-ahead="([^"]*)"', page)
    assert len(places.split()) == 3


def test_no_change_is_the_close_as_many_bars_before_as_the_model_looks_ahead(walks: FlaskClient) -> None:
    past = read_past(look(walks))
    assert [*past] == ["date", "close", "no change", "model"]
    said = [(now, before) for now, before in zip(past["no change"][3:], past["close"], strict=False) if now != "–"]
    assert len(said) > 10
    assert all(now == before for now, before in said)


def test_the_series_of_a_panel_is_chosen_by_symbol(every: FlaskClient) -> None:
    page = look(every, "/?model=panel&symbol=S2")
    assert "S2: return of the next session" in read(page)
    assert page.count('href="/v1/models/panel/versions/1/report?symbol=S2"') == 2  # above, and beside the scores
    assert set(re.findall(r'<option value="(S\d)">', page)) == {"S0", "S1", "S2"}


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("model=nope", 404, "no model 'nope'"),
        ("model=msft&version=9", 404, "msft"),
        ("model=panel&symbol=NOPE", 422, "panel has no series 'NOPE'"),
        ("model=%3Cb%3E%26%22", 404, "no model '<b>&\"'"),
    ],
)
def test_what_there_is_not_is_said_on_a_page(every: FlaskClient, query: str, status: int, said: str) -> None:
    page = look(every, f"/?{query}", status)
    assert said in read(page)
    assert "<b>" not in page
    assert every.get(f"/?{query}").status_code == 200  # for programs `/` lists the models, whatever the query


def test_stored_bars_that_give_no_forecast_are_explained(client: FlaskClient) -> None:
    error = MissingBars("older bars are missing", [0], ["2012-05-15"], 1)
    with patch("lockstep.web.console.index.forecast_stored", wraps=forecast_stored, side_effect=error):
        text = read(look(client))
    assert "The stored bars give no forecast: older bars are missing" in text
    assert "961 rows" in text


def test_a_service_that_is_not_ready_gives_its_reasons(unfaithful: Path) -> None:
    client = create_app(Settings(models=(unfaithful,), gate="warn", rate_limit=None)).test_client()
    text = read(look(client))
    assert "This service is not ready" in text
    assert client.get("/ready").get_json()["reasons"][0] in text
    assert "Self-check of this process failed" in text


@pytest.fixture(scope="module")
def locked() -> tuple[FlaskClient, str]:
    """A service with a key, whose limit is three requests an hour."""
    secret, key = new_key("me")
    return create_app(Settings(api_keys=(key,), rate_limit=Rate(3, "hour"))).test_client(), secret


def test_without_the_key_names_and_versions_alone_are_shown(locked: tuple[FlaskClient, str]) -> None:
    client, secret = locked
    page = look(client)
    body = read(page.split("<main")[1])
    assert "This service needs a key" in body
    assert "msft, version 1" in body
    for hidden in (r"\d\d\.\d", r"\d{4}-\d\d", r"[0-9a-f]{32}", "MSFT", "naive", "worse"):
        assert not re.search(hidden, body), hidden
    assert 'data-part="chart"' not in page
    assert 'data-part="try"' not in page
    [field] = re.findall(r"<input[^>]*>", page)
    assert 'type="password"' in field
    assert "name=" not in field  # so that no form can put the key into an address
    shown = look(client, key=secret)
    assert "Next session" in read(shown)
    assert secret not in shown


def test_a_wrong_key_and_too_many_requests_have_their_status(locked: tuple[FlaskClient, str]) -> None:
    client, _ = locked
    wrong = {"x-api-key": "wrong", "X-Forwarded-For": "192.0.2.1"}
    answers = [client.get("/", headers={**BROWSER, **wrong}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "try again in" in read(answers[-1].text)
    assert client.get("/", headers=wrong).status_code == 200  # a program gets the models, whatever it sends
    assert look(client)  # the page without a key is not counted


class Parts(HTMLParser):
    """What a page is made of, as far as readers without eyes or a mouse depend on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.named: list[str] = []
        self.fields: list[dict[str, str | None]] = []
        self.boxes: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if name := found.get("id"):
            self.ids.append(name)
        for reference in ("for", "aria-labelledby", "aria-describedby", "list"):
            self.named += (found.get(reference) or "").split()
        if tag in ("input", "select") and found.get("type") != "hidden":
            self.fields.append(found)
        if "wide" in (found.get("class") or "").split() and "data-grid" not in found:
            self.boxes.append(found)


@pytest.mark.parametrize("model", MODELS)
def test_a_page_can_be_read_without_eyes_and_used_without_a_mouse(every: FlaskClient, model: str) -> None:
    page = look(every, f"/?model={model}")
    parts = Parts(page)
    assert len(parts.ids) == len(set(parts.ids))
    assert set(parts.named) <= set(parts.ids)
    labels = set(re.findall(r'<label[^>]*for="([^"]+)"', page))
    wrapped = re.findall(r"<label[^>]*>[^<]*<input[^>]*>", page)
    assert sum(field.get("id") not in labels for field in parts.fields) == len(wrapped)
    assert all(box.get("tabindex") == "0" and box.get("aria-label") for box in parts.boxes)
    assert page.count("<h1") == page.count("<main") == 1
    assert re.search(r'<html lang="en">', page)


@pytest.mark.parametrize("model", MODELS)
def test_a_first_view_is_small(every: FlaskClient, model: str) -> None:
    todo, sizes = [f"/?model={model}"], dict[str, int]()
    while todo:
        address = todo.pop()
        if address in sizes:
            continue
        answer = every.get(address, headers={**BROWSER, "Accept-Encoding": "gzip"})
        sizes[address] = len(answer.data)
        text = gzip.decompress(answer.data).decode()
        todo += re.findall(r'"(/static/[^"]+)"', text)
        folder = address.rpartition("/")[0]
        todo += [f"{folder}/{name}" for name in re.findall(r'"\./([^"]+)"', text) if address.endswith(".js")]
    assert any("uPlot" in address and address.endswith(".js") for address in sizes)
    assert sum(sizes.values()) < FIRST_VIEW_BYTES


def read_versions(page: str) -> list[list[str]]:
    """Return the cells of the table of models and versions."""
    table = page.partition("<h2>Models and versions</h2>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2])
    return [[read(cell.replace("<small>", " ")) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def test_every_version_has_a_line_with_kind_verdict_and_digest(every: FlaskClient) -> None:
    page = look(every, "/?model=sales")
    rows = {row[0].split()[0]: row for row in read_versions(page)}
    served = find_site(every.application).service.registry.served
    assert [*rows] == [each.name for each in served]
    for each in served:
        assert rows[each.name][0] == f"{each.name} version 1, champion"
        assert rows[each.name][4] == each.bundle.manifest.digest[:12]
        assert f'<a href="/?model={each.name}&amp;version=1">{each.name}</a>' in page
    assert [rows[name][1:3] for name in MODELS] == [
        ["series MSFT", 'worse than "no change"'],
        ["panel 3 series", "none"],
        ["panel 2 series", "none"],
        ["table of labels", "none"],
        ["table of numbers", "none"],
    ]


@pytest.mark.parametrize("model", ["msft", "sales", "prices"])
def test_a_line_has_the_score_of_the_page_of_its_version(every: FlaskClient, model: str) -> None:
    page = look(every, f"/?model={model}")
    [row] = [row for row in read_versions(page) if row[0].startswith(model)]
    figures = re.findall(r"<div><dt>(.*?)</dt><dd[^>]*>(.*?)</dd><dd[^>]*>(.*?)</dd></div>", page)
    shown = [f"{read(number)} {read(beside)} {name}" for name, number, beside in figures]
    assert row[3] in shown


@pytest.mark.parametrize(("model", "score"), [("panel", "mae"), ("directions", "accuracy")])
def test_a_line_of_a_panel_has_the_means_of_its_manifest(every: FlaskClient, model: str, score: str) -> None:
    manifest = find_site(every.application).service.registry.choose(model).bundle.manifest
    ours, theirs, *_ = (getattr(each, score) for each in manifest.scores.values())
    [row] = [row for row in read_versions(look(every)) if row[0].startswith(model)]
    digits = 3 if score == "mae" else 1
    assert row[3].startswith(f"{100 * ours:.{digits}f} % ")
    assert f": {100 * theirs:.{digits}f} % " in row[3]
    assert row[3].endswith(" mean over its series")


def test_every_verdict_has_few_words(default_bundle: SeriesBundle) -> None:
    manifest = default_bundle.manifest
    assert isinstance(manifest.verdict, VerdictEntry)
    told = {
        name_verdict(replace(manifest, verdict=replace(manifest.verdict, verdict=each))) for each in get_args(Verdict)
    }
    assert told == {f'{word} "no change"' for word in ("worse than", "not better than", "better than")}
    assert name_verdict(replace(manifest, verdict=UNSET)) == "none"


def test_the_table_of_versions_is_made_once_and_no_card_for_it(every: FlaskClient) -> None:
    look(every)
    with (
        patch("lockstep.web.versions.choose_score") as chosen,
        patch("lockstep.web.reports.render_page") as made,
    ):
        assert len(read_versions(look(every))) == len(MODELS)
    assert not chosen.called
    assert not made.called


def test_without_a_key_there_is_no_table_of_versions(default_bundle: SeriesBundle) -> None:
    key, kept = new_key("people")
    client = create_app(Settings(models=(DEFAULT_BUNDLE,), api_keys=(kept,), rate_limit=None)).test_client()
    digest = default_bundle.manifest.digest[:12]
    assert digest not in look(client)
    assert digest in look(client, key=key)


def test_a_program_gets_what_it_always_got(every: FlaskClient) -> None:
    answer = every.get("/")
    assert answer.content_type == "application/json"
    assert [model["name"] for model in answer.get_json()["models"]] == ["msft", *sorted(MODELS[1:])]
