"""What a scale forecasts, against loops in plain Python."""

import numpy as np
import pytest

from lockstep.worth.scale import fit_factor, score_scale

ROUNDING = 1e-12  # a sum in another order
RNG = np.random.default_rng(9)
SCALES = RNG.uniform(0.5, 3.0, 200).tolist()
MOVES = np.abs(RNG.normal(0.0, SCALES)).tolist()


def test_the_factor_is_that_of_least_squares_through_zero() -> None:
    def lose(factor: float) -> float:
        return sum((move - factor * scale) ** 2 for scale, move in zip(SCALES, MOVES, strict=True))

    found = fit_factor(np.array(SCALES), np.array(MOVES))
    assert lose(found) < min(lose(found * 1.001), lose(found * 0.999))


def test_the_score_is_the_share_of_the_spread_that_the_scale_explains() -> None:
    mean = sum(MOVES) / len(MOVES)
    lost = sum((move - 0.7 * scale) ** 2 for scale, move in zip(SCALES, MOVES, strict=True))
    expected = 1.0 - lost / sum((move - mean) ** 2 for move in MOVES)
    assert score_scale(np.array(SCALES), np.array(MOVES), 0.7) == pytest.approx(expected, rel=ROUNDING)


def test_a_scale_that_tells_the_move_scores_one() -> None:
    scale = np.array(SCALES)
    assert score_scale(scale, 2.5 * scale, fit_factor(scale, 2.5 * scale)) == pytest.approx(1.0, rel=ROUNDING)


def test_scales_of_nothing_have_no_factor() -> None:
    assert fit_factor(np.zeros(3), np.ones(3)) == 0.0
