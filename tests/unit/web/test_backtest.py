"""`POST /v1/backtest`: the rows of `/v1/forecast`, what came true, and a refusal by name of everything else."""

import json
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.doors.stored import write_frame
from lockstep.scoring.kinds import KINDS
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.families import train_family

BACKTEST, FORECAST = "/v1/backtest", "/v1/forecast"
LOOKBACK, TESTED = 200, 961
CASES = 100
MOST_BYTES = 20 * 2**20
"""Arrays of 3,000 rows, and their answer of 1 MB as objects and as text."""

Json = dict[str, Any]
Ask = Callable[..., Json]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    def post(path: str = BACKTEST, **members: object) -> Json:
        answer = client.post(path, json=members)
        assert answer.status_code == 200, answer.data
        told: Json = answer.get_json()
        return told

    return post


@pytest.fixture
def refused(client: FlaskClient) -> Ask:
    def post(**members: object) -> Json:
        answer = client.post(BACKTEST, json=members)
        assert answer.status_code >= 400, answer.data
        told: Json = answer.get_json()
        return told

    return post


def rows_of(told: Json) -> list[Json]:
    frame = told.get("backtest") or told["forecast"]
    return [dict(zip(frame["columns"], row, strict=True)) for row in frame["data"]]


def without(row: Json, *names: str) -> Json:
    return {name: cell for name, cell in row.items() if name not in names}


def later(bundle: SeriesBundle, n_bars: int, factor: float = 1.01) -> Bars:
    """Return bars of the sessions after the stored ones."""
    calendar, stored = bundle.calendar, bundle.bars.select(slice(-n_bars, None))
    first = int(calendar.session_numbers(bundle.bars.dates[-1:])[0]) + 1
    return Bars(calendar.session_dates(np.arange(first, first + n_bars)), stored.values * factor)


def test_by_default_the_evaluation_is_answered_with_the_scores_of_the_manifest(
    ask: Ask, default_bundle: SeriesBundle
) -> None:
    told, evaluation = ask(), default_bundle.evaluation
    rows = rows_of(told)
    assert [row["date"] for row in rows] == evaluation.keys
    assert [row["y_pred"] for row in rows] == evaluation.y_pred.tolist()
    assert [row["y"] for row in rows] == [*evaluation.y_true[:-1].tolist(), None]
    assert {row["sample"] for row in rows} == {"test"}
    scores = {name: without(each, "type") for name, each in told["scores"]["predictors"].items()}
    assert told["scores"]["rows"] == TESTED - 1
    for name, stated in default_bundle.manifest.scores.items():
        assert scores[name]["mae"] == stated.mae  # type: ignore[union-attr] # of returns
    assert told["next"] is None
    assert told["backtest"]["columns"][-1] == "sample"
    assert told["backtest"]["index"] == list(range(TESTED))


@pytest.mark.parametrize(
    ("first", "step", "options"),
    [(LOOKBACK - 1, 37, {}), (2000, 5, {"level": [95, 1, 50]}), (3000, 1, {"level": []})],
)
def test_its_rows_are_those_of_a_forecast_of_the_same_bars(
    first: int, step: int, options: Json, ask: Ask, default_bundle: SeriesBundle
) -> None:
    bars = default_bundle.bars
    told = ask(first=str(bars.dates[first]), step_size=step, **options)
    cutoffs = bars.select(np.arange(first, len(bars), step))
    forecast = ask(FORECAST, dataframe_split=write_frame(cutoffs), **options)
    assert [without(row, "y", "sample") for row in rows_of(told)] == rows_of(forecast)
    assert [told.get(name) for name in ("model", "interval")] == [forecast.get(name) for name in ("model", "interval")]
    levels = options.get("level", [80])
    assert [scored["level"] for scored in told["scores"]["intervals"]] == levels
    bounds = [name for name in told["backtest"]["columns"] if name.startswith("lo-")]
    assert bounds == [f"lo-{level}" for level in levels]


