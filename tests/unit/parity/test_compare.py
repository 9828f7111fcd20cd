import math
from dataclasses import replace

import pytest

from lockstep.parity.compare import Comparison, Difference, Divergence, compare_answers, merge_comparisons

EXPECTED = {"2013-02-28": 1.001, "2013-03-01": 0.999}
DATES = list(EXPECTED)
VALUES = list(EXPECTED.values())


def test_the_same_values_for_the_same_dates_have_no_findings() -> None:
    compared = compare_answers(EXPECTED, DATES, VALUES)
    assert (compared.compared, compared.distinct, compared.level) == (2, frozenset(VALUES), "bits")
    assert compared.findings == []


def test_the_order_of_answers_does_not_matter() -> None:
    assert compare_answers(EXPECTED, DATES[::-1], VALUES[::-1]).findings == []


@pytest.mark.parametrize(
    ("dates", "values", "finding"),
    [
        (DATES[:1], VALUES[:1], "2013-03-01 was posted and not answered"),
        ([*DATES, "2013-03-04"], [*VALUES, 1.0], "2013-03-04 was answered and not posted"),
        ([*DATES, DATES[0]], [*VALUES, VALUES[0]], "2013-02-28 was answered more than once"),
        (DATES, [VALUES[0], None], "2013-03-01: expected 0.999"),
        (DATES, [VALUES[0], math.nan], "2013-03-01: expected 0.999"),
        (DATES, VALUES[::-1], "2013-02-28: expected 1.001"),
        (DATES, [VALUES[0], math.nextafter(VALUES[1], 2)], "1 ULP apart"),
        ([], [], "2013-02-28 was posted and not answered"),
    ],
)
def test_everything_else_is_a_finding(dates: list[str], values: list[float | None], finding: str) -> None:
    assert any(finding in line for line in compare_answers(EXPECTED, dates, values).findings)


def test_nothing_expected_and_nothing_answered_compares_nothing() -> None:
    assert compare_answers({}, [], []).compared == 0


def test_answers_and_dates_of_unequal_length_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        compare_answers(EXPECTED, DATES, VALUES[:1])


@pytest.mark.parametrize(("answered", "level"), [(1.0, "bits"), (math.nextafter(1.0, 2), "ulp<=4"),
                                                 (1.0 + 9e-10, "tolerance<=1e-09"), (1.0 + 2e-9, "different"),
                                                 (None, "different"), (math.inf, "different")])  # fmt: skip
def test_the_tightest_level_that_holds_is_named(answered: float | None, level: str) -> None:
    assert compare_answers({"d": 1.0}, ["d"], [answered]).level == level


def test_equal_predictions_of_different_stages_are_no_equality() -> None:
    compared = replace(compare_answers({"d": 1.0}, ["d"], [1.0]), divergences=(Divergence("d", "features"),))
    assert compared.level == "bits of predictions only"


def test_opposite_zeros_are_apart_by_nothing_but_their_bits() -> None:
    assert compare_answers({"d": 0.0}, ["d"], [-0.0]).level == "ulp<=4"


def test_a_difference_shows_both_values_and_their_hex_form() -> None:
    text = str(Difference("2013-03-01", 1.0, 1.5))
    assert "1.0 (0x1.0000000000000p+0)" in text
    assert "1.5 (0x1.8000000000000p+0)" in text


def test_merging_adds_up_and_loses_no_finding() -> None:
    good, bad = compare_answers({"a": 1.0}, ["a"], [1.0]), compare_answers({"b": 1.0}, ["b"], [2.0])
    merged = merge_comparisons([good, bad, Comparison(0, faults=("odd",))])
    assert (merged.compared, merged.distinct) == (2, frozenset({1.0, 2.0}))
    assert merged.answers == {"a": 1.0, "b": 2.0}
    assert merged.findings == ["odd", *bad.findings]
    assert merge_comparisons([]).compared == 0
