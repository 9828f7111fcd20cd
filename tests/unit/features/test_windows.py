import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from lockstep.data.bars import Array
from lockstep.features.windows import (
    exponential_means,
    exponential_weights,
    lag_windows,
    stack_rows,
    sum_newest,
    sum_rows,
    window_max,
    window_sums,
)

WIDTHS = [*range(1, 71), 200]
SUM_TOLERANCE = 8 * np.finfo(float).eps
"""Of the summed magnitudes: a tree over 200 values is at most 10 additions deep, half an ULP each."""
MEAN_TOLERANCE = 32 * np.finfo(float).eps
"""Of the mean: a product and a sum on each of 7 levels, and powers of d that were squared up to 7 times."""

RNG = np.random.default_rng(5)
INTEGERS = RNG.integers(-(2**40), 2**40, 260).astype(float)
FLOATS = RNG.normal(size=260) * 10.0 ** RNG.integers(-6, 6, 260)


def plain_windows(values: Array, width: int) -> list[list[float]]:
    plain = values.tolist()
    return [plain[end - width : end] for end in range(width, len(plain) + 1)]


def is_sum(actual: float, addends: list[float]) -> bool:
    return bool(abs(actual - math.fsum(addends)) <= SUM_TOLERANCE * math.fsum(map(abs, addends)))


@pytest.mark.parametrize("width", WIDTHS)
def test_windows_are_those_of_a_plain_loop(width: int) -> None:
    assert window_sums(INTEGERS, [width])[0].tolist() == [*map(sum, plain_windows(INTEGERS, width))]
    assert all(map(is_sum, window_sums(FLOATS, [width])[0], plain_windows(FLOATS, width)))
    assert window_max(FLOATS, width).tolist() == [*map(max, plain_windows(FLOATS, width))]


@pytest.mark.parametrize("width", WIDTHS)
def test_sums_have_the_same_bits_wherever_the_series_starts_and_ends(width: int) -> None:
    whole = window_sums(FLOATS, [width])[0].tolist()
    for start in range(FLOATS.size - width + 1):
        assert window_sums(FLOATS[start:], [width])[0].tolist() == whole[start:]
        assert window_sums(FLOATS[start : start + width], [width])[0].tolist() == [whole[start]]
    assert window_sums(np.stack([INTEGERS, FLOATS]), WIDTHS)[WIDTHS.index(width)][1].tolist() == whole


@pytest.mark.parametrize(
    "summed", [{7: slice(0, 2), 21: slice(0, 3), 60: slice(0, 1)}, {1: slice(1, 3), 64: slice(2, 3)}]
)
def test_newest_sums_are_the_last_ones_of_their_rows(summed: dict[int, slice]) -> None:
    values = stack_rows(INTEGERS, FLOATS, FLOATS[::-1])
    n_windows = values.shape[1] - max(summed) + 1
    for (width, rows), found in zip(summed.items(), sum_newest(values, summed), strict=True):
        expected = [window_sums(row, [width])[0][-n_windows:].tolist() for row in values[rows]]
        assert [row.tolist() for row in found] == expected


def test_a_window_holds_values_of_its_own_row_alone() -> None:
    values = stack_rows(INTEGERS, np.full(INTEGERS.size, np.nan), INTEGERS)
    for width in WIDTHS:
        first, gap, last = window_sums(values, [width])[0]
        assert first.tolist() == last.tolist() == window_sums(INTEGERS, [width])[0].tolist()
        assert np.isnan(gap).all()


@pytest.mark.parametrize("width", [2, 3, 70, 200])
def test_window_wider_than_the_series_is_refused(width: int) -> None:
    folds = (
        lambda values: window_sums(values, [1, width]),
        lambda values: window_max(values, width),
        lambda values: sum_newest(values, {1: slice(0, 1), width: slice(0, 1)}),
    )
    for fold in folds:
        with pytest.raises(ValueError, match=f"{width} values does not fit into {width - 1}"):
            fold(np.ones(width - 1))


@pytest.mark.parametrize("width", [1, 2, 4, 8, 64, 128])
@pytest.mark.parametrize("decay", [0.2, 11 / 13, 25 / 27])
def test_exponential_mean_is_the_weighted_mean(width: int, decay: float) -> None:
    values, weights = np.random.default_rng(7).uniform(1.0, 100.0, 200), exponential_weights(decay, width)
    means = exponential_means(values, weights)
    plain = [decay**lag for lag in reversed(range(width))]
    for start, window in enumerate(plain_windows(values, width)):
        expected = math.fsum(map(math.prod, zip(plain, window, strict=True))) / math.fsum(plain)
        assert means[start] == pytest.approx(expected, rel=MEAN_TOLERANCE)
        assert exponential_means(values[start : start + width], weights).tolist() == [means[start]]


@pytest.mark.parametrize("n_rows", range(1, 41))
def test_sum_of_rows_depends_on_its_column_alone(n_rows: int) -> None:
    integers, floats = np.resize(INTEGERS, (n_rows, 9)), np.resize(FLOATS, (n_rows, 9))
    assert sum_rows(integers).tolist() == [*map(sum, integers.T.tolist())]
    assert all(map(is_sum, sum_rows(floats), floats.T.tolist()))
    assert [sum_rows(column[:, None])[0] for column in floats.T] == sum_rows(floats).tolist()


@pytest.mark.parametrize("width", [1, 2, 21, 259, 260])
def test_lag_windows_are_the_sliding_windows_transposed(width: int) -> None:
    assert lag_windows(FLOATS, width).tolist() == sliding_window_view(FLOATS, width).T.tolist()
