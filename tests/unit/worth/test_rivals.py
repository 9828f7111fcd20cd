"""The intervals beside which a bundle's are scored, against loops in plain Python."""

import math

import numpy as np
import pytest

from lockstep.worth.rivals import gaussian_ewma, measure_ewma, split_conformal

ROUNDING = 1e-12  # a sum in another order
NORMAL_80, NORMAL_95 = 1.2815515655446004, 1.959963984540054  # the quantiles .9 and .975 in any table
MOVES = np.abs(np.random.default_rng(7).normal(0.0, 0.01, 199)).tolist()


@pytest.mark.parametrize("level", [1, 50, 80, 95, 99])
def test_split_conformal_is_the_score_at_its_place_in_order(level: int) -> None:
    place = 200 * level // 100  # whole numbers for 199 moves
    assert split_conformal(np.array(MOVES), level) == sorted(MOVES)[place - 1]


def test_few_moves_give_no_interval_of_a_high_level() -> None:
    assert math.isnan(split_conformal(np.array(MOVES[:18]), 95))
    assert split_conformal(np.array(MOVES[:19]), 95) == max(MOVES[:19])


def test_split_conformal_covers_its_level_of_moves_of_the_same_kind() -> None:
    rng = np.random.default_rng(1)
    covered = [abs(fresh) <= split_conformal(np.abs(learned), 80) for fresh, *learned in rng.normal(size=(4000, 60))]
    assert np.mean(covered) == pytest.approx(0.8, abs=4.0 * math.sqrt(0.16 / 4000))  # four deviations of chance


def test_the_exponential_mean_weighs_every_return_up_to_its_bar() -> None:
    close = np.asarray(np.cumprod(np.random.default_rng(2).normal(1.0, 0.01, 300)), np.float64)
    squares = [(later / close[place] - 1.0) ** 2 for place, later in enumerate(close[1:])]
    for bar in (0, 1, 2, 50, 298):
        weights = [0.06 * 0.94**age for age in range(bar)] + [0.94**bar]
        expected = math.sqrt(sum(weight * squares[bar - age] for age, weight in enumerate(weights)))
        assert measure_ewma(close)[bar] == pytest.approx(expected, rel=ROUNDING)


def test_half_widths_are_normal_quantiles_that_grow_with_the_root_of_the_horizon() -> None:
    deviation = np.array([0.01, 0.02])
    assert gaussian_ewma(deviation, 80, 1) == pytest.approx(deviation * NORMAL_80, rel=ROUNDING)
    assert gaussian_ewma(deviation, 95, 4) == pytest.approx(deviation * NORMAL_95 * 2.0, rel=ROUNDING)
