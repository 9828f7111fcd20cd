import math
from fractions import Fraction

import numpy as np
import pytest

from lockstep.predict.conformal import SplitConformal


def draw(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n_rows)
    return rng.normal(size=n_rows), rng.normal(size=n_rows)


def plain_half_width(y_true: list[float], y_pred: list[float], level: int) -> Fraction:
    """Return the order statistic at (n + 1)·p/100, and the line between two, in exact arithmetic."""
    errors = sorted(abs(Fraction(truth - predicted)) for truth, predicted in zip(y_true, y_pred, strict=True))
    place = Fraction((len(errors) + 1) * level, 100)
    below = errors[math.floor(place) - 1]
    return below + (place - math.floor(place)) * (errors[math.ceil(place) - 1] - below)


@pytest.mark.parametrize("n_rows", [10, 19, 38, 99, 250])
def test_half_width_is_the_order_statistic_of_the_errors(n_rows: int) -> None:
    y_true, y_pred = draw(n_rows)
    interval = SplitConformal.calibrate(y_true, y_pred)
    for level in interval.levels:
        expected = float(plain_half_width(y_true.tolist(), y_pred.tolist(), level))
        assert interval.find_half_width(level) == pytest.approx(expected, rel=1e-14)  # a few roundings of 2**-53
    assert interval.rows == n_rows


def test_an_error_at_the_very_place_is_the_half_width_to_the_bit() -> None:
    y_true, y_pred = draw(19)
    errors = sorted(abs(truth - predicted) for truth, predicted in zip(y_true.tolist(), y_pred.tolist(), strict=True))
    interval = SplitConformal.calibrate(y_true, y_pred)
    assert [interval.find_half_width(level) for level in (5, 80, 95)] == [errors[0], errors[15], errors[18]]


def test_order_of_the_rows_does_not_change_a_bit() -> None:
    y_true, y_pred = draw(250)
    turned = SplitConformal.calibrate(y_true[::-1], y_pred[::-1])
    interval = SplitConformal.calibrate(y_true, y_pred)
    assert [turned.find_half_width(each) for each in range(1, 100)] == [
        interval.find_half_width(each) for each in range(1, 100)
    ]


def test_half_widths_grow_with_the_level() -> None:
    interval = SplitConformal.calibrate(*draw(99))
    assert np.all(np.diff([interval.find_half_width(level) for level in range(1, 100)]) > 0.0)


def test_whole_numbers_are_read_as_they_are() -> None:
    interval = SplitConformal.calibrate(np.arange(19), np.arange(19) + 0.5)
    assert interval.find_half_width(80) == 0.5


@pytest.mark.parametrize(
    ("n_rows", "lowest", "highest"), [(10, 10, 90), (11, 9, 91), (19, 5, 95), (38, 3, 97), (98, 2, 98), (99, 1, 99)]
)
def test_few_rows_give_no_level_beyond_their_smallest_and_largest_error(n_rows: int, lowest: int, highest: int) -> None:
    interval = SplitConformal.calibrate(*draw(n_rows))
    assert (interval.levels[0], interval.levels[-1]) == (lowest, highest)
    places = {level: Fraction((n_rows + 1) * level, 100) for level in range(1, 100)}
    assert [level for level, place in places.items() if 1 <= place <= n_rows] == list(interval.levels)


def test_many_rows_give_whole_percents_and_no_others() -> None:
    assert list(SplitConformal.calibrate(*draw(1000)).levels) == list(range(1, 100))


@pytest.mark.parametrize("level", [9, 91])
def test_level_that_the_rows_do_not_give_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match=f"10 rows give no interval of {level} percent"):
        SplitConformal.calibrate(*draw(10)).find_half_width(level)
