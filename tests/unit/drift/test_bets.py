"""The bets of a report: what they are on, and that each is on what its name says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.drift.bets import FEWER_MISSES, LARGER_LOSS, MORE_MISSES, Evidence, run_tests
from lockstep.drift.samples import Sample
from lockstep.worth.intervals import Intervals

N_EVALUATED, N_NEW = 600, 300


def make_sample(n_rows: int, spread: float, seed: int, skill: float = 0.0) -> Sample:
    """Return rows whose moves are `spread` times as large as the interval of 80 % assumes, and their forecasts.

    A forecast takes a step of 0.01 up or down; its side is the right one as often as `skill` adds to a half.
    """
    rng = np.random.default_rng(seed)
    moves = 0.02 * spread * rng.standard_normal(n_rows)
    right = rng.random(n_rows) < 0.5 + skill
    half = np.full(n_rows, 0.02 * 1.2816)
    dates = np.datetime64("2020-01-01") + np.arange(n_rows) + 10_000 * (seed > 1)
    predicted = 1.0 + 0.01 * np.where(right, 1.0, -1.0) * np.sign(moves)
    return Sample(dates, 1.0 + moves, predicted, 1.0, (Intervals(80, 1.0 - half, 1.0 + half),))


def run(spread: float = 1.0, skill: float = 0.0) -> dict[str, Evidence]:
    tests = run_tests(make_sample(N_EVALUATED, 1.0, 1, 0.0), make_sample(N_NEW, spread, 2, skill), 1)
    return {test.name: test for test in tests}


def test_rows_as_in_the_evaluation_raise_no_alarm() -> None:
    tests = run()
    assert list(tests) == [MORE_MISSES, FEWER_MISSES, LARGER_LOSS]
    assert all(test.alarm is None and test.alarm_at == pytest.approx(60.0) for test in tests.values())


@pytest.mark.parametrize(
    ("spread", "skill", "alarmed"), [(2.0, 0.0, MORE_MISSES), (0.5, 0.0, FEWER_MISSES), (1.0, -0.35, LARGER_LOSS)]
)
def test_each_change_is_found_by_its_own_test(spread: float, skill: float, alarmed: str) -> None:
    tests = run(spread, skill)
    assert [name for name, test in tests.items() if test.alarm] == [alarmed]
    assert tests[alarmed].evidence > tests[alarmed].alarm_at


def test_better_forecasts_raise_no_alarm() -> None:
    assert run(skill=0.4)[LARGER_LOSS].alarm is None


def test_means_are_shares_and_losses_as_they_are_read() -> None:
    tests = run(spread=0.5)
    assert tests[FEWER_MISSES].new <= tests[MORE_MISSES].new < 0.05
    assert tests[MORE_MISSES].evaluated == pytest.approx(0.2, abs=0.04)
    assert -1.0 < tests[LARGER_LOSS].evaluated < 1.0


def test_the_loss_of_a_step_is_1_if_all_of_it_was_wrong_and_minus_1_if_all_was_right() -> None:
    y_true, y_pred = np.array([1.02, 1.02, 1.005, 0.9]), np.array([1.01, 0.99, 1.01, 1.0])
    dates = np.datetime64("2020-01-01") + np.arange(4)
    sample = Sample(dates, y_true, y_pred, 1.0, ())
    [test] = run_tests(sample, sample, 1)
    # the fourth forecast is the naive one: it took no step, and no bet is on it
    assert test.new == pytest.approx((-1.0 + 1.0 + 0.0) / 3)


def label_sample(right: NDArray[np.bool_]) -> Sample:
    true = np.where(np.arange(right.size) % 2 == 0, "up", "down")
    other = np.where(true == "up", "down", "up")
    dates = np.datetime64("2020-01-01") + np.arange(right.size)
    return Sample(dates, true, np.where(right, true, other), "up", ())


def test_the_mean_beside_an_alarm_is_of_the_rows_up_to_it() -> None:
    """A burst of misses that has passed is told as it was, and not with all the quiet rows after it."""
    wild, calm = make_sample(100, 3.0, 2), make_sample(900, 0.9, 3)
    interval = [Intervals(80, *np.hstack([[each.lo, each.hi] for each in (*wild.intervals, *calm.intervals)]))]
    dates, true, predicted = np.arange(1000) + wild.dates[0], *join(wild, calm)
    tests = run_tests(make_sample(N_EVALUATED, 1.0, 1), Sample(dates, true, predicted, 1.0, tuple(interval)), 1)
    assert tests[0].alarm is not None
    assert tests[0].alarm < str(dates[100])
    assert tests[0].new > 0.5


def join(one: Sample, other: Sample) -> list[Array]:
    return [np.concatenate(pair) for pair in ((one.y_true, other.y_true), (one.y_pred, other.y_pred))]


def test_labels_are_compared_with_the_naive_label() -> None:
    half: Array = np.random.default_rng(3).random(400)
    [test] = run_tests(label_sample(half < 0.6), label_sample(half < 0.1), 1)
    assert (test.name, test.alarm is not None, test.alarm_at) == (LARGER_LOSS, True, 20.0)


def test_a_naive_label_that_is_longer_than_those_that_came_true_is_whole() -> None:
    rows = Sample(np.array(["2020-01-02"], "datetime64[D]"), np.array(["do"]), np.array(["up"]), "down", ())
    assert [losses.tolist() for losses in rows.losses] == [[1.0], [1.0]]


def test_a_model_that_answers_with_no_change_has_no_loss_to_bet_on() -> None:
    quiet = make_sample(50, 1.0, 1)
    naive = Sample(quiet.dates, quiet.y_true, np.ones(50), 1.0, ())
    assert run_tests(naive, naive, 1) == []
