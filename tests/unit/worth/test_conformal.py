import numpy as np
import pytest

from lockstep.data.bars import Array
from lockstep.predict.intervals import EVALUATED_LEVELS
from lockstep.worth.conformal import ConformalCoverage, measure_coverage

RNG = np.random.default_rng(11)
N = 401
PREDICTED = RNG.uniform(0.0, 100.0, N)
TRUE = PREDICTED + RNG.normal(0.0, 1.0, N)


def plain_quantile(errors: list[float], level: int) -> float:
    ordered, (place, rest) = sorted(errors), divmod((len(errors) + 1) * level, 100)
    return ordered[place - 1] + rest / 100 * (ordered[min(place, len(ordered) - 1)] - ordered[place - 1])


def measure(level: int, y_true: Array = TRUE, y_pred: Array = PREDICTED) -> ConformalCoverage:
    [found] = measure_coverage(y_true, y_pred, [level])
    return found


@pytest.mark.parametrize("level", EVALUATED_LEVELS)
def test_each_half_is_judged_by_the_interval_of_the_other(level: int) -> None:
    errors = [abs(truth - predicted) for truth, predicted in zip(TRUE.tolist(), PREDICTED.tolist(), strict=True)]
    first, second = errors[::2], errors[1::2]
    expected = [
        sum(error <= plain_quantile(other, level) for error in half) / len(half)
        for half, other in ((first, second), (second, first))
    ]
    found = measure(level)
    assert [half.share for half in found.halves] == expected
    assert [half.rows for half in found.halves] == [201, 200]
    assert found.half_width == plain_quantile(errors, level)


@pytest.mark.parametrize("level", EVALUATED_LEVELS)
def test_groups_are_the_thirds_by_prediction(level: int) -> None:
    errors = np.abs(TRUE - PREDICTED)
    limits = [plain_quantile(errors[1 - row % 2 :: 2].tolist(), level) for row in range(N)]
    rows = sorted(range(N), key=lambda row: PREDICTED[row])
    thirds = [rows[:134], rows[134:268], rows[268:]]
    expected = [sum(errors[row] <= limits[row] for row in third) / len(third) for third in thirds]
    assert [group.share for group in measure(level).groups] == expected


def test_interval_too_narrow_where_predictions_are_large_lies_outside_of_chance() -> None:
    true = PREDICTED + (TRUE - PREDICTED) * PREDICTED
    small, _, large = measure(80, y_true=true).groups
    assert small.share > small.chance[1]
    assert large.share < large.chance[0]


@pytest.mark.parametrize("level", [50, 80])
def test_rows_that_are_alike_keep_to_the_bands_in_at_least_95_of_100_cases(level: int) -> None:
    kept, predicted = [], np.tile(np.arange(11.0), 10)
    for _ in range(200):
        found = measure(level, predicted + RNG.normal(size=110), predicted)
        kept += [each.chance[0] <= each.share <= each.chance[1] for each in (*found.halves, *found.groups)]
    assert np.mean(kept) > 0.95


def test_halves_that_are_unlike_each_other_lie_outside_of_chance() -> None:
    true = PREDICTED + (TRUE - PREDICTED) * np.where(np.arange(N) % 2 == 0, 3.0, 1.0)
    first, second = measure(80, y_true=true).halves
    assert first.share < first.chance[0]
    assert second.share > second.chance[1]


def test_expected_coverage_narrows_with_the_rows() -> None:
    few, many = (measure(80, TRUE[:n], PREDICTED[:n]).expected for n in (40, 400))
    assert few[0] < many[0] < 0.8 < many[1] < few[1]


def test_level_that_half_of_the_rows_does_not_give_has_no_measured_coverage() -> None:
    by_level = {each.level: each for each in measure_coverage(TRUE[:20], PREDICTED[:20])}
    assert list(by_level) == [50, 80, 90, 95]
    assert [len(each.halves) for each in by_level.values()] == [2, 2, 2, 0]
    assert [len(each.groups) for each in by_level.values()] == [3, 3, 3, 0]


def test_level_that_no_rows_give_is_left_out() -> None:
    assert [each.level for each in measure_coverage(TRUE[:10], PREDICTED[:10])] == [50, 80, 90]