def test_answer_without_a_scored_row_says_so(ask: Ask) -> None:
    learning = ask(first="2001-01-02", last="2001-02-02")
    assert learning["scores"]["rows"] == 0
    assert learning["warnings"][0].startswith("no row is scored: all come before the test rows")
    assert ask(n_windows=1)["warnings"][0].startswith("no row is scored")
    assert not any("no row" in line for line in ask(n_windows=2)["warnings"])


def test_what_is_odd_about_the_bars_is_a_warning(ask: Ask, default_bundle: SeriesBundle) -> None:
    [verdict] = ask(n_windows=5, level=[])["warnings"]
    assert 'worse than "no change"' in verdict
    new = later(default_bundle, 2, factor=1.5)
    warned = ask(n_windows=5, **write_frame(new))["warnings"]
    assert any("(posted)" in line and "are both adjusted alike?" in line for line in warned)
    changed = Bars(default_bundle.bars.dates[-2:], default_bundle.bars.values[:, -2:] * 1.001)
    assert "2 posted bars replace stored bars" in ask(n_windows=5, **write_frame(changed))["warnings"][0]
    outside = ask()["warnings"][-2]
    assert "forecasts lie outside their own 80 % interval, first that of row" in outside


def test_posted_bars_replace_and_extend_the_stored_ones(ask: Ask, default_bundle: SeriesBundle) -> None:
    bars, new = default_bundle.bars, later(default_bundle, 7)
    changed = Bars(bars.dates[-30:-20], bars.values[:, -30:-20] * 1.001)
    posted = Bars(np.concatenate([new.dates, changed.dates]), np.concatenate([new.values, changed.values], axis=1))
    told = ask(dataframe_split=write_frame(posted), n_windows=40)
    rows = rows_of(told)
    assert [row["sample"] for row in rows] == ["test"] * 33 + ["new"] * 7
    closes = {row["date"]: row["close"] for row in rows}
    assert [closes[str(day)] for day in posted.dates] == posted.close.tolist()
    assert [row["y"] for row in rows[:-1]] == [after["close"] / row["close"] for row, after in pairwise(rows)]
    assert (rows[-1]["y"], told["scores"]["rows"]) == (None, 39)
    others = bars.select(np.flatnonzero(~np.isin(bars.dates, changed.dates))[-60:])
    both = Bars(np.concatenate([others.dates, posted.dates]), np.concatenate([others.values, posted.values], axis=1))
    forecast = {row["date"]: row for row in rows_of(ask(FORECAST, **write_frame(both)))}
    assert [without(row, "y", "sample") for row in rows] == [forecast[row["date"]] for row in rows]


def test_posted_bars_are_forgotten_with_their_answer(ask: Ask, default_bundle: SeriesBundle) -> None:
    before = without(ask(n_windows=20), "request_id")
    assert rows_of(ask(n_windows=20, **write_frame(later(default_bundle, 7))))[-1]["sample"] == "new"
    assert without(ask(n_windows=20), "request_id") == before


def test_a_whole_price_file_may_be_posted(ask: Ask, default_bundle: SeriesBundle) -> None:
    """Its oldest bars have no look-back, which a forecast of them would be refused for; here they are look-back."""
    whole = write_frame(default_bundle.bars.select(slice(-1000, None)))
    assert rows_of(ask(**whole)) == rows_of(ask())


def test_pages_put_together_are_the_whole_and_each_has_the_scores_of_all(ask: Ask) -> None:
    whole, pages, asked = ask(n_windows=50, step_size=3), [], {"n_windows": 50, "step_size": 3, "max_rows": 17}
    pages.append(ask(**asked))
    while pages[-1]["next"] is not None:
        pages.append(ask(**asked, next=pages[-1]["next"]))
    assert [len(page["backtest"]["data"]) for page in pages] == [17, 17, 16]
    assert [row for page in pages for row in rows_of(page)] == rows_of(whole)
    assert [label for page in pages for label in page["backtest"]["index"]] == whole["backtest"]["index"]
    assert all(page["scores"] == whole["scores"] for page in pages)


