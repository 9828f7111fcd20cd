import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from lockstep.worth.reliability import tabulate, tabulate_classes

ROUNDING = 1e-12  # a sum in another order
RNG = np.random.default_rng(5)
PROBA = RNG.uniform(size=400)
CAME_TRUE = RNG.uniform(size=400) < PROBA
NO_YES = ["no", "yes"]


def test_bins_of_different_probabilities_are_those_of_scikit_learn() -> None:
    shares, means = calibration_curve(CAME_TRUE, PROBA, n_bins=10, strategy="quantile")
    bins = tabulate("yes", PROBA, CAME_TRUE).bins
    assert [each.rows for each in bins] == [40] * 10
    assert [each.share for each in bins] == pytest.approx(shares.tolist(), abs=ROUNDING)
    assert [each.mean_probability for each in bins] == pytest.approx(means.tolist(), abs=ROUNDING)


def test_calibration_error_is_the_mean_distance_of_share_and_probability() -> None:
    found, rows = tabulate("yes", PROBA, CAME_TRUE), sorted(zip(PROBA.tolist(), CAME_TRUE.tolist(), strict=True))
    distances = []
    for first in range(0, 400, 40):
        inside = rows[first : first + 40]
        distances.append(abs(sum(proba for proba, _ in inside) - sum(truth for _, truth in inside)))
    assert found.calibration_error == pytest.approx(sum(distances) / 400, abs=ROUNDING)


def test_right_probabilities_have_the_error_that_chance_gives() -> None:
    drawn = [tabulate("yes", PROBA, RNG.uniform(size=400) < PROBA) for _ in range(300)]
    errors = np.array([each.calibration_error for each in drawn])
    assert abs(errors.mean() - drawn[0].error_by_chance) < 4.0 * errors.std() / np.sqrt(300)
    inside = [each.chance[0] <= each.share <= each.chance[1] for found in drawn for each in found.bins]
    assert 0.95 <= np.mean(inside) < 0.98  # at least 95 of 100, and little more for counts up to 40


def test_too_bold_probabilities_lie_outside_of_chance() -> None:
    bold = np.clip(1.5 * PROBA - 0.25, 0.0, 1.0)
    found = tabulate("yes", bold, CAME_TRUE)
    assert found.calibration_error > 1.5 * found.error_by_chance
    assert found.bins[0].share > found.bins[0].chance[1]
    assert found.bins[-1].share < found.bins[-1].chance[0]


@pytest.mark.parametrize(
    ("n_rows", "sizes"), [(5, [5]), (19, [19]), (20, [10, 10]), (38, [13, 13, 12]), (101, [11] * 8 + [13])]
)
def test_few_rows_make_few_bins(n_rows: int, sizes: list[int]) -> None:
    found = tabulate("yes", PROBA[:n_rows], CAME_TRUE[:n_rows])
    assert [each.rows for each in found.bins] == sizes


def test_equal_probabilities_share_a_bin_in_whatever_order_the_rows_are() -> None:
    leaves = RNG.choice([0.1, 0.2, 0.7], size=300, p=[0.6, 0.3, 0.1])
    came_true = RNG.uniform(size=300) < leaves
    found = tabulate("yes", leaves, came_true)
    assert [each.rows for each in found.bins] == [int(np.sum(leaves == value)) for value in (0.1, 0.2, 0.7)]
    assert [each.share for each in found.bins] == [float(np.mean(came_true[leaves == v])) for v in (0.1, 0.2, 0.7)]
    order = RNG.permutation(300)
    assert [each.share for each in tabulate("yes", leaves[order], came_true[order]).bins] == [
        each.share for each in found.bins
    ]


def test_certain_probabilities_leave_chance_no_room() -> None:
    found = tabulate("yes", np.repeat([0.0, 1.0], 30), np.repeat([False, True], 30))
    assert [each.chance for each in found.bins] == [(0.0, 0.0), (1.0, 1.0)]
    assert (found.calibration_error, found.error_by_chance) == (0.0, 0.0)


def test_of_two_classes_the_second_is_tabulated() -> None:
    y_true = np.where(CAME_TRUE, "yes", "no")
    [found] = tabulate_classes(y_true, np.stack([1.0 - PROBA, PROBA], axis=1), NO_YES)
    assert found == tabulate("yes", PROBA, CAME_TRUE)


@pytest.mark.parametrize("classes", [["a", "b", "c"], [0, 1, 2]])
def test_of_more_classes_the_top_one_comes_first(classes: list[str] | list[int]) -> None:
    proba = RNG.dirichlet([1.0, 2.0, 3.0], 400)
    y_true = np.array(classes)[RNG.integers(0, 3, 400)]
    top, *each = tabulate_classes(y_true, proba, classes)
    best = proba.argmax(axis=1)
    assert top == tabulate(None, proba.max(axis=1), y_true == np.array(classes)[best])
    assert each == [tabulate(str(label), proba[:, at], y_true == label) for at, label in enumerate(classes)]


def test_of_many_classes_the_top_one_alone_is_tabulated() -> None:
    proba, classes = RNG.dirichlet(np.ones(11), 100), [f"class {place}" for place in range(11)]
    [top] = tabulate_classes(np.array(classes)[proba.argmax(axis=1)], proba, classes)
    assert top.label is None
    assert {each.share for each in top.bins} == {1.0}
