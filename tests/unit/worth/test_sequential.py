"""Bets against an evaluation: their arithmetic, what they promise, and what they find."""

from statistics import NormalDist

import numpy as np
import pytest

from lockstep.data.bars import Array
from lockstep.worth.sequential import (
    FALSE_ALARM_RATE,
    MAX_LOG_WEALTH,
    STAKES,
    STANDARD_ERRORS,
    Bounds,
    alarm_at,
    bet_above,
    find_alarm,
    limit_mean,
)

ROUNDING = 1e-9
"""Sums of logarithms beside products: some hundred roundings of 1e-16 each, times the logarithm of the wealth."""
SHARE = Bounds(0.0, 1.0)
RUNS, ROWS = 400, 400


def draw_hits(share: float, shape: tuple[int, ...], seed: int = 7) -> Array:
    return np.asarray(np.random.default_rng(seed).random(shape) < share, np.float64)


def bet_row_by_row(values: list[float], limit: float, smallest: float) -> list[float]:
    """Return the largest wealth so far: money that waits is staked bit by bit, and each stake goes its own way."""
    staked, largest, found = dict.fromkeys(STAKES, 0.0), 0.0, []
    for row, value in enumerate(values):
        waiting, kept = (1.0 / np.log2(place + 2.0) for place in (row, row + 1))
        for stake, money in staked.items():
            won = 1.0 + stake / (limit - smallest) * (value - limit)
            staked[stake] = (money + (waiting - kept) / len(STAKES)) * won
        largest = max(largest, sum(staked.values()) + kept)
        found.append(float(largest))
    return found


@pytest.mark.parametrize(("bounds", "limit"), [(SHARE, 0.22), (Bounds(-1.0, 0.0), -0.18), (Bounds(-1.0, 1.0), 0.1)])
def test_the_wealth_is_that_of_the_bets_made_one_by_one(bounds: Bounds, limit: float) -> None:
    drawn = draw_hits(0.3, (300,))
    values = bounds.smallest + (bounds.largest - bounds.smallest) * drawn
    expected = bet_row_by_row(values.tolist(), limit, bounds.smallest)
    assert bet_above(values, limit, bounds.smallest) == pytest.approx(expected, rel=ROUNDING)


def test_a_bet_on_rows_of_several_runs_is_that_on_each() -> None:
    values, limits = draw_hits(0.3, (50, 3)), np.array([0.2, 0.25, 0.3])
    together = bet_above(values, limits, 0.0)
    for run in range(3):
        assert together[:, run] == pytest.approx(bet_above(values[:, run], limits[run], 0.0), rel=ROUNDING)


def test_no_row_sees_a_later_one() -> None:
    values = draw_hits(0.4, (120,))
    whole = bet_above(values, 0.2, 0.0, horizon_bars=3)
    for n_rows in (1, 2, 3, 4, 50, 119):
        assert bet_above(values[:n_rows], 0.2, 0.0, horizon_bars=3) == pytest.approx(whole[:n_rows], rel=ROUNDING)


