"""The simulation behind the false-alarm rate of `lockstep drift`: some runs of it, and what each setting changes."""

import numpy as np
import pytest

from lockstep.worth.sequential import FALSE_ALARM_RATE
from qa.drift import SETTINGS, Setting, forecast, run_setting, stay_calm, wander
from qa.intervals.chance import simulate_bars

FEW_RUNS = 8


def find_setting(name: str) -> Setting:
    [found] = [each for each in SETTINGS if each.name == name]
    return found


def test_a_few_runs_raise_no_alarm_without_a_change_and_all_with_a_large_one() -> None:
    assert FEW_RUNS * FALSE_ALARM_RATE < 1.0
    assert run_setting(find_setting("as evaluated, clustered volatility"), FEW_RUNS) == [None] * FEW_RUNS
    assert None not in run_setting(find_setting("intervals a third too narrow"), FEW_RUNS)


def test_simulated_intervals_cover_what_their_level_says() -> None:
    rng = np.random.default_rng(1)
    bars = simulate_bars(rng, wander(rng, 4000))
    rows = forecast(rng, bars, 1, np.full(4000, 0.7))
    [held] = rows.intervals
    assert abs(np.mean((held.lo <= rows.y_true) & (rows.y_true <= held.hi)) - 0.8) < 0.015
    assert abs(np.mean(np.sign(rows.y_pred - 1.0) == np.sign(rows.y_true - 1.0)) - 0.7) < 0.03


def test_volatility_multiplies_the_moves() -> None:
    calm = simulate_bars(np.random.default_rng(2), stay_calm(np.random.default_rng(2), 500))
    wild = simulate_bars(np.random.default_rng(2), 3.0 * np.ones(500))
    growth = np.std(np.diff(np.log(wild.close))) / np.std(np.diff(np.log(calm.close)))
    assert growth == pytest.approx(3.0)
