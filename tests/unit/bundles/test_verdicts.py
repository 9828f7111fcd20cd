"""What is said of a model beside "no change", and what follows for its verdict."""

import math

import msgspec
import numpy as np
import pytest
from msgspec import UNSET

from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.bundles.verdicts import (
    NaiveComparison,
    VerdictEntry,
    compare_with_naive,
    decide_verdict,
    describe_test,
    describe_verdict,
)

ROUNDING = 1e-12  # sums in another order
RNG = np.random.default_rng(2)
Y_TRUE = 1.0 + RNG.normal(0.0, 0.01, 400)


def compared(t: float) -> NaiveComparison:
    return NaiveComparison(t, lag=4, rows=200, mse_ratio=1.1)


def test_errors_are_compared_with_those_of_answering_1() -> None:
    y_pred = Y_TRUE + RNG.normal(0.0, 0.02, 400)
    found = compare_with_naive(Y_TRUE, y_pred, 3)
    naive = sum((1.0 - true) ** 2 for true in Y_TRUE.tolist())
    own = sum((true - predicted) ** 2 for true, predicted in zip(Y_TRUE.tolist(), y_pred.tolist(), strict=True))
    assert found.mse_ratio == pytest.approx(own / naive, rel=ROUNDING)
    assert found.t > 1.645
    assert (found.lag, found.rows) == (5, 400)


def test_a_better_model_has_a_negative_statistic() -> None:
    found = compare_with_naive(Y_TRUE, 1.0 + 0.5 * (Y_TRUE - 1.0), 1)
    assert found.t < -1.645
    assert found.mse_ratio == pytest.approx(0.25, rel=ROUNDING)


def test_no_change_is_as_good_as_itself() -> None:
    assert compare_with_naive(Y_TRUE, np.ones(400), 1) == NaiveComparison(0.0, 5, 400, 1.0)


@pytest.mark.parametrize(("y_true", "predicted"), [(1.0, 1.2), (1.1, 1e200)])
def test_a_ratio_that_is_not_finite_is_none(y_true: float, predicted: float) -> None:
    found = compare_with_naive(np.full(20, y_true), np.full(20, predicted), 1)
    assert (found.mse_ratio, found.t) == (None, 1000.0)
    assert msgspec.json.decode(msgspec.json.encode(found), type=NaiveComparison) == found


@pytest.mark.parametrize(
    ("t", "verdict", "sentence"),
    [
        (
            4.13,
            "worse-than-naive",
            'the model did worse than "no change" (Diebold–Mariano t 4.1): use the interval, not the forecast.',
        ),
        (math.nextafter(1.645, 2.0), "worse-than-naive", "did worse"),
        (1.645, "not-better-than-naive", "did not do significantly better"),
        (-1.645, "not-better-than-naive", "did not do significantly better"),
        (math.nextafter(-1.645, -2.0), "better-than-naive", 'did better than "no change" (Diebold–Mariano t -1.6).'),
    ],
)
def test_verdict_follows_from_the_folds_and_not_from_the_test(t: float, verdict: str, sentence: str) -> None:
    assert decide_verdict(compared(t)) == verdict
    for test in (-9.0, 9.0):
        said = describe_verdict(VerdictEntry(decide_verdict(compared(t)), 5, compared(t), compared(test)))
        assert said.startswith("In 5 folds of its learning rows the model ")
        assert sentence in said


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (NaiveComparison(4.19, 6, 960, 1.3367), "t 4.2, 1.337 times its mean squared error."),
        (NaiveComparison(1000.0, 6, 960, None), "t 1000.0."),
    ],
)
def test_the_test_is_a_sentence_of_its_own(test: NaiveComparison, sentence: str) -> None:
    assert describe_test(test) == f'In the 960 test rows, beside "no change": {sentence}'


def test_without_intervals_a_worse_model_is_not_said_to_have_them() -> None:
    entry = VerdictEntry(decide_verdict(compared(3.0)), 5, compared(3.0), compared(1.0))
    assert "use the interval, not the forecast" in describe_verdict(entry)
    assert 'use "no change", not the forecast' in describe_verdict(entry, has_interval=False)


def test_an_experimental_interval_is_not_advised(default_bundle: SeriesBundle) -> None:
    manifest = default_bundle.manifest
    assert manifest.interval is not UNSET
    experimental = msgspec.structs.replace(manifest.interval, experimental=True)
    assert "use the interval, not" in show_verdict(manifest)[0]
    assert 'use "no change", not' in show_verdict(msgspec.structs.replace(manifest, interval=experimental))[0]
