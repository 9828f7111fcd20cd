"""Numbers on the command line: what a refusal says to type."""

from pathlib import Path

import pytest

from tests.commands import run_command

PRICES = "data/MSFT.csv"
TRAIN = ("train", PRICES, "--symbol", "T", "--out", "{out}")
TRAIN_TABLE = ("train-table", PRICES, "--target", "Close", "--out", "{out}")
LEVEL = "is no level; expected whole percents from 1 to 99, such as"
COUNT = "is not a whole number from 1 on, such as"


@pytest.mark.parametrize(
    ("command", "option", "typed", "said"),
    [
        (("forecast", "msft"), "--level", "0.8", f"'0.8' {LEVEL} 80"),
        (("forecast", "msft"), "--level", "95%", f"'95%' {LEVEL} 95"),
        (("forecast", "msft"), "--level", "90.0", f"'90.0' {LEVEL} 90"),
        (("forecast", "msft"), "--level", "100", f"'100' {LEVEL} 80"),
        (("forecast", "msft"), "--level", "nan", f"'nan' {LEVEL} 80"),
        (("batch", "msft", PRICES, "--out", "{out}"), "--level", "0.5", f"'0.5' {LEVEL} 50"),
        (("export", "nixtla", "{out}"), "--level", "high", f"'high' {LEVEL} 80"),
        (("forecast", "msft"), "--rows", "0", f"'0' {COUNT} 5"),
        (TRAIN, "--test-rows", "0.25", f"'0.25' {COUNT} 250"),
        (("train-panel", PRICES, "--out", "{out}"), "--test-rows", "25%", f"'25%' {COUNT} 250"),
        (TRAIN_TABLE, "--evaluation-rows", "0.25", f"'0.25' {COUNT} 5000; a share is for --test-share"),
        (TRAIN_TABLE, "--test-share", "25%", "'25%' is not a number between 0 and 1, such as 0.25"),
    ],
)
def test_a_number_that_is_none_is_refused_with_one(
    command: tuple[object, ...], option: str, typed: str, said: str, tmp_path: Path
) -> None:
    words = [str(word).format(out=tmp_path / "out") for word in command]
    refused = run_command(*words, option, typed)
    assert refused.returncode == 2
    assert refused.stderr.endswith(f"Error: Invalid value for '{option}': {said}\n")


def test_a_share_in_percent_is_refused_with_a_share(tmp_path: Path) -> None:
    refused = run_command(*TRAIN_TABLE[:-1], tmp_path / "out", "--test-share", "25")
    assert refused.returncode == 1
    assert "the share of test rows is 25.0; expected a number between 0 and 1, such as 0.25" in refused.stderr