def test_a_service_answers_no_longer_pages_than_it_takes(ask: Ask, refused: Ask, default_bundle: SeriesBundle) -> None:
    first = str(default_bundle.bars.dates[LOOKBACK - 1])
    told = ask(first=first)
    assert (len(told["backtest"]["data"]), told["next"]) == (1000, str(default_bundle.bars.dates[LOOKBACK + 999]))
    assert refused(first=first, max_rows=1001)["code"] == "too-large"


def test_learning_rows_are_answered_and_not_scored(ask: Ask, default_bundle: SeriesBundle) -> None:
    test = default_bundle.manifest.test
    told = ask(first="2009-04-01", last="2009-05-29")
    rows = rows_of(told)
    assert [row["sample"] for row in rows] == ["learning" if row["date"] < test.first else "test" for row in rows]
    scored = [row for row in rows if row["sample"] == "test"]
    mae = sum(abs(row["y"] - row["y_pred"]) for row in scored) / len(scored)
    assert told["scores"]["rows"] == len(scored) == 16
    assert told["scores"]["predictors"]["model"]["mae"] == pytest.approx(mae, rel=1e-12)
    learned = ask(first="2009-01-05", last="2009-02-02")
    assert learned["scores"] == {"rows": 0, "predictors": {}, "intervals": []}


