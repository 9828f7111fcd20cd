"""What the client returns is what was evaluated, to the last bit; and both clients return the same."""

import asyncio
import csv
import datetime
import inspect
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from lockstep.bundles.series import SeriesBundle
from lockstep.client import AsyncClient, Client
from lockstep.client.errors import NotServed, RowsRefused, SomeRefused, WrongDigest
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE, DEFAULT_MODEL
from qa.threads import serve_app
from tests.conftest import measuring_once
from tests.small_tables import TARGET, load_saved, load_table, save_table
from tests.unit.client.callers import KINDS, Caller, Handler, answer_with

N_TEST_ROWS = 961


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of a table."""
    recipe = TableRecipe("diabetes", TARGET, Ridge())
    with measuring_once():
        return save_table(tmp_path_factory.mktemp("table"), load_table("diabetes"), recipe)


@pytest.fixture(scope="session")
def app(table: Path) -> Any:
    models = (DEFAULT_MODEL, table)
    return create_app(Settings(models=models, rate_limit=None, max_rows=1000)).wsgi_app


@pytest.fixture(scope="session")
def handler(app: Any) -> Handler:
    return answer_with(app)


@pytest.fixture(params=KINDS)
def call(request: pytest.FixtureRequest, handler: Handler) -> Caller:
    return Caller(request.param, handler)


@pytest.fixture(scope="session")
def bars(price_file: Path) -> Any:
    return pd.read_csv(price_file, index_col="Date", parse_dates=True)


def bits(values: Iterable[float]) -> list[bytes]:
    return [struct.pack("d", value) for value in values]


def read_evaluation(folder: Path, column: str) -> list[float]:
    with (folder / "evaluation.csv").open(newline="") as file:
        return [float(row[column]) for row in csv.DictReader(file)]


def test_forecasts_are_the_evaluation_to_the_bit(call: Caller, bars: Any) -> None:
    forecast = call("forecast", bars.tail(N_TEST_ROWS))
    assert bits(forecast["y_pred"]) == bits(read_evaluation(DEFAULT_BUNDLE, "y_pred"))
    assert forecast.index.equals(bars.index[-N_TEST_ROWS:].as_unit(forecast.index.unit))
    assert (forecast.index.name, forecast["forecast_date"].dtype.kind) == ("date", "M")
    assert list(forecast.columns[-4:]) == ["lo-80", "hi-80", "close_lo-80", "close_hi-80"]


def test_predictions_are_the_evaluation_to_the_bit(call: Caller, table: Path) -> None:
    rows = pd.read_csv(table / "rows.csv", index_col="row_id")
    predicted = call("predict", rows, model="diabetes", level=np.array([50, 80]))
    assert bits(predicted["prediction"]) == bits(read_evaluation(table, "y_pred"))
    assert predicted.index.equals(rows.index)
    assert list(predicted.columns) == ["prediction", "lo-50", "hi-50", "lo-80", "hi-80"]
    assert predicted.attrs["interval"]["level"] == [50, 80]


def test_over_sockets_both_clients_return_the_same_bits(app: Any, bars: Any) -> None:
    with serve_app(app) as url, Client(url) as client:
        blocking = client.forecast(bars.tail(40), level=[80, 95])

        async def ask() -> Any:
            async with AsyncClient(url) as other:
                return await other.forecast(bars.tail(40), level=[80, 95])

        asynchronous = asyncio.run(ask())
    assert bits(blocking.drop(columns="forecast_date").to_numpy().ravel()) == bits(
        asynchronous.drop(columns="forecast_date").to_numpy().ravel()
    )
    assert blocking.index.equals(asynchronous.index)


def test_rows_come_back_in_the_order_posted(call: Caller, bars: Any) -> None:
    shuffled = bars.tail(30).sample(frac=1.0, random_state=3)
    forecast = call("forecast", shuffled)
    assert list(forecast.index) == list(shuffled.index)
    assert bits(forecast["y_pred"]) == bits(call("forecast", bars.tail(30)).loc[shuffled.index, "y_pred"])


def test_rows_of_look_back_are_nan_and_a_session_beyond_the_calendar_is_nat(call: Caller, bars: Any) -> None:
    forecast = call("forecast", bars.tail(203), history="none")
    assert forecast["y_pred"].isna().sum() == 199
    assert forecast["y_pred"].dtype == np.float64
    assert forecast["close"].notna().all()


def test_attrs_hold_what_is_worth_knowing(call: Caller, bars: Any, default_bundle: SeriesBundle) -> None:
    attrs = call("forecast", bars.tail(1), model="msft", version="champion", symbol="MSFT").attrs
    assert attrs["digest"] == default_bundle.manifest.digest
    assert len(attrs["request_id"]) == 32
    assert "use the interval, not the forecast" in " ".join(attrs["warnings"])
    assert [model["name"] for model in attrs["models"]] == ["msft"]
    assert attrs["interval"]["level"] == [80]


def test_a_backtest_has_all_pages_and_the_scores_of_the_manifest(
    call: Caller, bars: Any, default_bundle: SeriesBundle
) -> None:
    backtest = call("backtest", bars.tail(400))
    assert bits(backtest.frame["y_pred"]) == bits(read_evaluation(DEFAULT_BUNDLE, "y_pred"))
    stated = default_bundle.manifest.scores
    assert list(backtest.scores.index) == list(stated)
    assert backtest.scores.loc["model", "mae"] == stated["model"].mae  # type: ignore[union-attr]
    assert (backtest.rows, list(backtest.intervals.index)) == (N_TEST_ROWS - 1, [80])
    assert set(backtest.frame["sample"]) == {"test"}


def test_the_pages_of_a_backtest_are_put_together(bars: Any, default_bundle: SeriesBundle) -> None:
    handler = answer_with(create_app(Settings(rate_limit=None, max_rows=100)).wsgi_app)
    paged = Caller("blocking", handler)("backtest", first=datetime.date(2009, 5, 12), last="2013-02-28")
    assert len(paged.frame) > 900
    whole = read_evaluation(DEFAULT_BUNDLE, "y_pred")
    assert bits(paged.frame["y_pred"]) == bits(whole[-len(paged.frame) - 1 : -1])
    assert paged.frame.index.is_monotonic_increasing
    assert paged.frame.index.is_unique


def test_a_model_that_changes_between_two_pages_is_refused() -> None:
    handler = answer_with(create_app(Settings(rate_limit=None, max_rows=20)).wsgi_app)
    pages: list[httpx.Response] = []

    def change(request: httpx.Request) -> httpx.Response:
        pages.append(handler(request))
        if len(pages) == 1:
            body = pages[0].json()
            return httpx.Response(200, json=body | {"model": body["model"] | {"digest": "f" * 64}})
        return pages[-1]

    with pytest.raises(WrongDigest):
        Caller("blocking", change)("backtest", first="2013-01-02")
    assert len(pages) == 2


@pytest.mark.parametrize("digits", [12, 64])
def test_an_answer_of_the_expected_digest_is_returned(
    handler: Handler, bars: Any, default_bundle: SeriesBundle, digits: int
) -> None:
    call = Caller("blocking", handler, digest=default_bundle.manifest.digest[:digits])
    assert len(call("forecast", bars.tail(2))) == 2
    assert call("backtest", n_windows=2).rows == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_of_another_digest_is_not_returned(kind: str, handler: Handler, bars: Any, table: Path) -> None:
    call = Caller(kind, handler, digest=load_saved(table).manifest.digest)
    rows = pd.read_csv(table / "rows.csv", index_col="row_id")
    assert len(call("predict", rows, model="diabetes")) == len(rows)
    for method, arguments in (("forecast", [bars.tail(2)]), ("backtest", [])):
        with pytest.raises(WrongDigest, match=r"model f1dcf3.* answered, not "):
            call(method, *arguments)


@pytest.mark.parametrize("hidden", ["body", "header", "both", "all"])
def test_a_digest_is_looked_for_in_header_and_body(
    handler: Handler, bars: Any, default_bundle: SeriesBundle, hidden: str
) -> None:
    """A proxy may take the header away, and a wrong one may leave it."""

    def spoil(request: httpx.Request) -> httpx.Response:
        answer = handler(request)
        headers, body = dict(answer.headers), answer.json()
        if hidden in ("header", "both", "all"):
            headers.pop("x-model-digest")
        if hidden in ("body", "both"):
            body["model"]["digest"] = "f" * 64
        if hidden == "all":
            body.pop("model")
        headers.pop("content-length")
        return httpx.Response(200, headers=headers, json=body)

    call = Caller("blocking", spoil, digest=default_bundle.manifest.digest)
    if hidden == "header":
        assert len(call("forecast", bars.tail(1))) == 1
    else:
        with pytest.raises(WrongDigest):
            call("forecast", bars.tail(1))


def test_series_are_told_apart_by_symbol_and_the_missing_ones_raise(call: Caller, bars: Any) -> None:
    known = bars.tail(2).assign(symbol="MSFT")
    assert call("forecast", known).index.names == ["symbol", "date"]
    with pytest.raises(SomeRefused) as refused:
        call("forecast", pd.concat([known, bars.tail(2).assign(symbol="ACME")]))
    first, _ = str(refused.value).splitlines()
    assert first == "1 of 2 series have no answer, for these reasons; .forecast has the others"
    assert "ACME: 422 unknown-symbol: no model for 'ACME'; this service forecasts MSFT" in str(refused.value)
    assert [problem["symbol"] for problem in refused.value.problems] == ["ACME"]
    answered = refused.value.forecast
    assert bits(answered.loc["MSFT", "y_pred"]) == bits(call("forecast", bars.tail(2))["y_pred"])
    assert answered.loc["ACME", "y_pred"].isna().all()


def test_bad_cells_are_in_the_message_and_in_errors(call: Caller, bars: Any) -> None:
    spoilt = bars.tail(5).copy()
    spoilt.loc["2013-02-26", "Close"], spoilt.loc["2013-03-01", "Volume"] = np.nan, -1
    with pytest.raises(RowsRefused) as refused:
        call("forecast", spoilt)
    error = refused.value
    assert [(each.row, each.column, each.label) for each in error.errors] == [
        (1, "close", "2013-02-26"), (4, "volume", "2013-03-01"),
    ]  # fmt: skip
    first, *lines = str(error).splitlines()
    assert first == f"422 invalid-input: Some cells cannot be right (request {error.request_id})"
    assert lines == [
        "  row 1 (2013-02-26), close: null is not a number",
        "  row 4 (2013-03-01), volume: -1.0 is not a finite number, 0 or more",
    ]
    assert (error.status, error.code) == (422, "invalid-input")


def test_rows_without_their_look_back_are_in_errors(call: Caller, bars: Any) -> None:
    with pytest.raises(RowsRefused, match="a forecast needs 200 bars") as refused:
        call("forecast", bars.tail(1), history="none")
    assert [(each.row, each.column, each.label) for each in refused.value.errors] == [(0, "date", "2013-03-01")]


@pytest.mark.parametrize(
    ("method", "named", "says"),
    [
        ("forecast", {"model": "other"}, "404 unknown-model: no model 'other'; models: msft, diabetes"),
        ("forecast", {"version": 7}, "404 unknown-model: msft has no version '7'"),
        ("forecast", {"symbol": "ACME"}, "422 unknown-symbol: no model for 'ACME'"),
        ("forecast", {"model": "diabetes"}, "409 wrong-kind"),
        ("predict", {}, "409 wrong-kind"),
    ],
)
def test_what_is_not_served_is_one_error(
    call: Caller, bars: Any, method: str, named: dict[str, Any], says: str
) -> None:
    with pytest.raises(NotServed) as refused:
        call(method, bars.tail(1), **named)
    assert str(refused.value).startswith(says)


def test_reports_and_the_version_are_those_of_the_service(call: Caller, default_bundle: SeriesBundle) -> None:
    card = call("report")
    assert (card["model"], card["digest"]) == ("msft", default_bundle.manifest.digest)
    assert call("report", "msft", version="champion", symbol="MSFT") == card
    with pytest.raises(NotServed, match="no model 'a b'"):
        call("report", "a b")
    version = call("version")
    assert {model["name"] for model in version["models"]} == {"msft", "diabetes"}


def test_both_clients_take_the_same_arguments() -> None:
    for name in ("forecast", "predict", "backtest", "report", "version"):
        blocking, asynchronous = (inspect.signature(getattr(each, name)) for each in (Client, AsyncClient))
        assert blocking == asynchronous, name
        assert inspect.iscoroutinefunction(getattr(AsyncClient, name))
    names = [list(inspect.signature(each).parameters) for each in (Client, AsyncClient)]
    assert names[0] == names[1]
