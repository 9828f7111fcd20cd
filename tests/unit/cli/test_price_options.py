"""Commands on price files of other forms: the same model, a word on how the file was read, and the options."""

import gzip
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lockstep.batch.folder import read_job
from lockstep.bundles.reading import load_series
from lockstep.cli import price_options
from lockstep.cli.main import main
from lockstep.data.price_files.form import PriceForm
from lockstep.data.price_files.reading import read_price_file
from lockstep.errors import InvalidInput, TrainingError
from lockstep.training.prices import find_volume_fault
from qa.default_bundle import DEFAULT_MODEL
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars

RIDGE = ("--symbol", "T", "--test-rows", 60, "--calendar", "file", "--estimator", "ridge", "--interval", "none")
N_BARS = 340


@pytest.fixture
def frame(prices: Path) -> pd.DataFrame:
    return pd.read_csv(prices, index_col="Date", parse_dates=True).head(N_BARS)


def write_german(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, sep=";", decimal=",", date_format="%d.%m.%Y")
    return path


def test_other_forms_of_the_same_prices_give_the_same_model_and_the_digest_is_of_the_file(
    frame: pd.DataFrame, tmp_path: Path, run: Run
) -> None:
    plain, german, zipped = tmp_path / "plain.csv", tmp_path / "german.csv", tmp_path / "plain.csv.gz"
    frame.to_csv(plain)
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    files = {plain: "", write_german(frame, german): "semicolons separate the columns; dates are ", zipped: ""}
    exact = []
    for place, (path, said) in enumerate(files.items()):
        trained = run("train", path, "--out", tmp_path / f"model{place}", *RIDGE)
        assert trained.exit_code == 0
        assert trained.stderr.startswith(f"read {path.name}: {said}" if said else "")
        folder = tmp_path / f"model{place}" / "1"
        source = load_series(folder).manifest.source
        assert (source.file, source.sha256) == (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        exact.append([(folder / name).read_bytes() for name in ("bars.csv", "evaluation.csv", "exact.msgpack")])
    assert exact[0] == exact[1] == exact[2]


@pytest.mark.parametrize("volume", ["no column", "zeros", "missing"])
def test_prices_without_volume_get_the_features_that_read_none_and_that_is_said(
    volume: str, frame: pd.DataFrame, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "EURUSD.csv"
    kept = frame.drop(columns=["Volume"])
    (kept if volume == "no column" else kept.assign(Volume=0 if volume == "zeros" else None)).to_csv(path)
    trained = run("train", path, "--out", tmp_path / "fx", *RIDGE)
    reason = "the prices have no volume" if volume == "no column" else "the volume of every bar is 0 or missing"
    assert trained.stderr == f"{reason}, so the feature set is one that reads none: --features prices\n"
    manifest = load_series(tmp_path / "fx" / "1").manifest
    assert (manifest.feature_set.name, manifest.schema.reads_volume) == ("prices", False)
    if volume == "no column":
        with pytest.raises(InvalidInput, match="volume: the column is missing; features without it: --features prices"):
            run("train", path, "--out", tmp_path / "fx", *RIDGE, "--features", "daily")


def test_the_form_can_be_told(frame: pd.DataFrame, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "told.csv"
    frame.to_csv(path, sep="\t", date_format="%Y%m%d")
    told = ("--sep", "tab", "--date-format", "%Y%m%d", "--decimal", ".")
    trained = run("train", path, "--out", tmp_path / "told", *RIDGE, *told)
    assert (trained.exit_code, trained.stderr) == (0, "")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (
            ("--date-format", "dd.mm.yyyy"),
            "'dd.mm.yyyy' does not write a day, a month and a year; expected one such as",
        ),
        (("--date-format", "%d.%m"), "does not write a day, a month and a year"),
        (("--date-format", "%Q"), "does not write a day, a month and a year"),
        (("--sep", ";;"), "';;' is not one character; expected one such as ';', or `tab`"),
        (("--decimal", ";"), "';' is not one of '.', ','"),
    ],
)
def test_an_option_that_tells_nothing_is_refused(told: tuple[str, str], reason: str, prices: Path, run: Run) -> None:
    refused = run("train", prices, "--out", prices.parent / "x", *RIDGE, *told)
    assert (refused.exit_code, reason in refused.stderr) == (2, True)


def test_a_panel_of_other_forms_is_read_and_the_first_is_described(
    frame: pd.DataFrame, tmp_path: Path, run: Run
) -> None:
    long = pd.concat({"AA": frame, "BB": frame * 2.0}, names=["Ticker"]).reset_index("Ticker")
    asked = ("--test-rows", 40, "--calendar", "file", "--estimator", "ridge", "--interval", "none")
    long.to_csv(tmp_path / "long.csv", sep=";", decimal=",")
    trained = run("train-panel", tmp_path / "long.csv", "--out", tmp_path / "panel", *asked)
    assert (trained.exit_code, "series    2" in trained.stdout) == (0, True)
    said = "semicolons separate the columns; numbers have a decimal comma"
    assert f"read long.csv: AA, the first series: {said}" in trained.stderr
    long.drop(columns=["Volume"]).to_csv(tmp_path / "fx.csv")
    with pytest.raises(TrainingError, match="volume: the column is missing; features without it: --features prices"):
        run("train-panel", tmp_path / "fx.csv", "--out", tmp_path / "fx", *asked)


def test_a_batch_job_remembers_the_form_of_its_input(
    frame: pd.DataFrame, tmp_path: Path, run: Run, signals_as_before: None
) -> None:
    (tmp_path / "prices").mkdir()
    frame.to_csv(tmp_path / "prices" / "AA.csv", date_format="%Y%m%d", sep=";", decimal=",")
    told = ("--date-format", "%Y%m%d", "--sep", ";", "--decimal", ",")
    arguments = ("batch", DEFAULT_MODEL, tmp_path / "prices", "--format", "csv", "--workers", 1)
    done = run(*arguments, "--out", tmp_path / "told", *told)
    assert (done.exit_code, done.stderr.splitlines()[-1][:21]) == (0, "1 of 1 series done in")
    job = read_job(tmp_path / "told")
    assert job is not None
    assert job.form == PriceForm("%Y%m%d", ";", ",")
    assert " --date-format %Y%m%d --sep ';' --decimal ," in job.write_command(tmp_path / "told")


def test_drift_reads_the_same_forms(frame: pd.DataFrame, tmp_path: Path, run: Run) -> None:
    shown = run("drift", DEFAULT_MODEL, write_german(frame, tmp_path / "german.csv"))
    assert shown.stderr.startswith("read german.csv: semicolons separate the columns; dates are dd.mm.yyyy, such as ")


def test_a_forecast_is_that_of_the_same_bars_in_another_form(frame: pd.DataFrame, tmp_path: Path, run: Run) -> None:
    frame.to_csv(tmp_path / "plain.csv")
    plain = run("forecast", DEFAULT_MODEL, tmp_path / "plain.csv", "--csv")
    german = run("forecast", DEFAULT_MODEL, write_german(frame, tmp_path / "german.csv"), "--csv")
    assert (plain.exit_code, plain.stdout) == (0, german.stdout)
    assert german.stderr.startswith("read german.csv: semicolons")


def test_the_line_that_drops_missing_cells_is_printed_once_below_the_errors(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    frame.iloc[[3, 4], 0] = None
    frame.to_csv(tmp_path / "holes.csv")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "argv", ["lockstep", "train", "../holes.csv", "--out", "m", *map(str, RIDGE)])
    with pytest.raises(SystemExit):
        main()
    first, second, hint = capsys.readouterr().err.splitlines()
    assert [first[:15], second[:15]] == ["Error: line 5, ", "Error: line 6, "]
    assert hint == (
        "Hint: to drop the lines with a missing cell, in pandas: "
        'pd.read_csv("../holes.csv", dtype=str).dropna(subset=["Open"]).to_csv("../holes.clean.csv", index=False)'
    )


def write_foreign(frame: pd.DataFrame, path: Path) -> None:
    names = {"Open": "Eröffnung", "High": "Hoch", "Low": "Tief", "Close": "Schluss", "Volume": "Volumen"}
    renamed = frame.drop(columns="Adj Close").rename(columns=names).rename_axis("Datum")
    renamed.to_csv(path, sep=";", decimal=",", date_format="%d.%m.%Y")


def write_stooq(frame: pd.DataFrame, path: Path) -> None:
    names = {name: f"<{name.upper()}>" for name in frame} | {"Volume": "<VOL>"}
    renamed = frame.drop(columns="Adj Close").rename(columns=names).rename_axis("<DATE>")
    renamed.assign(**{"<TICKER>": "T.US", "<OPENINT>": 0}).to_csv(path, date_format="%Y%m%d")


def write_empty(frame: pd.DataFrame, path: Path) -> None:
    frame.assign(**{"Adj Close": None}).to_csv(path)


@pytest.mark.parametrize(
    ("write", "told"),
    [(write_foreign, ()), (write_stooq, ("--date-format", "%Y%m%d")), (write_empty, ())],
)
def test_what_the_line_of_pandas_writes_is_trained_on(
    write: Callable[[pd.DataFrame, Path], None],
    told: tuple[str, ...],
    frame: pd.DataFrame,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(frame, tmp_path / "prices.txt")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    arguments = ("--out", "m", *RIDGE, *told)
    monkeypatch.setattr(sys, "argv", ["lockstep", "train", "../prices.txt", *map(str, arguments)])
    with pytest.raises(SystemExit):
        main()
    *errors, hint = capsys.readouterr().err.splitlines()
    assert not [line for line in errors if "so the feature set is" in line]
    exec(hint.partition(", in pandas: ")[2], {"pd": pd})  # noqa: S102 -- the line that the hint gives
    assert run("train", "../prices.clean.txt", *arguments).exit_code == 0
    assert len(load_series(Path("m", "1")).bars) == N_BARS


def test_only_a_file_that_lacks_nothing_else_is_said_to_have_no_volume(
    frame: pd.DataFrame, tmp_path: Path, run: Run
) -> None:
    write_foreign(frame, tmp_path / "foreign.csv")
    cells = read_price_file(tmp_path / "foreign.csv").cells
    assert find_volume_fault(cells) == ""
    frame.drop(columns="Volume").assign(Umsatz=1).to_csv(tmp_path / "turnover.csv")
    assert find_volume_fault(read_price_file(tmp_path / "turnover.csv").cells) == ""
    with pytest.raises(InvalidInput, match=r"^volume: the column is missing; unknown are 'Umsatz' \(and 1 more\); to"):
        run("train", tmp_path / "turnover.csv", "--out", tmp_path / "m", *RIDGE)
    frame.assign(Volume=None).to_csv(tmp_path / "empty.csv")
    with pytest.raises(InvalidInput, match=r"; features without it: --features prices$"):
        run("train", tmp_path / "empty.csv", "--out", tmp_path / "m", *RIDGE, "--features", "daily")
    frame.assign(Volume=None, Open="x").to_csv(tmp_path / "bad.csv")
    with pytest.raises(InvalidInput, match=r"; no line has a cell in volume, which every bar needs$"):
        run("train", tmp_path / "bad.csv", "--out", tmp_path / "m", *RIDGE, "--features", "daily")


def test_every_command_that_reads_prices_has_the_options(run: Run) -> None:
    for name in ("train", "train-panel", "update", "forecast", "batch", "drift"):
        shown = run(name, "--help").stdout
        assert all(option in shown for option in ("--date-format", "--sep", "--decimal")), name
    assert len(price_options.OPTIONS) == 3