@pytest.mark.parametrize(
    ("members", "code", "detail"),
    [
        ({"step_size": 0}, "malformed", "Expected `float` >= 1.0 - at `$.step_size`"),
        ({"n_windows": 0}, "malformed", "Expected `float` >= 1.0 - at `$.n_windows`"),
        ({"n_windows": 10**9}, "invalid-input", "1000000000 cutoffs; at a `step_size` of 1 there are 3071: "),
        ({"n_windows": 10**30}, "malformed", "`$.n_windows`"),
        ({"n_windows": 2.5}, "malformed", "`$.n_windows`"),
        ({"n_windows": 5, "first": "2013-01-02"}, "invalid-input", "n_windows: expected `first` or `n_windows`"),
        ({"first": "2013-01-03", "last": "2013-01-02"}, "invalid-input", "2013-01-03 is after `last`, 2013-01-02"),
        ({"last": "2005-01-03"}, "invalid-input", "2009-05-07, the first test row, which is the default, is"),
        ({"first": "2013-02-16"}, "invalid-input", "first: 2013-02-16 is not a session of the calendar XNYS; the next"),
        ({"last": "2013-12-25"}, "invalid-input", "last: 2013-12-25 is not a session of the calendar XNYS"),
        ({"last": "9999-12-31"}, "invalid-input", "last: 9999-12-31 is not a session of the calendar XNYS"),
        ({"last": "2013-03-04"}, "invalid-input", "last: 2013-03-04 cannot be forecast from: the bars from 2000-12-12"),
        ({"first": "2000-03-01"}, "invalid-input", "first: 2000-03-01 cannot be forecast from"),
        ({"first": "yesterday"}, "malformed", "Invalid RFC3339 encoded date - at `$.first`"),
        ({"first": 1362096000000}, "malformed", "`$.first`"),
        ({"level": [0]}, "invalid-input", "level: 0 is no level; expected whole percents from 1 to 99"),
        ({"level": [80, 80]}, "invalid-input", "level: "),
        ({"h": 2}, "invalid-input", "h: 2; the horizon of msft/1 is 1"),
        ({"next": "2013-02-16"}, "invalid-input", "next: 2013-02-16 is not a session"),
        ({"next": "2009-05-06"}, "invalid-input", "next: 2009-05-06 is no cutoff of this request"),
        ({"next": "MjAxMy0wMi0xNQ=="}, "malformed", "`$.next`"),
        ({"max_rows": 10**9}, "too-large", "`max_rows` is 1000000000; this service answers 1000 rows in one page"),
        ({"columns": ["date"]}, "malformed", "expected a frame"),
        ({"columns": ["date"], "data": []}, "invalid-input", "data: no rows"),
        ({"windows": 5}, "malformed", "unknown field `windows`"),
        ({"symbol": "AAPL"}, "unknown-symbol", "no model for 'AAPL'"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_by_name(members: Json, code: str, detail: str, refused: Ask) -> None:
    told = refused(**members)
    assert told["code"] == code
    assert detail in told["detail"]


def test_posted_bars_with_a_hole_are_refused_with_the_sessions_that_are_missing(
    refused: Ask, default_bundle: SeriesBundle
) -> None:
    new = later(default_bundle, 5)
    told = refused(**write_frame(new.select(np.array([0, 1, 4]))))
    assert told["code"] == "missing-bars"
    assert told["missing_sessions"] == new.dates[2:4].astype(str).tolist()
    assert told["rows"] == [2]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"[]", "malformed"),
        (b"null", "malformed"),
        (b'{"n_windows": 3', "malformed"),
        (b'{"n_windows": 3, "n_windows": 3}', "malformed"),
        (b'{"step_size": 1, "step_size": 1}', "malformed"),
        (b'{"step_size": 1, "step\\u005fsize": 1}', "malformed"),
        (b'{"n_windows": NaN}', "malformed"),
        (b'{"columns": ["date"], "data": ' + b"[" * 10_000, "malformed"),
    ],
)
def test_a_broken_body_is_refused(body: bytes, code: str, client: FlaskClient) -> None:
    answer = client.post(BACKTEST, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


def test_the_model_of_a_table_is_of_the_wrong_kind(tmp_path: Path) -> None:
    folder = train_family("table-forest", tmp_path)
    answer = create_app(Settings(models=(folder,), rate_limit=None)).test_client().post(BACKTEST, json={})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong-kind")
    assert "is of a table: post its rows to /v1/predict" in answer.get_json()["detail"]


def test_the_largest_answer_takes_bounded_memory(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    body = {"first": str(default_bundle.bars.dates[LOOKBACK - 1]), **write_frame(later(default_bundle, 900))}
    tracemalloc.start()
    try:
        assert client.post(BACKTEST, json=body).status_code == 200
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


DATES = st.sampled_from(["2013-03-01", "2013-02-15", "2009-05-07", "2005-01-03", "2013-03-04", "2013-03-09", "x", 5])
COUNTS = st.one_of(st.integers(-2, 40), st.sampled_from([961, 3071, 2**31 - 1, 2**63, 10**30, 1.5, "3", True]))
JUNK = st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.lists(st.integers(), max_size=3))
BARS = st.lists(
    st.tuples(st.sampled_from(["2013-03-01", "2013-03-04", "2013-03-05", "2013-03-07"]), st.floats(24.0, 25.0)),
    min_size=1, max_size=3,
).map(lambda rows: {"columns": ["date", "open", "high", "low", "close", "volume"],
                    "data": [[day, *[price] * 4, 10.0] for day, price in rows]})  # fmt: skip
BODIES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("first", "last", "next"), st.one_of(DATES, DATES, JUNK)),
        **dict.fromkeys(("n_windows", "step_size", "h", "max_rows"), st.one_of(COUNTS, COUNTS, JUNK)),
        "dataframe_split": st.one_of(BARS, BARS, JUNK),
        "model": st.one_of(st.just("msft"), JUNK),
    },
)
DOCUMENTED = {(kind.status, kind.code) for kind in KINDS if kind.status < 500}


@settings(max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES)
def test_whatever_is_asked_has_a_documented_answer(client: FlaskClient, body: Json) -> None:
    answer = client.post(BACKTEST, data=json.dumps(body), content_type="application/json")
    told = answer.get_json()
    if answer.status_code == 200:
        dates = [row["date"] for row in rows_of(told)]
        assert dates == sorted(set(dates))
        assert dates
    else:
        assert (answer.status_code, told["code"]) in DOCUMENTED