def test_overlapping_rows_are_bet_on_in_turns_of_which_the_best_counts_a_share() -> None:
    values, largest, expected = draw_hits(0.4, (91,)), 0.0, []
    turns = [bet_above(values[turn::3], 0.2, 0.0).tolist() for turn in range(3)]
    for row in range(91):
        largest = max(largest, turns[row % 3][row // 3] / 3)
        expected.append(largest)
    assert bet_above(values, 0.2, 0.0, horizon_bars=3) == pytest.approx(expected, rel=ROUNDING)


def test_a_bet_is_fair_if_the_mean_is_the_limit() -> None:
    """The wealth after one row, averaged over its outcomes, is the wealth before; so it is a martingale."""
    before = draw_hits(0.3, (60,)).tolist()
    for n_rows in (1, 10, 60):
        settled = [wealth_after([*before[:n_rows], outcome]) for outcome in (0.0, 1.0)]
        assert 0.78 * settled[0] + 0.22 * settled[1] == pytest.approx(wealth_after(before[:n_rows]), rel=ROUNDING)


def wealth_after(values: list[float]) -> float:
    """Return the wealth itself, not the largest so far: that of the plain loop, which is compared above."""
    staked = dict.fromkeys(STAKES, 0.0)
    for row, value in enumerate(values):
        share = (1.0 / np.log2(row + 2.0) - 1.0 / np.log2(row + 3.0)) / len(STAKES)
        staked = {stake: (money + share) * (1.0 + stake / 0.22 * (value - 0.22)) for stake, money in staked.items()}
    return float(sum(staked.values()) + 1.0 / np.log2(len(values) + 2.0))


def test_a_limit_is_two_standard_errors_above_the_mean() -> None:
    values = draw_hits(0.2, (961,))
    share = (values.sum() + 1.0) / 963
    assert limit_mean(values, SHARE) == pytest.approx(share + STANDARD_ERRORS * np.sqrt(share * (1 - share) / 963))
    assert limit_mean(values, SHARE, horizon_bars=5) > limit_mean(values, SHARE)


@pytest.mark.parametrize("values", [np.zeros(961), np.zeros(1), np.ones(50), np.empty(0)])
def test_equal_or_few_values_are_not_taken_for_certain(values: Array) -> None:
    limit = limit_mean(values, SHARE)
    assert np.mean(np.concatenate([values, [0.0, 1.0]])) < limit <= SHARE.largest
    assert np.isfinite(bet_above(draw_hits(0.5, (20,)), limit, SHARE.smallest)).all()


def simulate_alarms(share: float, n_evaluated: int, horizon_bars: int = 1) -> Array:
    """Return whether each run raised an alarm of one of three tests; its evaluation missed 0.2 of the rows.

    A row misses if the sum of its next moves is large, so the rows of a longer horizon overlap.
    """
    moves = np.random.default_rng(8).normal(size=(n_evaluated + ROWS + horizon_bars - 1, RUNS))
    sums = np.lib.stride_tricks.sliding_window_view(moves, horizon_bars, axis=0).sum(axis=-1)
    sizes = np.abs(sums) / np.sqrt(horizon_bars)
    evaluated = np.asarray(sizes[:n_evaluated] > NormalDist().inv_cdf(0.9), np.float64)
    new = np.asarray(sizes[n_evaluated:] > NormalDist().inv_cdf(1.0 - share / 2.0), np.float64)
    limits = np.array([limit_mean(run, SHARE, horizon_bars) for run in evaluated.T])
    return np.asarray((bet_above(new, limits, 0.0, horizon_bars) >= alarm_at(3)).any(axis=0))


@pytest.mark.parametrize(("n_evaluated", "horizon_bars"), [(961, 1), (100, 1), (961, 5)])
def test_false_alarms_are_as_rare_as_stated(n_evaluated: int, horizon_bars: int) -> None:
    assert simulate_alarms(0.2, n_evaluated, horizon_bars).mean() <= FALSE_ALARM_RATE / 3


def test_twice_as_many_misses_are_found() -> None:
    assert simulate_alarms(0.4, 961).mean() == 1.0


def test_a_change_is_found_whenever_it_comes() -> None:
    late = np.concatenate([draw_hits(0.2, (1000,)), draw_hits(0.5, (200,), seed=9)])
    alarm = find_alarm(bet_above(late, 0.226, 0.0), 3)
    assert alarm is not None
    assert alarm > 1000


def test_an_alarm_is_the_first_row_at_which_the_wealth_is_large_enough() -> None:
    assert alarm_at(3) == pytest.approx(60.0)
    assert find_alarm(np.array([1.0, 59.0, 60.0, 80.0]), 3) == 2
    assert find_alarm(np.array([1.0, 59.0]), 3) is None


def test_a_wealth_beyond_all_doubt_is_bounded() -> None:
    wealth = bet_above(np.ones(5000), 0.01, 0.0)
    assert wealth[-1] == pytest.approx(np.exp(MAX_LOG_WEALTH))
