import math
from dataclasses import replace

import pytest

from lockstep.parity.compare import Comparison, compare_answers, compare_outputs, merge_comparisons
from lockstep.parity.difference import Difference, Divergence, Value

EXPECTED = {"2013-02-28": 1.001, "2013-03-01": 0.999}
DATES = list(EXPECTED)
VALUES = list(EXPECTED.values())


def test_the_same_values_for_the_same_dates_have_no_findings() -> None:
    compared = compare_answers(EXPECTED, DATES, VALUES)
    assert (compared.compared, compared.n_distinct, compared.equality) == (2, 2, "bits")
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
        (DATES, [VALUES[0], "0.999"], "2013-03-01: expected 0.999"),
        (DATES, [VALUES[0], True], "2013-03-01: expected 0.999"),
        (DATES, [VALUES[0], math.nextafter(VALUES[1], 2)], "1 ULP apart"),
        ([], [], "2013-02-28 was posted and not answered"),
    ],
)
def test_everything_else_is_a_finding(dates: list[str], values: list[float | str | None], finding: str) -> None:
    assert any(finding in line for line in compare_answers(EXPECTED, dates, values).findings)


def test_nothing_expected_and_nothing_answered_compares_nothing() -> None:
    assert compare_answers({}, [], []).compared == 0


def test_answers_and_dates_of_unequal_length_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        compare_answers(EXPECTED, DATES, VALUES[:1])


@pytest.mark.parametrize(("answered", "equality"), [(1.0, "bits"), (math.nextafter(1.0, 2), "ulp<=4"),
                                                 (1.0 + 9e-10, "tolerance<=1e-09"), (1.0 + 2e-9, "different"),
                                                 (None, "different"), (math.inf, "different")])  # fmt: skip
def test_the_tightest_equality_that_holds_is_named(answered: float | None, equality: str) -> None:
    assert compare_answers({"d": 1.0}, ["d"], [answered]).equality == equality


def test_equal_predictions_of_different_stages_are_no_equality() -> None:
    compared = replace(compare_answers({"d": 1.0}, ["d"], [1.0]), divergences=(Divergence("d", "features"),))
    assert compared.equality == "bits of predictions only"


def test_opposite_zeros_are_apart_by_nothing_but_their_bits() -> None:
    assert compare_answers({"d": 0.0}, ["d"], [-0.0]).equality == "ulp<=4"


def test_a_difference_shows_both_values_and_their_hex_form() -> None:
    text = str(Difference("2013-03-01", 1.0, 1.5))
    assert "1.0 (0x1.0000000000000p+0)" in text
    assert "1.5 (0x1.8000000000000p+0)" in text


def test_merging_adds_up_and_loses_no_finding() -> None:
    good, bad = compare_answers({"a": 1.0}, ["a"], [1.0]), compare_answers({"b": 1.0}, ["b"], [2.0])
    merged = merge_comparisons([good, bad, Comparison(0, faults=("odd",))])
    assert (merged.compared, merged.n_distinct) == (2, 2)
    assert merged.answers == {"a": 1.0, "b": 2.0}
    assert merged.findings == ["odd", *bad.findings]
    assert merge_comparisons([]).compared == 0


def test_merging_keeps_the_answer_that_differs_whichever_route_gave_it() -> None:
    right, wrong = compare_answers({"a": 1.0}, ["a"], [1.0]), compare_answers({"a": 1.0}, ["a"], [2.0])
    for parts in ([right, wrong], [wrong, right]):
        assert merge_comparisons(parts).answers == {"a": 2.0}


LABELS: dict[str, dict[str, Value]] = {"prediction": {"a": "up", "b": "down"}, "proba_up": {"a": 0.75, "b": 0.25}}
ROUNDED = 0.75 * (1 + 1e-13)
"""As far from 0.75 as sums of another BLAS may be."""


def compare_labels(proba_guarantee: str, **answered: list[object]) -> Comparison:
    outputs = {"prediction": ["up", "down"], "proba_up": [0.75, 0.25], **answered}
    guarantees = {"prediction": "bits", "proba_up": proba_guarantee}
    return compare_outputs(LABELS, ["a", "b"], outputs, guarantees)  # type: ignore[arg-type] # wrong types too


@pytest.mark.parametrize(
    ("guarantee", "proba", "findings"),
    [
        ("bits", [0.75, 0.25], []),
        ("bits", [ROUNDED, 0.25], ["a, proba_up: expected 0.75"]),
        ("tolerance 1e-12", [ROUNDED, 0.25], []),
        ("tolerance 1e-12", [0.7500001, 0.25], ["a, proba_up: expected 0.75"]),
        ("tolerance 1e-12", [None, 0.25], ["a, proba_up: expected 0.75"]),
        ("nothing", [0.1, None], []),
    ],
)
def test_each_output_is_judged_by_its_guarantee(guarantee: str, proba: list[object], findings: list[str]) -> None:
    found = compare_labels(guarantee, proba_up=proba).findings
    assert [line.split(" (")[0] for line in found] == findings


@pytest.mark.parametrize("guarantee", ["bits", "labels"])
def test_a_label_is_never_only_nearly_right(guarantee: str) -> None:
    guarantees = {"prediction": guarantee, "proba_up": "bits"}
    outputs: dict[str, list[Value | None]] = {"prediction": ["up", "up"], "proba_up": [0.75, 0.25]}
    assert compare_outputs(LABELS, ["a", "b"], outputs, guarantees).findings == ["b: expected 'down', served 'up'"]


def test_what_a_guarantee_tolerates_is_no_finding_but_no_equality_of_bits() -> None:
    compared = compare_labels("tolerance 1e-12", proba_up=[ROUNDED, 0.25])
    assert (compared.findings, compared.equality, len(compared.tolerated)) == ([], "tolerance<=1e-09", 1)


def test_a_column_on_one_side_alone_is_a_finding() -> None:
    without = compare_outputs(LABELS, ["a", "b"], {"prediction": ["up", "down"]}, dict.fromkeys(LABELS, "bits"))
    assert without.findings == ["the column proba_up is on one side alone"]
    assert compare_labels("bits", proba_flat=[0.0, 0.0]).findings == ["the column proba_flat is on one side alone"]


def test_outputs_are_distinct_as_rows_and_routes_are_not_added_up() -> None:
    rows, plain = compare_labels("bits"), compare_answers({"a": "up", "b": "up"}, ["a", "b"], ["up", "up"])
    assert merge_comparisons([rows, plain]).n_distinct == 2
    assert plain.n_distinct == 1
