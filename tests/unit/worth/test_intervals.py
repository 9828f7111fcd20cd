"""Each score of intervals against a loop over rows in plain Python."""

import numpy as np
import pytest

from lockstep.worth.intervals import (
    Intervals,
    coverage,
    find_worst_stretch,
    group_coverage,
    is_covered,
    mean_width,
    share_above,
    share_below,
    winkler_score,
    wis,
)

ROUNDING = 1e-12  # a sum in another order
RNG = np.random.default_rng(5)
TRUE = RNG.normal(1.0, 0.01, 700).tolist()
SCALES = RNG.uniform(0.5, 2.0, 700).tolist()
WIDTHS = {50: 0.006, 80: 0.012, 95: 0.019}
"""The half width of each level at a scale of 1."""


def bounds_of(level: int) -> list[tuple[float, float]]:
    return [(1.0 - WIDTHS[level] * scale, 1.001 + WIDTHS[level] * scale) for scale in SCALES]


def intervals_of(level: int) -> Intervals:
    lo, hi = np.array(bounds_of(level)).T
    return Intervals(level, lo, hi)


def score_row(level: int, true: float, lo: float, hi: float) -> float:
    penalty = 2.0 / (1.0 - level / 100.0)
    if true < lo:
        return hi - lo + penalty * (lo - true)
    return hi - lo + penalty * (true - hi) if true > hi else hi - lo


def lose_pinball(true: float, quantile: float, share: float) -> float:
    return max(share * (true - quantile), (share - 1.0) * (true - quantile))


Y_TRUE, N = np.array(TRUE), len(TRUE)


@pytest.mark.parametrize("level", list(WIDTHS))
def test_shares_and_width_are_those_of_a_plain_loop(level: int) -> None:
    rows, intervals = list(zip(TRUE, bounds_of(level), strict=True)), intervals_of(level)
    below, above = sum(true < lo for true, (lo, _) in rows) / N, sum(true > hi for true, (_, hi) in rows) / N
    assert (share_below(Y_TRUE, intervals), share_above(Y_TRUE, intervals)) == (below, above)
    assert 0.0 < below != above > 0.0
    assert coverage(Y_TRUE, intervals) == pytest.approx(1.0 - below - above, rel=ROUNDING)
    assert mean_width(intervals) == pytest.approx(sum(hi - lo for _, (lo, hi) in rows) / N, rel=ROUNDING)


@pytest.mark.parametrize("level", list(WIDTHS))
def test_the_winkler_score_is_that_of_a_plain_loop(level: int) -> None:
    expected = sum(score_row(level, true, lo, hi) for true, (lo, hi) in zip(TRUE, bounds_of(level), strict=True)) / N
    assert winkler_score(Y_TRUE, intervals_of(level)) == pytest.approx(expected, rel=ROUNDING)


def test_a_truth_on_a_bound_is_inside() -> None:
    intervals = Intervals(80, np.array([0.9, 0.9]), np.array([1.1, 1.1]))
    y_true = np.array([0.9, 1.1])
    assert is_covered(y_true, intervals).all()
    assert (share_below(y_true, intervals), share_above(y_true, intervals)) == (0.0, 0.0)


def test_the_weighted_interval_score_is_the_mean_pinball_loss_of_all_its_quantiles() -> None:
    losses = []
    for row, true in enumerate(TRUE):
        losses.append(lose_pinball(true, 1.0, 0.5))
        for level in WIDTHS:
            lo, hi = bounds_of(level)[row]
            tail = (100 - level) / 200
            losses += [lose_pinball(true, lo, tail), lose_pinball(true, hi, 1.0 - tail)]
    found = wis(Y_TRUE, np.ones(N), {level: winkler_score(Y_TRUE, intervals_of(level)) for level in WIDTHS})
    assert found == pytest.approx(2.0 * sum(losses) / len(losses), rel=ROUNDING)


@pytest.mark.parametrize("n_rows", [1, 7, 250, 700, 900])
def test_the_worst_stretch_is_that_of_a_plain_loop(n_rows: int) -> None:
    covered = is_covered(Y_TRUE, intervals_of(50)).tolist()
    used = min(n_rows, N)
    shares = [sum(covered[first : first + used]) / used for first in range(N - used + 1)]
    found = find_worst_stretch(np.array(covered), n_rows)
    assert (found.coverage, found.rows.start) == (min(shares), shares.index(min(shares)))
    assert found.rows.stop - found.rows.start == used


@pytest.mark.parametrize("n", [3, 10, 11, 700])
def test_groups_of_the_scale_are_those_of_a_plain_loop(n: int) -> None:
    covered = is_covered(Y_TRUE, intervals_of(80)).tolist()[:n]
    ordered = [hit for _, _, hit in sorted((scale, row, covered[row]) for row, scale in enumerate(SCALES[:n]))]
    sizes = [n // 3 + (group < n % 3) for group in range(3)]
    expected, first = [], 0
    for size in sizes:
        expected.append(sum(ordered[first : first + size]) / size)
        first += size
    assert group_coverage(np.array(covered), np.array(SCALES[:n])) == expected


def test_of_equal_scales_the_older_rows_are_in_the_first_group() -> None:
    scale = np.tile([1.0, 2.0, 3.0], 100)  # so many that a sort which is not stable mixes them
    assert group_coverage(np.arange(300) < 150, scale, n_groups=6) == [1.0, 0.0] * 3
