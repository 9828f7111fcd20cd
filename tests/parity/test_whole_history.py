"""A feature set that reads the whole history and one bar ahead: served as it is, and found out by parity."""

import csv
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from examples.tutorial.train import FEATURE_SET
from lockstep.applications import read_application
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.features.loading import load_feature_set
from lockstep.parity.client import ServiceClient
from lockstep.parity.judging import ask
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import Report, Verdict, run_checks
from lockstep.parity.wish import EVALUATED
from lockstep.scoring.settings import Settings
from lockstep.training.prices import load_prices
from lockstep.training.recipe import Recipe
from lockstep.training.training import train
from lockstep.web.app import create_app
from qa.servers import ROOT
from qa.threads import serve_app

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars

DIVIDENDS = 0.9
"""Paid after the file was written: no adjusted close is left in the range of its raw prices."""
FROM_THE_START = ["macd_diff", "sar", "rsi", "on_balance_volume", "chaikin_oscillator"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, price_file: Path) -> Path:
    found = load_feature_set(FEATURE_SET, read_application(ROOT))
    prices = load_prices(price_file, None, found.features)
    prices.bars.values[3] *= DIVIDENDS
    trained = train(prices.bars, prices.calendar, Recipe("whole", "MSFT", prices.source, found))
    return save_bundle(tmp_path_factory.mktemp("models") / "whole", trained.manifest, trained.files)


@pytest.fixture(scope="module")
def bundle(folder: Path) -> SeriesBundle:
    return load_series(folder)


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serve_app(create_app(Settings(models=(folder,)))) as url:
        yield url


@pytest.fixture(scope="module")
def report(url: str, bundle: SeriesBundle) -> Report:
    return run_checks(SeriesSubject(ServiceClient(url), bundle, seed=1), on_result=lambda _: None)


def test_parity_names_look_ahead_and_start_of_history_and_passes_the_rest(report: Report) -> None:
    assert report.verdict is Verdict.DIVERGED
    features = {
        result.check.name: list(result.location.differing["features"]) if result.location else None
        for result in report.results
        if result.verdict is not Verdict.PARITY
    }
    assert features == {"chunks": ["atr"], "stateless": FROM_THE_START, "causal": ["atr"]}


def test_chunks_differ_in_the_newest_row_of_each_request_alone(report: Report, bundle: SeriesBundle, url: str) -> None:
    [chunks] = [result for result in report.results if result.check.name == "chunks"]
    assert all(divergence.stage == "features" for divergence in chunks.comparison.divergences)
    subject = SeriesSubject(ServiceClient(url), bundle, seed=1)
    piece = subject.tested.select(slice(100, 164))
    posted = subject.write(
        piece, subject.draws("chunks", 0), dataclasses.replace(EVALUATED, paths=("/v1/forecast",), traces=("digests",))
    )
    assert [each.key for each in ask(subject, posted).divergences] == [str(piece.dates[-1])]


def read_row(line: list[str], adjusted: int) -> list[object]:
    """Return the cells of a line as a client posts them, the adjusted close as it is after `DIVIDENDS`."""
    numbers = [float(cell) * (DIVIDENDS if place == adjusted else 1.0) for place, cell in enumerate(line) if place]
    return [line[0], *numbers]


def test_raw_lines_of_the_price_file_give_the_evaluation(url: str, bundle: SeriesBundle, price_file: Path) -> None:
    header, *lines = csv.reader(price_file.read_text().splitlines())
    adjusted = header.index("Adj Close")
    rows = [read_row(line, adjusted) for line in lines[-961:]]
    answer = requests.post(f"{url}/forecast", data=json.dumps({"columns": header, "data": rows}), timeout=60)
    assert json.loads(answer.json()["y_pred"]) == bundle.evaluation.y_pred.tolist()
    asked = {"dataframe_split": {"columns": header, "data": rows}}
    answer = requests.post(f"{url}/v1/forecast", json=asked, timeout=60)
    closes = [row[2] for row in answer.json()["forecast"]["data"]]
    assert closes == [row[adjusted] for row in rows] == bundle.evaluation.close.tolist()
    [verdict] = answer.json()["warnings"]
    assert 'worse than "no change"' in verdict


def test_every_form_is_forecast_locally_from_its_own_low_and_close(url: str, bundle: SeriesBundle) -> None:
    subject = SeriesSubject(ServiceClient(url), bundle, seed=1)
    bars = subject.tested.select(slice(-40, None))
    for number in range(30):
        draws = subject.draws("wire", number)
        posted = subject.write(bars, draws, EVALUATED)
        assert posted.rows.oldest_first().values.tobytes() == bars.values.tobytes()
        assert ask(subject, dataclasses.replace(posted, is_anchored=False)).findings == []
    assert (bars.close < bars.low).all()


def test_a_price_that_cannot_be_right_is_refused_by_both_routes(url: str, bundle: SeriesBundle) -> None:
    date, values = str(bundle.bars.dates[-1]), bundle.bars.values[:, -1].tolist()
    values[0] = values[1] * 1.01
    body = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [[date, *values]]}
    for path in ("/forecast", "/v1/forecast"):
        answer = requests.post(url + path, json=body, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_version_tells_which_bundle_reads_the_whole_history(url: str, service_url: str) -> None:
    for address, expected in ((url, True), (service_url, False)):
        [model] = requests.get(f"{address}/version", timeout=60).json()["models"]
        assert model["whole_history"] is expected
