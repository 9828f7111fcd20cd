import numpy as np
import pytest

from lockstep.drift.ranges import learn_ranges

RANGES = learn_ranges(("first", "second", "third"), np.array([[0.0, -1.0, 5.0], [1.0, 1.0, 5.0]]))
NEW = np.array([[0.5, 0.0, 5.0], [1.5, 2.0, 5.0], [0.0, -1.5, 5.0], [1.0, 1.0, 5.0]])


def test_a_row_is_outside_if_one_of_its_features_is() -> None:
    assert RANGES.share_outside(NEW) == 0.5


def test_values_on_a_bound_are_inside() -> None:
    assert RANGES.share_outside(NEW[[0, 3]]) == 0.0
    assert RANGES.list_worst(NEW[[0, 3]]) == []


def test_the_worst_features_are_named_with_both_ranges() -> None:
    second, first = RANGES.list_worst(NEW)
    assert (second.name, second.share, second.learned, second.new) == ("second", 0.5, (-1.0, 1.0), (-1.5, 2.0))
    assert (first.name, first.share) == ("first", 0.25)


@pytest.mark.parametrize("n_features", [4, 40])
def test_no_more_than_three_are_listed(n_features: int) -> None:
    ranges = learn_ranges([f"f{place}" for place in range(n_features)], np.zeros((1, n_features)))
    assert len(ranges.list_worst(np.ones((2, n_features)))) == 3
