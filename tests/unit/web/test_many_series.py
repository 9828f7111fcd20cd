"""A frame of many series: each row is answered by its own, as if the rows of that series had been posted alone."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LogisticRegression

from lockstep.applications import find_application
from lockstep.bundles.reading import load_series
from lockstep.bundles.registry import Registry
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.data.schema import normalise_column
from lockstep.doors.stored import write_frame
from lockstep.scoring.many_series import count_series
from lockstep.scoring.problems import MEDIA_TYPE
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.service import Service
from lockstep.scoring.settings import Settings
from lockstep.training.named_targets import load_target
from lockstep.training.recipe import Recipe
from lockstep.training.training import train
from lockstep.web.app import make_app
from qa.servers import ROOT
from tests.conftest import measuring_once
from tests.series_registry import make_registry, serve_series

SYMBOLS = ("AAA", "BBB", "CCC")
ROWS = 4
MAX_ROWS = 100
FUTURE = "2030-01-02"
READINGS = 2
"""Of a column's name: to see whether there are symbols, and to split. It may be as long as a body."""
Json = dict[str, Any]


@pytest.fixture(scope="module")
def registry(default_bundle: SeriesBundle) -> Registry:
    return make_registry(default_bundle, *SYMBOLS)


@pytest.fixture(scope="module")
def client(registry: Registry) -> FlaskClient:
    return serve(registry)


def serve(registry: Registry) -> FlaskClient:
    return make_app(Service(Settings(max_rows=MAX_ROWS, rate_limit=None), registry)).test_client()


def frame_of(registry: Registry, symbol: str, rows: int = ROWS) -> Json:
    """The newest stored bars of a series, which a client posts in any order of columns."""
    bundle = registry.pick(symbol=symbol).bundle
    assert isinstance(bundle, SeriesBundle)
    return write_frame(bundle.bars.select(slice(-rows, None)))


def join(frames: dict[str, Json], seed: int = 1) -> Json:
    """The rows of all frames in one, shuffled, with the column of symbols somewhere."""
    [columns] = {tuple(frame["columns"]) for frame in frames.values()}
    rows = [(symbol, *row) for symbol, frame in frames.items() for row in frame["data"]]
    order = np.random.default_rng(seed).permutation(len(rows))
    return {"columns": ["Symbol", *columns], "data": [list(rows[place]) for place in order]}


def ask(client: FlaskClient, body: Json, status: int = 200) -> Json:
    response = client.post("/v1/forecast", json=body)
    assert response.status_code == status, response.text
    answer: Json = response.get_json()
    return answer


def rows_of(body: Json, symbol: str) -> list[int]:
    return [place for place, row in enumerate(body["data"]) if row[0] == symbol]


def alone(body: Json, symbol: str) -> Json:
    """The rows of one series of a frame, as a frame of its own."""
    data = [body["data"][place][1:] for place in rows_of(body, symbol)]
    others = {name: value for name, value in body.items() if name not in ("columns", "data")}
    return {**others, "columns": body["columns"][1:], "data": data, "symbol": symbol}


def whole(registry: Registry, **options: object) -> Json:
    return {**join({symbol: frame_of(registry, symbol) for symbol in SYMBOLS}), **options}


@pytest.mark.parametrize("history", ["stored", "none"])
def test_each_row_is_answered_as_if_its_series_were_posted_alone(
    registry: Registry, client: FlaskClient, history: str
) -> None:
    frames = {symbol: frame_of(registry, symbol) for symbol in SYMBOLS}
    if history == "none":
        frames = {"AAA": frame_of(registry, "AAA", 215), "BBB": frame_of(registry, "BBB", 203)}
        client = make_app(Service(Settings(max_rows=500, rate_limit=None), registry)).test_client()
    body = {**join(frames), "history": history, "trace": "values", "level": [50, 95]}
    answer = ask(client, body)
    assert answer["forecast"]["index"] == list(range(len(body["data"])))
    for symbol in frames:
        single, places = ask(client, alone(body, symbol)), rows_of(body, symbol)
        assert answer["forecast"]["columns"] == ["symbol", *single["forecast"]["columns"]]
        assert [answer["forecast"]["data"][row] for row in places] == [
            [symbol, *row] for row in single["forecast"]["data"]
        ]
        [described] = [each for each in answer["series"] if each["symbol"] == symbol]
        single["trace"]["rows"] = [places[row] for row in single["trace"]["rows"]]
        assert described["trace"] == single["trace"]
        assert single["interval"] in [each["interval"] for each in answer["models"]]


