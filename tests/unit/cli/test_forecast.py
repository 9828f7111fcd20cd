"""`lockstep forecast` prints what the service answers, to the bit, and what the file beside the model is worth."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from lockstep.applications import find_application
from lockstep.bundles.loading import Selection, load_registry
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.data.bars import Bars
from lockstep.data.price_csv import write_price_csv
from lockstep.doors.stored import write_frame
from lockstep.doors.v1 import DOOR
from lockstep.parity.local import receive
from lockstep.parity.posted import Sent
from lockstep.predict.intervals import interval_at
from lockstep.training.named_targets import load_target
from lockstep.training.table_rows import TableRecipe
from qa.default_bundle import DEFAULT_BUNDLE, DEFAULT_MODEL
from qa.servers import ROOT
from tests.commands import Ended, run_command
from tests.small_panels import make_series, save_panel
from tests.small_tables import TARGET, load_table, save_table
from tests.unit.drift.conftest import join_bars, replay, scale_bars

Write = Callable[[Bars], Path]
MAX_ROWS = 20_000


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_bars(bars: Bars) -> Path:
        path = tmp_path / "prices.csv"
        path.write_text(write_price_csv(bars))
        return path

    return write_bars


@pytest.fixture(scope="session")
def newer(default_bundle: SeriesBundle) -> Bars:
    """The bars of the default bundle, and 5 newer ones."""
    return replay(default_bundle, 5)


def forecast(*arguments: object) -> Ended:
    return run_command("forecast", *arguments)


def read_frame(*arguments: object) -> list[dict[str, Any]]:
    frame = json.loads(forecast(*arguments, "--json").check_output())["forecast"]
    return [dict(zip(frame["columns"], row, strict=True)) for row in frame["data"]]


def ask_service(folder: Path, bars: Bars, **asked: object) -> list[dict[str, Any]]:
    """Return the rows that `POST /v1/forecast` answers to bars in JSON."""
    body = msgspec.json.encode({"dataframe_split": write_frame(bars), **asked})
    request = DOOR.decode(receive(DOOR, Sent("/v1/forecast", body), MAX_ROWS))
    answer = msgspec.json.decode(DOOR.encode(DOOR.score(load_registry(Selection([folder])), request, None), "").body)
    frame = answer["forecast"]
    return [dict(zip(frame["columns"], row, strict=True)) for row in frame["data"]]


def test_people_get_dates_closes_the_interval_and_the_verdict_in_words(default_bundle: SeriesBundle) -> None:
    title, _, headings, row, _, *lines = forecast("msft").check_output().splitlines()
    manifest = default_bundle.manifest
    assert title == f"MSFT by msft/1, digest {manifest.digest[:12]}"
    assert " ".join(headings.split()) == "date close for naive forecast 80 % interval"
    assert row.split() == [
        "Fri", "2013-03-01", "24.68", "Mon", "2013-03-04", "24.68", "24.72", "(+0.13", "%)", "24.38", "…", "24.99",
    ]  # fmt: skip
    first, second = show_verdict(manifest)
    assert lines[:2] == [f"verdict   {first}", f"          {second}"]
    assert lines[2].startswith("interval  around no change, not around the forecast; from the 200 bars")
    assert lines[3:] == [
        "note      the newest bar is the model's own; for a newer one run: lockstep forecast msft PRICES.csv"
    ]


@pytest.mark.parametrize("named", ["msft", "msft/1", "msft/champion", DEFAULT_MODEL, DEFAULT_BUNDLE])
def test_a_model_is_named_by_its_name_a_version_or_its_folder(named: object, default_bundle: SeriesBundle) -> None:
    [row] = read_frame(named)
    assert [row] == ask_service(DEFAULT_BUNDLE, default_bundle.bars.select(slice(-1, None)))


@pytest.mark.parametrize("n_rows", [1, 3])
def test_a_file_is_forecast_as_the_service_forecasts_it(n_rows: int, newer: Bars, write: Write) -> None:
    expected = ask_service(DEFAULT_BUNDLE, newer, history="none", level=[50, 95])[-n_rows:]
    whole, few = write(newer), ("--rows", n_rows, "--level", 50, "--level", 95)
    assert read_frame("msft", whole, *few) == expected
    short = write(newer.select(slice(-5, None)))  # the stored bars, which are the same, reach back
    assert read_frame("msft", short, *few) == expected
    printed = forecast("msft", short, *few, "--csv").check_output()
    rows = list(csv.DictReader(printed.splitlines()))
    assert [float(row["hi-95"]) for row in rows] == [row["hi-95"] for row in expected]
    assert list(rows[0]) == list(expected[0])


def test_more_rows_than_have_a_forecast_are_all_that_have_one(default_bundle: SeriesBundle, write: Write) -> None:
    few = default_bundle.bars.select(slice(0, 202))
    said = f"the file ends on {few.dates[-1]}, before the model's own newest bar: 2013-03-01"
    assert said in forecast("msft", write(few)).check_output()
    assert [row["date"] for row in read_frame("msft", write(few), "--rows", 9)] == few.dates[-3:].astype(str).tolist()
    assert len(read_frame("msft", "--rows", 100_000)) == len(default_bundle.bars) - 199


def test_json_holds_model_verdict_and_warnings(default_bundle: SeriesBundle) -> None:
    told = json.loads(forecast("msft", "--json").check_output())
    assert told["verdict"] == show_verdict(default_bundle.manifest)
    assert told["warnings"] == told["verdict"][:1]
    assert (told["model"]["digest"], told["interval"]["level"]) == (default_bundle.manifest.digest, [80])


def test_a_file_that_was_adjusted_again_stands_alone_or_is_warned_of(newer: Bars, write: Write) -> None:
    adjusted = scale_bars(newer, 0.985)
    whole, few = (forecast("msft", write(bars)) for bars in (adjusted, adjusted.select(slice(-9, None))))
    assert "common closes are 0.985 times the stored ones" in whole.check_output()
    mixed = "This forecast reads both: a file of 200 bars or more stands alone"
    assert [mixed in each.stdout for each in (whole, few)] == [False, True]
    assert "4 posted bars replace stored bars" in few.stdout


def test_raw_closes_after_adjusted_ones_are_a_seam(newer: Bars, write: Write) -> None:
    raw = write(scale_bars(newer, 27.95 / 24.684342419163).select(slice(-1 - 4, None)))
    seam = r"the close of 2013-03-04, \S+ \(posted\), is \d+\.\d scales from that of 2013-03-01, \S+ \(stored\)"
    shown = forecast("msft", raw).check_output()
    assert re.search(seam, shown)
    assert "are both adjusted alike?" in shown
    assert "1 forecast lies outside its own 80 % interval, first that of row 0" in shown


def test_other_prices_are_refused(newer: Bars, write: Write) -> None:
    rng = np.random.default_rng(4)
    other = write(scale_bars(newer, np.exp(rng.normal(0.0, 0.02, len(newer)))))
    refused = forecast("msft", other)
    assert (refused.returncode, "the file is of another series" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2013-03-02", "Error: date: 2013-03-02 is not a session of the calendar XNYS"),
        (
            "2013-03-08",
            "Error: the forecast of 2013-03-08 needs the 200 bars that end in it; no bars for 4 session(s) from",
        ),
    ],
)
def test_a_bar_that_cannot_be_forecast_says_what_is_missing(date: str, said: str, newer: Bars, write: Write) -> None:
    bar = newer.select(slice(-1, None))
    refused = forecast("msft", write(Bars(np.array([date], "datetime64[D]"), bar.values)))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert said in refused.stderr


def test_of_a_panel_the_series_is_named(tmp_path: Path) -> None:
    series = make_series(3)
    folder = save_panel(tmp_path / "models" / "many", series, interval=interval_at(1))
    newest = series["S1"].select(slice(-1, None))
    assert read_frame(folder, "--symbol", "S1") == ask_service(folder, newest, symbol="S1")
    refused = forecast(folder)
    assert (refused.returncode, "name one of its 3 with --symbol: S0, S1, S2" in refused.stderr) == (1, True)


def test_labels_have_probabilities_and_no_closes(tmp_path: Path) -> None:
    target = load_target("direction", 1, find_application(ROOT))
    folder = save_panel(tmp_path / "models" / "up", make_series(2), target, LogisticRegression())
    [row] = read_frame(folder, "--symbol", "S0")
    _, _, headings, shown, *_ = forecast(folder, "--symbol", "S0").check_output().splitlines()
    assert "probability of up" in headings
    assert ["direction" in shown, f" {row['y_pred']} " in shown] == [True, True]
    assert f"{100 * row['proba_up']:.1f} %" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mfst"], "models: msft; did you mean 'msft'?"),
        (["mfst/1"], "no model 'mfst' in "),
        (["models/mfst"], "no model 'mfst' in models; models: msft; did you mean 'msft'?"),
        (["msft/9"], "msft has no version '9'; versions: 1"),
        (["models/msft/9"], "msft has no version '9'; versions: 1"),
        (["models"], "models holds no version of a model; expected models/NAME or models/NAME/VERSION"),
        (["msft", "--symbol", "AAPL"], "msft forecasts MSFT, not 'AAPL'; leave --symbol out"),
        (["msft", "--level", "80", "--level", "80"], "level: 80 is there twice"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(arguments: list[str], said: str) -> None:
    refused = forecast(*arguments)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert said in refused.stderr


def test_a_model_of_a_table_has_no_next_row(tmp_path: Path) -> None:
    table = save_table(tmp_path, load_table("iris"), TableRecipe("iris", TARGET, DecisionTreeClassifier(max_depth=2)))
    refused = forecast(table)
    assert (refused.returncode, "post them to /v1/predict" in refused.stderr) == (1, True)


def test_a_file_of_other_dates_is_compared_with_none(default_bundle: SeriesBundle, newer: Bars, write: Write) -> None:
    joined = join_bars(default_bundle.bars.select(slice(0, 0)), newer.select(slice(-5, None)))
    assert "warning" not in forecast("msft", write(joined)).check_output()
