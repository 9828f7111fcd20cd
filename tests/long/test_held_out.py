"""Price files that are not in the repository: train, serve and prove parity with the command alone."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import requests
from bokeh_sampledata import stocks

from qa.default_bundle import DEFAULT_BUNDLE
from tests.commands import run_command
from tests.conftest import ROOT, Start

HEADER = ("Date", "Open", "High", "Low", "Close", "Adj Close", "Volume")


def write_prices(path: Path, symbol: str) -> list[list[object]]:
    series = getattr(stocks, symbol)
    rows = [list(row) for row in zip(*(series[name.lower().replace(" ", "_")] for name in HEADER), strict=True)]
    write_rows(path, rows)
    return rows


def write_rows(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def random_walk(first: str, days: int, step: int) -> list[list[object]]:
    rng = np.random.default_rng(7)
    close = 50.0 * np.cumprod(1.0 + 0.02 * rng.standard_normal(days))
    dates = np.datetime64(first) + step * np.arange(days)
    rows = zip(dates, close, close * 1.02, close * 0.98, close, close, rng.integers(0, 10**6, days), strict=True)
    return [[str(date), *(repr(float(price)) for price in prices), int(volume)] for date, *prices, volume in rows]


@pytest.mark.parametrize(("symbol", "test_rows"), [("AAPL", 961), ("IBM", 961), ("GOOG", 400)])
def test_another_stock_is_trained_served_and_proven(
    symbol: str, test_rows: int, tmp_path: Path, start_gunicorn: Start
) -> None:
    rows = write_prices(tmp_path / "prices.csv", symbol)
    bundle = tmp_path / symbol.lower()
    trained = run_command(
        "train", tmp_path / "prices.csv", "--symbol", symbol, "--out", bundle, "--test-rows", test_rows
    )
    assert trained.returncode == 0, trained.stderr
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=str(bundle))
    gunicorn.wait_until_ready()

    proven = run_command("parity", gunicorn.url, "--bundle", bundle)
    assert proven.returncode == 0, proven.stdout + proven.stderr

    def post(posted: list[list[object]]) -> requests.Response:
        body = json.dumps({"columns": HEADER, "data": posted})
        return requests.post(f"{gunicorn.url}/forecast", data=body, timeout=30)

    with (bundle / "1" / "evaluation.csv").open() as file:
        evaluated = [float(row["y_pred"]) for row in csv.DictReader(file)]
    assert json.loads(post(rows[-test_rows:]).json()["y_pred"]) == evaluated

    wrong = [[row[0], *(float(str(price)) * 0.7 for price in row[1:6]), row[6]] for row in rows[-5:]]
    assert json.loads(post(wrong).json()["y_pred"]) != evaluated[-5:]

    after = [["2013-03-04", *rows[-1][1:]], ["2013-03-05", *rows[-1][1:]]]
    assert len(json.loads(post(after).json()["y_pred"])) == 2

    later = post([["2019-06-03", *rows[-1][1:]]])
    assert (later.status_code, later.json()["code"]) == (422, "missing-bars")
    assert "2019-05-31" in later.json()["detail"]


@pytest.mark.parametrize(("first", "step"), [("2019-01-01", 1), ("2001-01-01", 7)])
def test_prices_of_another_calendar_are_trained_served_and_proven(
    first: str, step: int, tmp_path: Path, start_gunicorn: Start
) -> None:
    write_rows(tmp_path / "prices.csv", random_walk(first, 900, step))
    arguments = ("--symbol", "X", "--out", tmp_path / "x", "--test-rows", 200)
    trained = run_command("train", tmp_path / "prices.csv", *arguments)
    assert trained.returncode == 0, trained.stderr
    assert "calendar  file, its own dates and after them every day of the week that it has (" in trained.stdout
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=f"{DEFAULT_BUNDLE}:{tmp_path / 'x'}")
    gunicorn.wait_until_ready()
    proven = run_command("parity", gunicorn.url, "--bundle", tmp_path / "x")  # the second of its bundles
    assert proven.returncode == 0, proven.stdout + proven.stderr


def test_a_file_that_cannot_be_trained_says_what_and_where(tmp_path: Path) -> None:
    rows = write_prices(tmp_path / "prices.csv", "IBM")
    rows[4][3] = 1e9
    rows[9][0] = rows[8][0]
    write_rows(tmp_path / "prices.csv", rows)
    trained = run_command("train", tmp_path / "prices.csv", "--symbol", "IBM", "--out", tmp_path / "ibm")
    assert trained.returncode == 1
    assert "line 6, low: " in trained.stderr
    assert "line 11, date: 2000-03-13 is there twice" in trained.stderr
    assert not (tmp_path / "ibm").exists()


def test_parity_against_another_bundle_is_no_parity(tmp_path: Path, service_url: str) -> None:
    write_prices(tmp_path / "prices.csv", "IBM")
    run_command("train", tmp_path / "prices.csv", "--symbol", "IBM", "--out", tmp_path / "ibm")
    compared = run_command("parity", service_url, "--bundle", tmp_path / "ibm")
    assert compared.returncode == 3
    assert "serves msft/1, not ibm; name what it serves with --model or --bundle" in compared.stderr


def test_parity_with_a_wrong_key_says_so_and_checks_nothing(start_gunicorn: Start) -> None:
    gunicorn = start_gunicorn(LOCKSTEP_API_KEYS=f"me:{'0' * 64}")
    gunicorn.wait_until_ready()
    for arguments, reason in (((), "wants a key"), (("--api-key", "x"), "takes another key")):
        refused = run_command("parity", gunicorn.url, *arguments)
        assert (refused.returncode, refused.stdout.count("\n")) == (4, 1)
        assert reason in refused.stderr


def test_parity_without_a_service_is_unreachable() -> None:
    assert run_command("parity", "http://127.0.0.1:9").returncode == 4


def test_a_file_of_the_current_application_is_found_by_every_command(tmp_path: Path, price_file: Path) -> None:
    (tmp_path / "lockstep.toml").write_text("")
    shutil.copy(ROOT / "preprocessing" / "daily.py", tmp_path / "own_features.py")
    options = ("--symbol", "X", "--out", "x", "--features", "own_features.py")
    for arguments in (("train", price_file, *options), ("verify", "x")):
        ended = run_command(*arguments, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
