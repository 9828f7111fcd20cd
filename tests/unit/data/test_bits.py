import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lockstep.data.bits import float_ordinals, same_bits, ulp_distance


@given(st.floats(), st.floats())
def test_bits_are_the_same_if_the_packed_bytes_are(left: float, right: float) -> None:
    assert same_bits(left, right) == (struct.pack("<d", left) == struct.pack("<d", right))


def test_bits_are_compared_element_by_element() -> None:
    left, right = np.array([0.0, np.nan, 1.0, 1.0]), np.array([-0.0, np.nan, np.nextafter(1.0, 2.0), 1.0])
    assert same_bits(left, right).tolist() == [False, True, False, True]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 100))
def test_the_ulp_distance_counts_the_floats_between(value: float, steps: int) -> None:
    moved = value
    for _ in range(steps):
        moved = math.nextafter(moved, math.inf)
    # -0.0 and 0.0 are one number here: nextafter steps over the two at once
    assert math.isinf(moved) or ulp_distance(value, moved) == steps


@pytest.mark.parametrize("endless", [math.inf, -math.inf, math.nan])
def test_nothing_is_a_number_of_steps_from_what_is_not_finite(endless: float) -> None:
    assert ulp_distance(1.0, endless) is None
    assert ulp_distance(endless, 1.0) is None


def test_the_whole_range_of_floats_is_counted() -> None:
    most = math.nextafter(math.inf, 0.0)
    assert ulp_distance(-most, most) == 2 * (0x7FF0_0000_0000_0000 - 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbors_of_either_type_are_one_step_apart(dtype: type[np.float32 | np.float64]) -> None:
    values: NDArray[np.floating] = np.array([-1.0, -0.0, 1.0], dtype=dtype)
    above: NDArray[np.floating] = np.nextafter(values, dtype(2.0))
    assert np.subtract(float_ordinals(above), float_ordinals(values)).tolist() == [1, 1, 1]
