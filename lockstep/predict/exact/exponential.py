"""The exponential function from elementwise operations, and the probabilities that are made with it.

The C library's `exp`, and numpy's, give other bits with another SIMD level. Here x = (128 m + j) ln2 / 128 + r, so
exp(x) = 2**m · 2**(j/128) · exp(r) with |r| <= ln2 / 256. What one float64 cannot hold is carried along in a second
one, so that only the last addition rounds: of 1,000,000 values 99.99 % become the float64 nearest to the true result,
the others its neighbor. Below 2**-1022, where float64 has fewer digits, a result is rounded twice (99 %).
"""

from math import isqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array

HALVINGS = 7
N_POWERS = 1 << HALVINGS
LOWEST, HIGHEST = -746.0, 710.0
"""Below and above, the result is 0 or infinite."""

STEPS_PER_UNIT = float.fromhex("0x1.71547652b82fep+7")
"""128 / ln2."""

# ln2 / 128 in two parts: the first has 33 bits, so that its product with any step number is exact
STEP_HIGH = float.fromhex("0x1.62e42fefp-8")
STEP_LOW = float.fromhex("0x0.00000000a39ef35793c7673007e5ed5e8p-8")

SPLITTER = float.fromhex("0x1.8p+17")
"""Added and subtracted again, it rounds a number below 2**-8 to a multiple of 2**-35, which leaves 27 bits."""

HIGH_BITS = 26
"""A table value has this many bits after the point, so that its product with 27 bits is exact."""

EXPONENT_BIAS, MANTISSA_BITS = 1023, 52

AT_ONCE = 4096
"""Values whose intermediate results a processor's nearest caches hold; of more, each takes more than twice as long."""


def exponential(values: Array) -> Array:
    """Return e to the power of each value, in any shape; NaN for NaN."""
    order: Literal["F", "C"] = "F" if values.flags.f_contiguous else "C"
    flat = values.ravel(order)
    powers = np.empty_like(flat)
    for first in range(0, flat.size, AT_ONCE):
        block = slice(first, first + AT_ONCE)
        powers[block] = _raise_e(flat[block])
    return powers.reshape(values.shape, order=order)


def _raise_e(values: Array) -> Array:
    """Return e to the power of each value (n,)."""
    bounded = np.fmin(np.fmax(values, LOWEST), HIGHEST)  # fmax makes a number of NaN, which has no whole step
    steps = np.rint(bounded * STEPS_PER_UNIT)
    whole = steps.astype(np.int64)
    places = whole & (N_POWERS - 1)
    powers_high, powers_low = POWERS[0].take(places), POWERS[1].take(places)
    mantissa = _multiply_by_exp(powers_high, powers_low, bounded - steps * STEP_HIGH, steps * STEP_LOW)
    exponent = whole >> HALVINGS
    half = exponent >> 1
    with np.errstate(over="ignore"):
        scaled = mantissa * _two_to_the(half) * _two_to_the(exponent - half)
    return np.where(values == values, scaled, values)  # noqa: PLR0124 - only NaN differs from itself


def logistic(values: Array) -> Array:
    """Return 1 / (1 + exp(-x)) of each value, by the formula that loses nothing on its side of 0."""
    small = exponential(-np.abs(values))
    return np.where(values >= 0.0, 1.0, small) / (1.0 + small)


def softmax(decision: Array) -> Array:
    """Return the probabilities (n, k) of k decision values a row; the columns are added in their order."""
    with np.errstate(over="ignore"):  # a difference beyond float64 is a probability of 0
        below = decision - decision.max(axis=1, keepdims=True)
    grown = exponential(below)
    total = grown[:, 0]
    for column in range(1, grown.shape[1]):
        total = total + grown[:, column]
    return grown / total[:, None]


def _multiply_by_exp(high: Array, low: Array, rest: Array, correction: Array) -> Array:
    """Return (high + low) exp(rest - correction), rounded once."""
    reduced = rest - correction
    reduced_low = (rest - reduced) - correction
    beyond_linear = reduced * (1 / 24 + reduced * (1 / 120 + reduced * (1 / 720)))
    beyond_linear = reduced_low + reduced * reduced * (0.5 + reduced * (1 / 6 + beyond_linear))
    coarse = (reduced + SPLITTER) - SPLITTER
    product = high * coarse
    total = high + product
    lost = product - (total - high)
    tail = low + (low * coarse + (high + low) * (beyond_linear + (reduced - coarse)))
    return total + (lost + tail)


def _two_to_the(exponent: NDArray[np.int64]) -> Array:
    return ((exponent + EXPONENT_BIAS) << MANTISSA_BITS).view(np.float64)


def _tabulate_powers() -> Array:
    """Return 2**(j/128) for j from 0 to 127, as the sum of two rows, made with whole numbers of 200 bits."""
    n_bits = 200
    root = 2 << n_bits
    for _ in range(HALVINGS):
        root = isqrt(root << n_bits)
    power, table = 1 << n_bits, np.empty((2, N_POWERS))
    for place in range(N_POWERS):
        high = power >> n_bits - HIGH_BITS
        table[:, place] = high / (1 << HIGH_BITS), (power - (high << n_bits - HIGH_BITS)) / (1 << n_bits)
        power = power * root >> n_bits
    return table


POWERS = _tabulate_powers()
