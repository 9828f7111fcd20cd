import hashlib
import os
import subprocess
import sys
from decimal import Context, Decimal
from typing import Literal

import numpy as np
import pytest

from lockstep.data.bars import Array
from lockstep.data.bits import float_ordinals, same_bits
from lockstep.predict.exact.exponential import AT_ONCE, POWERS, STEP_HIGH, STEP_LOW, exponential, logistic, softmax

N_SAMPLES = 1_000_000
MAX_WRONG = N_SAMPLES // 1000
"""Of a million results, at most this many may be the second nearest float64."""

MAX_ULP = 4
"""Of a probability from its definition: an exponential, a sum and a quotient, each rounded."""

FOUND = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
PRECISE = Context(prec=40)


def nearest_exponential(value: float) -> float:
    return float(PRECISE.exp(Decimal(value)))


def ulp_errors(values: Array) -> np.ndarray:
    """Return how many float64 steps each result is from the nearest; an agreeing C library spares the long way."""
    ours = exponential(values)
    nearest = np.exp(values.astype(np.longdouble)).astype(np.float64)
    doubtful = np.flatnonzero(ours != nearest)
    nearest[doubtful] = [nearest_exponential(value) for value in values[doubtful].tolist()]
    return np.abs(float_ordinals(ours) - float_ordinals(nearest))


@pytest.mark.parametrize(("low", "high"), [(-745.0, 709.7), (-40.0, 40.0), (-1.0, 1.0), (-1e-6, 1e-6)])
def test_a_million_results_are_the_nearest_float64_or_its_neighbor(low: float, high: float) -> None:
    errors = ulp_errors(np.random.default_rng(7).uniform(low, high, N_SAMPLES))
    assert errors.max() <= 1
    assert np.count_nonzero(errors) <= MAX_WRONG


def test_a_result_below_the_normal_range_is_at_most_a_neighbor() -> None:
    assert ulp_errors(np.random.default_rng(8).uniform(-746.0, -708.0, 20_000)).max() <= 1


def test_results_around_every_step_are_right() -> None:
    steps = np.arange(-130_000, 130_000) * (STEP_HIGH + STEP_LOW) / 2.0  # where the nearest step changes, too
    errors = ulp_errors(np.concatenate([np.nextafter(steps, -np.inf), steps, np.nextafter(steps, np.inf)]))
    assert errors.max() <= 1
    assert np.count_nonzero(errors) <= MAX_WRONG


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (np.nan, np.nan),
        (np.inf, np.inf),
        (-np.inf, 0.0),
        (0.0, 1.0),
        (-0.0, 1.0),
        (5e-324, 1.0),
        (709.782712893384, nearest_exponential(709.782712893384)),
        (709.7827128933841, np.inf),
        (1e308, np.inf),
        (-745.1332191019411, 5e-324),
        (-745.1332191019412, 0.0),
        (-1e308, 0.0),
    ],
)
def test_the_ends_of_the_range(value: float, result: float) -> None:
    assert same_bits(exponential(np.array([value])), np.array([result])).all()


def test_the_constants_are_the_numbers_they_stand_for() -> None:
    step = PRECISE.ln(Decimal(2)) / 128
    assert abs(Decimal(STEP_HIGH) + Decimal(STEP_LOW) - step) < Decimal(2) ** -93
    for place in range(128):
        power = PRECISE.exp(step * place)
        assert abs(Decimal(POWERS[0, place]) + Decimal(POWERS[1, place]) - power) < Decimal(2) ** -78


def test_a_value_alone_has_the_bits_that_it_has_among_others() -> None:
    values = np.random.default_rng(9).uniform(-50.0, 50.0, (101, 3))
    for function in (exponential, logistic, softmax):
        alone = np.concatenate([function(row[None]) for row in values])
        assert same_bits(alone, function(values)).all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_values_of_any_layout_keep_their_places(order: Literal["C", "F"]) -> None:
    values = np.asarray(np.random.default_rng(6).uniform(-40.0, 40.0, (3 * AT_ONCE // 2, 3)), order=order)
    columns = [exponential(np.ascontiguousarray(values[:, place])) for place in range(3)]
    assert same_bits(exponential(values), np.stack(columns, axis=1)).all()
    assert same_bits(exponential(values[::2, ::2]), np.stack(columns[::2], axis=1)[::2]).all()


def test_a_logistic_value_is_the_one_of_its_definition() -> None:
    values = np.concatenate([np.random.default_rng(10).uniform(-800.0, 800.0, 5000), [0.0, -0.0, np.inf, -np.inf]])
    expected = np.array([float(1 / (1 + PRECISE.exp(-Decimal(value)))) for value in values.tolist()])
    assert np.abs(float_ordinals(logistic(values)) - float_ordinals(expected)).max() <= MAX_ULP
    assert np.isnan(logistic(np.array([np.nan]))).all()


def test_softmax_gives_probabilities_even_of_huge_values() -> None:
    decision = np.array([[1e308, 0.0, -1e308], [1000.0, 1000.0, 1000.0], [0.0, np.log(2.0), 0.0]])
    expected = [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.25, 0.5, 0.25]]
    np.testing.assert_array_max_ulp(softmax(decision), np.array(expected), MAX_ULP)


def test_the_columns_of_softmax_are_added_in_their_order() -> None:
    decision = np.random.default_rng(11).uniform(-1.0, 0.0, (50, 9))
    grown = exponential(decision - decision.max(axis=1)[:, None])
    totals = [float(sum(row.tolist()[1:], row[0])) for row in grown]
    assert same_bits(softmax(decision), grown / np.array(totals)[:, None]).all()


DIGEST = """
import hashlib, numpy as np
from lockstep.predict.exact.exponential import exponential, logistic, softmax
values = np.random.default_rng(12).uniform(-750.0, 712.0, (40_000, 5))
parts = exponential(values), logistic(values), softmax(values / 20.0)
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.parametrize("off", [FOUND[-1:], FOUND])
def test_the_bits_are_the_same_at_another_simd_level(off: list[str]) -> None:
    environ = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(off)}
    told = subprocess.run([sys.executable, "-c", DIGEST], env=environ, capture_output=True, text=True, check=True)
    values = np.random.default_rng(12).uniform(-750.0, 712.0, (40_000, 5))
    parts = exponential(values), logistic(values), softmax(values / 20.0)
    assert told.stdout.strip() == hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()
