from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lockstep.applications import Application, find_application
from lockstep.data.bars import Bars
from lockstep.errors import TrainingError
from lockstep.training.named_targets import load_target
from lockstep.training.target import Target
from qa.servers import ROOT

ROWS = slice(50, 380)
HIGHEST = '''
import numpy as np

def highest(bars, horizon):
    """The highest close of the next bars over today's."""
    targets = np.full(len(bars), np.nan)
    for row in range(len(bars) - horizon):
        targets[row] = bars.close[row + 1 : row + horizon + 1].max() / bars.close[row]
    return targets

NUMBER = 3
'''


@pytest.fixture
def application(tmp_path: Path) -> Application:
    (tmp_path / "lockstep.toml").touch()
    (tmp_path / "targets.py").write_text(HIGHEST)
    return find_application(tmp_path)


def test_a_function_of_ones_own_is_a_target(application: Application, bars: Bars) -> None:
    target = load_target("targets.py:highest", 5, application)
    learned = target.build_learning(bars, ROWS)
    expected = [bars.close[row + 1 : row + 6].max() / bars.close[row] for row in range(*ROWS.indices(len(bars)))]
    assert learned.tolist() == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("direction ", "no target 'direction '; expected return, direction, `FILE.py:NAME`"),
        ("targets.py:lowest", "no target 'targets.py:lowest': AttributeError.* 'lowest'.*; expected return, direction"),
        ("target.py:highest", "no target 'target.py:highest': there is no file"),
        ("no.such:highest", "no target 'no.such:highest': ModuleNotFoundError: No module named 'no'"),
        ("targets.py:NUMBER", "is a int; expected a function of bars and horizon"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(application: Application, name: str, reason: str) -> None:
    with pytest.raises(TrainingError, match=reason):
        load_target(name, 5, application)


def test_a_horizon_of_no_bars_is_refused() -> None:
    with pytest.raises(TrainingError, match="a horizon of 0 bars is none"):
        load_target("return", 0, find_application(ROOT))


def peeking(bars: Bars, horizon: int, n_rows: int) -> Any:
    """Return targets of which the first `n_rows` read two bars too many, and the newest none."""
    return np.where(np.arange(len(bars)) < n_rows, returns(bars, horizon, 2), returns(bars, horizon))


def returns(bars: Bars, horizon: int, beyond: int = 0) -> Any:
    targets = np.full(len(bars), np.nan)
    for row in range(len(bars) - horizon):
        targets[row] = bars.close[min(row + horizon + beyond, len(bars) - 1)] / bars.close[row]
    return targets


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda bars, horizon: returns(bars, horizon - 1), "is known; with a horizon of 5 bars, the newest 5"),
        (lambda bars, horizon: returns(bars, horizon + 1), "is not known; with a horizon of 5 bars, the newest 5"),
        (lambda bars, horizon: returns(bars, horizon, 1), "it reads beyond its horizon; pass a larger one"),
        (lambda bars, horizon: peeking(bars, horizon, 250), "it reads beyond its horizon; pass a larger one"),
        (lambda bars, horizon: returns(bars, horizon)[1:], r"returned float64 \(499,\); expected an array \(500,\)"),
        (lambda bars, horizon: returns(bars, horizon).astype(np.float32), r"returned float32 \(500,\)"),
        (lambda bars, horizon: returns(bars, horizon)[:, None], r"returned float64 \(500, 1\)"),
        (lambda bars, horizon: returns(bars, horizon).tolist(), "returned a list"),
        (lambda bars, horizon: (returns(bars, horizon) > 1).astype(int), r"returned int64 \(500,\)"),
        (lambda bars, horizon: 1 / 0, "raised ZeroDivisionError: division by zero"),
    ],
)
def test_a_target_that_does_not_fit_its_horizon_is_refused(bars: Bars, function: Any, reason: str) -> None:
    with pytest.raises(TrainingError, match=f"the target mine .*{reason}"):
        Target("mine", 5, function).build_learning(bars, ROWS)


def test_a_target_may_be_unknown_before_the_first_learning_row(bars: Bars) -> None:
    def with_warm_up(bars: Bars, horizon: int) -> Any:
        targets = returns(bars, horizon)
        targets[: ROWS.start] = np.nan
        return targets

    assert Target("mine", 5, with_warm_up).build_learning(bars, ROWS).size == ROWS.stop - ROWS.start