def test_rows_are_answered_in_the_order_posted(registry: Registry, client: FlaskClient) -> None:
    body = whole(registry)
    answered = [row[:2] for row in ask(client, body)["forecast"]["data"]]
    assert answered == [row[:2] for row in body["data"]]
    assert answered != sorted(answered)


def test_the_answer_lists_the_series_in_the_order_first_posted_and_each_model_once(
    registry: Registry, client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    body = whole(registry)
    answer = ask(client, body)
    symbols = list(dict.fromkeys(row[0] for row in body["data"]))
    newest = str(default_bundle.bars.dates[-1])
    assert answer["series"] == [
        {"symbol": each, "model": f"{each.lower()}/1", "newest_stored_bar": newest} for each in symbols
    ]
    assert [each["name"] for each in answer["models"]] == [each.lower() for each in symbols]
    assert [each["digest"] for each in answer["models"]] == [
        registry.pick(symbol=each).bundle.manifest.digest for each in symbols
    ]
    assert {each["lookback_bars"] for each in answer["models"]} == {default_bundle.lookback_bars}
    assert [each["interval"] for each in answer["models"]] == [ask(client, alone(body, "AAA"))["interval"]] * 3
    assert "problems" not in answer


def test_warnings_name_their_series_and_a_line_of_several_is_there_once(
    registry: Registry, client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    body = whole(registry)
    changed = rows_of(body, "CCC")[1]
    body["data"][changed][-1] += 1  # the volume
    answer, [verdict] = ask(client, body), ask(client, alone(body, "AAA"))["warnings"]
    first = list(dict.fromkeys(row[0] for row in body["data"]))
    replaced = "CCC: 1 posted bars replace stored bars of the same date that have other values"
    assert sorted(answer["warnings"]) == sorted([f"{', '.join(first)}: {verdict}", replaced])
    many = make_registry(default_bundle, *(f"S{each}" for each in range(5)))
    joined = ask(serve(many), join({each.symbol or "": frame_of(many, each.symbol or "", 1) for each in many.served}))
    assert joined["warnings"][0].endswith(f"and 2 more: {verdict}")


def test_warnings_count_rows_as_posted(registry: Registry, client: FlaskClient) -> None:
    body = {**join({symbol: frame_of(registry, symbol) for symbol in SYMBOLS}, seed=2), "level": []}
    rows = rows_of(body, "CCC")
    for row in rows:
        body["data"][row][2:6] = [each * 3 for each in body["data"][row][2:6]]
    oldest = min(rows, key=lambda row: str(body["data"][row][1]))
    assert oldest != rows.index(oldest)
    [seam] = [line for line in ask(client, body)["warnings"] if "factor" in line]
    assert seam.startswith("CCC: the close ")
    assert f" of row {oldest} is more than" in seam


@pytest.fixture(scope="module")
def classifier(
    bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> SeriesBundle:
    """A model of labels, with probabilities and without intervals."""
    target = load_target("direction", 1, find_application(ROOT))
    asked = msgspec.structs.replace(recipe, target=target, estimator=LogisticRegression())
    with measuring_once():
        trained = train(bars, calendar, asked)
    return load_series(save_bundle(tmp_path_factory.mktemp("models") / "up", trained.manifest, trained.files))


def test_models_with_other_columns_answer_in_one_frame(default_bundle: SeriesBundle, classifier: SeriesBundle) -> None:
    served = (serve_series(default_bundle, "AAA", 0), serve_series(classifier, "TINY", 0))
    registry = Registry(served, served[0])
    client, frames = serve(registry), {symbol: frame_of(registry, symbol) for symbol in ("AAA", "TINY")}
    body = join(frames)
    answer = ask(client, body)
    columns = answer["forecast"]["columns"]
    assert {"lo-80", "proba_up"} <= set(columns)
    for symbol in frames:
        single = ask(client, alone(body, symbol))
        frame, rows = single["forecast"], rows_of(body, symbol)
        for place, expected in zip(rows, frame["data"], strict=True):
            alike = dict(zip(frame["columns"], expected, strict=True))
            found = dict(zip(columns, answer["forecast"]["data"][place], strict=True))
            assert found == {"symbol": symbol, **dict.fromkeys(columns[1:]), **alike}
    by_name = {each["name"]: each for each in answer["models"]}
    assert ("interval" in by_name["aaa"], "interval" in by_name["tiny"]) == (True, False)


BAD: tuple[tuple[str, Any, int, str], ...] = (
    ("an unknown symbol", None, 422, "unknown-symbol"),
    ("a bad cell", ("close", "24.77"), 422, "invalid-input"),
    ("a gap", ("date", FUTURE), 422, "missing-bars"),
)


def spoil(body: Json, change: tuple[str, object] | None) -> int:
    """Make one row of BBB bad, or name another symbol in all of its rows; return the place of the row."""
    place = rows_of(body, "BBB")[2]
    if change is None:
        for row in rows_of(body, "BBB"):
            body["data"][row][0] = "XXX"
        return place
    column, cell = change
    body["data"][place][body["columns"].index(column)] = cell
    return place


@pytest.mark.parametrize(("change", "status", "code"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_a_bad_series_is_a_problem_for_its_rows_alone(
    registry: Registry, client: FlaskClient, change: tuple[str, object] | None, status: int, code: str
) -> None:
    good, body = whole(registry), whole(registry)
    place = spoil(body, change)
    expected, answer = ask(client, good), ask(client, body, 207)
    symbol = body["data"][place][0]
    bad = rows_of(body, symbol)
    for row, cells in enumerate(answer["forecast"]["data"]):
        assert cells == ([symbol, *[None] * (len(cells) - 1)] if row in bad else expected["forecast"]["data"][row])
    assert {each["symbol"] for each in answer["series"]} == {"AAA", "CCC"}
    assert answer["warnings"][0] == f"{symbol}: not answered, 1 of 3 series; `problems` has the reasons"
    [problem] = answer["problems"]
    single = client.post("/v1/forecast", json=alone(body, symbol)).get_json()
    assert (problem.pop("symbol"), problem.pop("unanswered"), problem["status"]) == (symbol, bad, status)
    assert set(problem) == set(single)
    assert (problem["code"], problem["code"], problem["title"]) == (code, single["code"], single["title"])
    assert problem["request_id"] == answer["request_id"]
    if code == "invalid-input":
        assert problem["problems"] == [{**single["problems"][0], "row": place}]
        assert problem["detail"] == single["detail"].replace("row 2,", f"row {place},")
    if code == "missing-bars":
        assert problem["rows"] == [place]
        assert problem["missing_sessions"] == single["missing_sessions"]
        assert problem["detail"] == single["detail"].replace("row 2 ", f"row {place} ")


def test_the_first_warning_names_some_of_many_series_that_have_no_answer(
    registry: Registry, client: FlaskClient
) -> None:
    frames = {symbol: frame_of(registry, "BBB") for symbol in ("X1", "X2", "X3", "X4")}
    answer = ask(client, join({"AAA": frame_of(registry, "AAA"), **frames}), 207)
    named = ", ".join(each["symbol"] for each in answer["problems"][:3])
    assert answer["warnings"][0] == f"{named} and 1 more: not answered, 4 of 5 series; `problems` has the reasons"


def test_if_no_row_can_be_answered_the_answer_is_the_problem_of_the_first_series(
    registry: Registry, client: FlaskClient
) -> None:
    body = join({symbol: frame_of(registry, symbol) for symbol in ("AAA", "BBB")})
    for place, row in enumerate(body["data"]):
        row[3] = f"bad {place}"
    response = client.post("/v1/forecast", json=body)
    first = rows_of(body, body["data"][0][0])
    assert (response.status_code, response.content_type) == (422, MEDIA_TYPE)
    assert [each["row"] for each in response.get_json()["problems"]] == first
    assert response.get_json()["detail"].startswith(f"none of 2 series can be answered; {body['data'][0][0]}: row ")
    unknown = {**body, "model": "ibm"}
    assert ask(client, unknown, 404)["code"] == "unknown-model"


@pytest.mark.parametrize(
    ("change", "status", "code", "detail"),
    [
        ({"symbol": "AAA"}, 400, "malformed", "the body has a member `symbol`, and its frame a column: send one"),
        ({"columns": ["symbol", " Symbol", *"abcdef"]}, 422, "invalid-input", "symbol: the column is there 2 times"),
        ({"data": []}, 422, "invalid-input", "data: no rows; expected one for each bar"),
        ({"data": [["AAA"] * 8, ["AAA"]]}, 422, "invalid-input", "row 1, data: 1 cells, but there are 8 columns"),
        ({"data": [[None, *"abcdefg"]]}, 422, "invalid-input", "row 0, symbol: null is not a text"),
        ({"data": [[7203, *"abcdefg"]]}, 422, "invalid-input", "row 0, symbol: 7203.0 is not a text"),
        ({"data": [[["AAA"], *"abcdefg"]]}, 422, "invalid-input", 'row 0, symbol: ["AAA"] is not a text'),
    ],
)
def test_a_frame_that_is_no_frame_of_series_is_refused_whole(
    client: FlaskClient, change: Json, status: int, code: str, detail: str
) -> None:
    names = ["symbol", "date", "open", "high", "low", "close", "volume", "adj_close"]
    body = {"columns": names, "data": [["AAA", FUTURE, 1, 1, 1, 1, 1, 1]], **change}
    problem = ask(client, body, status)
    assert (problem["code"], problem["detail"][: len(detail)]) == (code, detail)


def test_dates_may_stand_in_the_index(registry: Registry, client: FlaskClient) -> None:
    body = whole(registry)
    place = body["columns"].index("date")
    index = [row[place] for row in body["data"]]
    data = [row[:place] + row[place + 1 :] for row in body["data"]]
    columns = body["columns"][:place] + body["columns"][place + 1 :]
    assert ask(client, {"columns": columns, "data": data, "index": index})["forecast"] == ask(client, body)["forecast"]


def test_limits_are_those_of_all_series_together(registry: Registry, client: FlaskClient) -> None:
    rows = {symbol: frame_of(registry, symbol, MAX_ROWS // 2) for symbol in SYMBOLS}
    assert ask(client, join(rows), 413)["detail"] == "150 rows; this service takes 100 in one request"
    several = {f"S{each}": frame_of(registry, "AAA", 1) for each in range(MAX_ROWS // 20 + 1)}
    assert ask(client, join(several), 413)["detail"] == "6 series; this service takes 5 in one request"
    levels = {**join({symbol: frame_of(registry, symbol, 3) for symbol in SYMBOLS}), "level": list(range(1, 100))}
    assert ask(client, levels, 413)["detail"].startswith("99 levels for 9 rows; this service answers 800 intervals")


@pytest.mark.parametrize(("max_rows", "expected"), [(10, 1), (100, 5), (4_000, 200), (20_000, 200)])
def test_a_request_names_no_more_series_than_a_worker_checks_in_time(max_rows: int, expected: int) -> None:
    assert count_series(max_rows) == expected


def test_the_headers_name_the_version_if_there_is_only_one(registry: Registry, client: FlaskClient) -> None:
    one = client.post("/v1/forecast", json=join({"BBB": frame_of(registry, "BBB")}))
    assert one.headers["X-Model-Digest"] == registry.pick(symbol="BBB").bundle.manifest.digest
    assert (one.headers["X-Model-Version"], one.status_code) == ("bbb/1", 200)
    several = client.post("/v1/forecast", json=whole(registry))
    assert not {"X-Model-Digest", "X-Model-Version"} & set(several.headers.keys())
    assert several.headers["X-Request-Id"] == several.get_json()["request_id"]


def test_a_request_is_counted_once_and_its_rows_for_each_version(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    client, body = serve(registry), whole(registry)
    spoil(body, ("close", None))
    with caplog.at_level("INFO", "lockstep.request"):
        response = client.post("/v1/forecast", json=body)
        response.close()  # the line is written when the answer is sent
    [line] = caplog.records
    fields: Json = line.fields  # type: ignore[attr-defined] # ours
    told = {name: fields[name] for name in ("rows", "status", "code", "model", "digest")}
    assert told == {"rows": 12, "status": 207, "code": "invalid-input", "model": None, "digest": None}
    text = client.get("/metrics").text
    for sample in (
        'lockstep_requests_total{route="/v1/forecast",status="207"} 1',
        'lockstep_errors_total{code="invalid-input"} 1',
        'lockstep_rows_total{name="bbb",version="1"} 4',
        'lockstep_forecasts_total{name="ccc",version="1",status="207"} 1',
        'lockstep_stage_duration_seconds_count{stage="forecast"} 1',
    ):
        assert sample in text


def test_a_fault_of_the_service_is_not_hidden_among_the_problems(registry: Registry) -> None:
    good, other = registry.served[0], as_series(registry.served[1].bundle)
    forecaster = other.forecaster.with_history(other.forecaster.history)
    forecaster.feature_set = replace(forecaster.feature_set, build=lambda bars: bars.values.T)
    broken = replace(registry.served[1], bundle=replace(other, forecaster=forecaster))
    client = serve(Registry((good, broken), good))
    body = join({symbol: frame_of(registry, symbol) for symbol in ("AAA", "BBB")})
    assert ask(client, body, 500)["code"] == "internal"


def test_the_parts_of_one_version_are_one_version(registry: Registry) -> None:
    record, served = RequestRecord(), registry.served[0]
    for rows in (3, 4):
        record.add_part(RequestRecord(served=served, rows=rows, stages_s={"parse": rows / 4, "forecast": 1.0}))
    record.add_part(RequestRecord())  # a symbol that nothing forecasts
    assert (record.count_rows(), record.served) == ([(served, 7)], served)
    assert record.stages_s == {"parse": 1.75, "forecast": 2.0}
    record.add_part(RequestRecord(served=registry.served[1], rows=1))
    assert (record.count_rows(), record.served) == ([(served, 7), (registry.served[1], 1)], None)


@pytest.mark.parametrize("path", ["/forecast", "/v1/backtest"])
def test_other_routes_take_one_series(registry: Registry, client: FlaskClient, path: str) -> None:
    problem = client.post(path, json=whole(registry)).get_json()
    assert (problem["status"], problem["code"]) == (422, "invalid-input")
    assert problem["detail"].startswith("Symbol: unknown column")


def test_names_of_columns_are_read_once_for_all_series(
    registry: Registry, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "İ" * 10_000
    body = whole(registry)
    body["columns"].append(long)
    body["data"] = [[*row, 1.0] for row in body["data"]]
    read = count_readings(monkeypatch, long)
    problem = ask(client, body, 422)
    assert [each["reason"].split(";")[0] for each in problem["problems"]] == ["unknown column"]
    assert sum(read) <= READINGS


def count_readings(monkeypatch: pytest.MonkeyPatch, name: str) -> list[bool]:
    read: list[bool] = []

    def counted(written: str) -> str:
        read.append(written == name)
        return normalise_column(written)

    for module in ("lockstep.data.schema", "lockstep.doors.frame", "lockstep.doors.symbols"):
        monkeypatch.setattr(f"{module}.normalise_column", counted)
    return read
