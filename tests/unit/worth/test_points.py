"""Each score of points against a loop over rows in plain Python."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from lockstep.data.bars import Array
from lockstep.worth import points

ROUNDING = 1e-12  # a sum in another order
RNG = np.random.default_rng(3)
TRUE = RNG.normal(1.0, 0.01, 333).tolist()
PREDICTED = RNG.normal(1.001, 0.004, 333).tolist()
SCALE = 0.0071
ERRORS = [predicted - true for true, predicted in zip(TRUE, PREDICTED, strict=True)]
N = len(TRUE)
MEAN = sum(TRUE) / N
SQUARED = sum(error * error for error in ERRORS)


def as_arrays() -> tuple[Array, Array]:
    return np.array(TRUE), np.array(PREDICTED)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (points.mae, sum(abs(error) for error in ERRORS) / N),
        (points.mse, SQUARED / N),
        (points.rmse, math.sqrt(SQUARED / N)),
        (points.bias, sum(ERRORS) / N),
        (points.r2, 1.0 - SQUARED / sum((true - MEAN) ** 2 for true in TRUE)),
        (
            lambda true, predicted: points.directional_accuracy(true, predicted, 1.0),
            sum((true > 1.0) == (predicted > 1.0) for true, predicted in zip(TRUE, PREDICTED, strict=True)) / N,
        ),
        (
            lambda true, predicted: points.rmae(true, predicted, np.ones(N)),
            sum(abs(error) for error in ERRORS) / sum(abs(true - 1.0) for true in TRUE),
        ),
        (lambda true, predicted: points.mase(true, predicted, SCALE), sum(abs(error) for error in ERRORS) / N / SCALE),
        (lambda true, predicted: points.rmsse(true, predicted, SCALE), math.sqrt(SQUARED / N / SCALE)),
    ],
)
def test_each_score_is_the_one_of_a_plain_loop(score: Callable[[Array, Array], float], expected: float) -> None:
    assert score(*as_arrays()) == pytest.approx(expected, rel=ROUNDING)


def test_predictions_that_are_too_high_have_a_bias_above_zero() -> None:
    assert points.bias(np.array([1.0, 2.0]), np.array([1.5, 2.0])) == 0.25


def test_a_prediction_of_no_change_is_right_if_nothing_has_changed() -> None:
    y_true = np.array([1.0, 1.1, 0.9])
    assert points.directional_accuracy(y_true, np.ones(3), 1.0) == pytest.approx(1 / 3)


def test_no_change_is_as_good_as_itself() -> None:
    y_true, _ = as_arrays()
    assert points.rmae(y_true, np.ones(N), np.ones(N)) == 1.0


def test_without_an_error_to_compare_with_there_is_no_relative_score() -> None:
    flat, predicted = np.ones(3), np.full(3, 1.1)
    relative = points.rmae(flat, predicted, flat), points.mase(flat, predicted, 0.0), points.rmsse(flat, predicted, 0.0)
    assert all(map(math.isnan, relative))


def test_equal_targets_have_no_r2() -> None:
    assert points.r2(np.full(3, 1.1), np.full(3, 1.2)) == 0.0
