"""Each distribution against SciPy's, and each band against its definition."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from lockstep.worth.counts import count_covered, count_drawn, count_independent, find_coverage_band, find_share_band

ROUNDING = 1e-9  # of logarithms of factorials, and of long products
GRID = 1.5e-4  # a step of the grid on which a share is sought, and a half


def test_count_of_different_events_is_that_of_all_outcomes() -> None:
    probabilities = [0.1, 0.5, 0.9, 0.25, 1.0, 0.0]
    expected = [0.0] * 7
    for outcome in product([False, True], repeat=6):
        chances = [p if came_true else 1.0 - p for p, came_true in zip(probabilities, outcome, strict=True)]
        expected[sum(outcome)] += float(np.prod(chances))
    assert count_independent(np.array(probabilities)) == pytest.approx(expected, abs=ROUNDING)


def test_count_of_equal_events_is_binomial() -> None:
    assert count_independent(np.full(60, 0.3)) == pytest.approx(stats.binom.pmf(range(61), 60, 0.3), abs=ROUNDING)


@pytest.mark.parametrize(("n_rows", "n_calibration", "level"), [(19, 19, 80), (500, 499, 95), (40, 33, 50)])
def test_covered_rows_are_beta_binomial(n_rows: int, n_calibration: int, level: int) -> None:
    inside, outside = (n_calibration + 1) * level / 100, (n_calibration + 1) * (1 - level / 100)
    expected = stats.betabinom.pmf(range(n_rows + 1), n_rows, inside, outside)
    assert count_covered(n_rows, n_calibration, level) == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize(("n_rows", "n_marked", "n_drawn"), [(38, 31, 13), (900, 720, 300), (12, 12, 4), (12, 1, 11)])
def test_drawn_rows_are_hypergeometric(n_rows: int, n_marked: int, n_drawn: int) -> None:
    expected = stats.hypergeom.pmf(range(n_drawn + 1), n_rows, n_marked, n_drawn)
    assert count_drawn(n_rows, n_marked, n_drawn) == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("level", [50, 80, 95])
@pytest.mark.parametrize("n_calibration", [19, 110, 5000])
def test_band_of_the_coverage_to_come_is_that_of_the_beta_distribution(n_calibration: int, level: int) -> None:
    beta = stats.beta((n_calibration + 1) * level / 100, (n_calibration + 1) * (1 - level / 100))
    assert find_coverage_band(n_calibration, level) == pytest.approx(beta.ppf([0.025, 0.975]), abs=GRID)


@pytest.mark.parametrize("probability", [0.0, 0.02, 0.5, 0.97, 1.0])
def test_band_leaves_out_at_most_a_fortieth_on_either_side_and_not_one_count_more(probability: float) -> None:
    counts = count_independent(np.full(40, probability))
    lowest, highest = (round(share * 40) for share in find_share_band(counts))
    below, above = counts[:lowest].sum(), counts[highest + 1 :].sum()
    assert below <= 0.025 < below + counts[lowest]
    assert above <= 0.025 < above + counts[highest]
