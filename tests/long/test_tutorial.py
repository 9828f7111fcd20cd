"""The tutorial's published numbers, wherever its price file is; it is no part of this project.

What `make tutorial` runs is run once; the tests look at what it printed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.tutorial.__main__ import FILES
from lockstep.parity.checks import CHECKS
from tests.conftest import ROOT

VARIABLE = "LOCKSTEP_TUTORIAL"
NAMED = os.environ.pop(VARIABLE, None)
"""Taken out of the environment: a service that a test starts refuses variables that it does not know."""
BESIDE = ROOT.parent / "shared" / "reference" / "tutorial"
MACHINE_DEPENDENT = re.compile(
    r"/\S*lockstep-\S+|127\.0\.0\.1:\d+|digest \w+|\d+ compared in [\d.]+ s"
    r"|(?<=threshold )\d+|[\d.]+ ms|\d+ : 1|\d+(?= the same to the bit)"
)
"""Paths, ports, durations, and what the libraries' sums of the learning rows decide: digest, threshold, last bit."""
NUMBER = re.compile(r"-?\d[\w.+-]*")


def find_tutorial(named: str | None) -> Path | None:
    """Return the folder of the tutorial's price file and published predictions, None where nobody put one.

    Without a name it is looked for beside the checkout. Raises FileNotFoundError where what is named is not there.
    """
    folder = Path(named or BESIDE)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing and named:
        raise FileNotFoundError(f"{VARIABLE}={named} holds no {' and no '.join(missing)}")
    return None if missing else folder


@pytest.fixture(scope="module")
def printed() -> str:
    folder = find_tutorial(NAMED)
    if folder is None:
        pytest.skip(f"needs {' and '.join(FILES)}: put them in {BESIDE} or set {VARIABLE} to their folder")
    command = [sys.executable, "-m", "examples.tutorial", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_all_published_predictions_agree_within_2_ulp(printed: str) -> None:
    assert re.search(r"^961 published predictions: [1-9]\d* the same to the bit, 961 within 2 ULP$", printed, re.M)


@pytest.mark.parametrize(
    "line",
    [
        "model                     MAE 0.02437  MSE 0.000992  R² -3.726",
        "always 1.0                MAE 0.00975  MSE 0.000211  R² -0.006",
    ],
)
def test_scores_are_the_published_ones(line: str, printed: str) -> None:
    assert line in printed.splitlines()


def test_parity_finds_look_ahead_and_start_of_history_and_nothing_else(printed: str) -> None:
    marks = re.findall(r"^(parity|DIVERGED|INCONCLUSIVE|OTHER ARTEFACT) +(\w+) +\d+ compared", printed, re.M)
    assert len(marks) == len(CHECKS)
    assert {name for mark, name in marks if mark != "parity"} == {"chunks", "stateless", "causal"}
    assert ("parity", "batch") in marks
    assert len(re.findall("stage features, feature atr:", printed)) == 2
    started = r"macd_diff \(\d+\), sar \(\d+\), rsi \(\d+\), on_balance_volume \(962\), chaikin_oscillator \(962\)$"
    assert re.search(rf"features that differ, and in how many rows: {started}", printed, re.M)
    assert "lockstep parity ended with exit code 1;" in printed


def test_the_documented_run_is_what_a_run_prints(printed: str) -> None:
    page = (ROOT / "docs" / "parity-example.md").read_text()
    [documented] = [block for block in re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S) if "published" in block]
    assert _without_machine(documented) == _without_machine(printed)


def _without_machine(text: str) -> list[str]:
    """Return the lines without numbers and findings: requests follow from the digest, which follows from libraries."""
    shown = [line for line in text.splitlines() if not line.startswith("    ")]
    return [re.sub(r" +", " ", NUMBER.sub("…", MACHINE_DEPENDENT.sub("…", line))) for line in shown]


def test_what_the_tutorial_needs_is_looked_for_where_it_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="evaluation_y_pred"):
        find_tutorial(str(tmp_path))
    for name in FILES:
        (tmp_path / name).touch()
    assert find_tutorial(str(tmp_path)) == tmp_path
