"""From the prices of many series to a bundle, and what people read of it."""

import json
from pathlib import Path

import pytest

from lockstep.errors import TrainingError, UnknownSymbol
from tests.unit.cli.conftest import Run

RIDGE = ("--estimator", "ridge(alpha=10.0)", "--calendar", "file")


@pytest.fixture
def folder(tmp_path: Path, price_file: Path) -> Path:
    """Sessions of MSFT as seven series, one of which has a hole, and a file that is none."""
    header, *lines = price_file.read_text().splitlines()
    folder = tmp_path / "prices"
    folder.mkdir()
    for place in range(6):
        (folder / f"S{place}.csv").write_text("\n".join([header, *lines[place * 9 : 420]]))
    (folder / "HOLE.csv").write_text("\n".join([header, *lines[:200], *lines[202:420]]))
    (folder / "NONE.csv").write_text("Date,Open\n")
    return folder


def test_a_panel_is_trained_evaluated_and_what_is_bad_is_listed(tmp_path: Path, folder: Path, run: Run) -> None:
    out = tmp_path / "panel"
    trained = run("train-panel", folder, "--out", out, "--test-rows", 100, "--learning-rows", 300, *RIDGE)
    assert trained.exit_code == 0
    lines = trained.stdout.splitlines()
    assert lines[0].strip() == "panel: next bar's gross return, means over 6 series"
    first = next(place for place, line in enumerate(lines) if line.startswith("series"))
    assert lines[first : first + 2] == ["series    6, 2 left out", "calendar  file"]
    assert "300 drawn of 591 rows; --learning-rows N draws another number" in lines[first + 2]
    assert lines[first + 3] == "test      2001-06-07 … 2001-11-01, 600 rows"
    assert lines[first + 6].startswith("verdict   In 5 folds of its learning rows the model did ")
    assert 'In the 99 test sessions, each the mean over its series, beside "no change"' in lines[first + 7]
    assert lines[-3:] == [
        "left out  2 series:",
        "          NONE: NONE.csv: no bars; expected a header and a line for each bar",
        "          HOLE: no bar for 2 session(s) of file: 2000-12-13, 2000-12-14",
    ]
    picture = tmp_path / "panel.png"
    evaluated = run("evaluate", out, "--picture", picture).stdout
    assert "series by rMAE, the best first" in evaluated
    assert evaluated.splitlines()[0] == lines[0]
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = json.loads(run("evaluate", out, "--json").stdout)
    assert list(printed["series"]) == [f"S{place}" for place in range(6)]
    assert {each["test_rows"] for each in printed["series"].values()} == {100}
    alone = json.loads(run("evaluate", out, "--symbol", "S3", "--json").stdout)
    assert alone["scores"] == printed["series"]["S3"]["scores"]
    page = tmp_path / "S3.html"
    assert run("evaluate", out, "--symbol", "S3", "--html", page).exit_code == 0
    assert "S3" in page.read_text()


def test_a_report_card_is_of_one_series_and_another_symbol_is_refused(tmp_path: Path, folder: Path, run: Run) -> None:
    out = tmp_path / "panel"
    asked = ("--target", "direction", "--horizon", 2, "--estimator", "logistic", "--calendar", "file")
    assert run("train-panel", folder, "--out", out, "--test-rows", 100, *asked).exit_code == 0
    refused = run("evaluate", out, "--html", tmp_path / "panel.html")
    assert (refused.exit_code, "a report card is of one series: name it with --symbol" in refused.stderr) == (2, True)
    with pytest.raises(UnknownSymbol, match="panel has no series 'MSFT'; it forecasts S0, S1, S2, S3, S4 and 1 more"):
        run("evaluate", out, "--symbol", "MSFT")
    evaluated = run("evaluate", out, "--picture", tmp_path / "panel.png").stdout
    assert "series by accuracy, the best first" in evaluated
    assert "verdict" not in evaluated


def test_without_a_series_that_can_be_used_the_first_reason_is_the_error(
    tmp_path: Path, folder: Path, run: Run
) -> None:
    with pytest.raises(TrainingError, match=r"no series of 6 can be used; S0: 0 bar\(s\) before the cut"):
        run("train-panel", folder, "--out", tmp_path / "panel", "--test-rows", 500, *RIDGE)
    assert not (tmp_path / "panel").exists()


def test_what_was_left_out_is_in_the_json(tmp_path: Path, folder: Path, run: Run) -> None:
    arguments = ("--out", tmp_path / "panel", "--test-rows", 100, "--interval", "none", "--json", *RIDGE)
    printed = json.loads(run("train-panel", folder, *arguments).stdout)
    assert [each["symbol"] for each in printed["left_out"]] == ["NONE", "HOLE"]
    manifest = printed["manifest"]
    assert (manifest["kind"], manifest["series"], manifest["fitted_rows"]) == ("panel", 6, manifest["learning"]["rows"])
    assert "interval" not in manifest
