"""Statistics of every window of consecutive values, by doubling.

A window of `width` values is put together from blocks whose sizes are powers of two, largest and
oldest first; a block of 2k values is two blocks of k. So each result is a fixed tree of elementwise
operations on exactly the values in its window. It has the same bits wherever the history starts,
however many rows are computed at once, and on every CPU, since elementwise + − × ÷ and comparisons
are exact in IEEE 754. `numpy.sum` promises none of the three: it picks its order of additions
by the array's shape. The cost is O(log width) array operations instead of O(width).

Time runs along the last axis, oldest first. A result at position i belongs to the window
`[i, i + width)`, so there are `n - width + 1` of them. NaN in a window makes its result NaN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def window_sums(values: Array, widths: Sequence[int]) -> list[Array]:
    """Return the sum of every window, one array (..., n - width + 1) for each width."""
    return _fold_windows(np.add, values, widths)


def window_max(values: Array, width: int) -> Array:
    """Return the largest value of every window, (..., n - width + 1)."""
    return _fold_windows(np.maximum, values, [width])[0]


def sum_newest(values: Array, summed: Mapping[int, slice]) -> list[list[Array]]:
    """Return the sums of windows of several widths, each over some rows of (n_rows, n); `summed` maps width to rows.

    A list of rows (n_windows,) for each width. All have as many windows as the widest has, and end in the same values.
    """
    n_values, widest = values.shape[-1], max(summed)
    blocks = _Blocks(np.add, values, widest)
    return [blocks.join(width, rows, n_values - widest + 1) for width, rows in summed.items()]


def _fold_windows(merge: np.ufunc, values: Array, widths: Sequence[int]) -> list[Array]:
    *lead, n_values = values.shape
    blocks, every_row = _Blocks(merge, values, max(widths)), slice(0, values.size // n_values)
    windows = (blocks.join(width, every_row, n_values - width + 1) for width in widths)
    return [rows[0] if not lead else np.stack(rows).reshape(*lead, -1) for rows in windows]


class _Blocks:
    """What blocks of 1, 2, 4, … consecutive values fold to, all rows end to end in one.

    One long row is folded several times as fast as a few short ones. What spans two rows is never read.
    """

    def __init__(self, merge: np.ufunc, values: Array, widest: int) -> None:
        self._merge, self._n_values = merge, values.shape[-1]
        if self._n_values < widest:
            raise ValueError(f"a window of {widest} values does not fit into {self._n_values}")
        self._blocks, size = [values.reshape(-1)], 1
        while 2 * size <= widest:
            newest = self._blocks[-1]
            self._blocks.append(merge(newest[:-size], newest[size:]))
            size *= 2

    def join(self, width: int, rows: slice, n_windows: int) -> list[Array]:
        """Return what the newest windows of some rows fold to, (n_windows,) for each row."""
        first, length = rows.start * self._n_values, (rows.stop - rows.start) * self._n_values - width + 1
        (power, _), *newer = _split_width(width)
        folded = self._blocks[power][first : first + length]
        for power, covered in newer:
            start = first + covered
            folded = self._merge(folded, self._blocks[power][start : start + length])
        ends = range(self._n_values - width + 1, length + 1, self._n_values)
        return [folded[end - n_windows : end] for end in ends]


@lru_cache
def _split_width(width: int) -> list[tuple[int, int]]:
    """Return the blocks of a window, oldest first: each block's power of two, and how many values are before it."""
    powers = [power for power in reversed(range(width.bit_length())) if width & 1 << power]
    return [(power, width >> power + 1 << power + 1) for power in powers]


@dataclass(frozen=True)
class ExponentialWeights:
    """The weights of an exponential mean: `powers` are d, d², d⁴, … as far as doubling needs them.

    `first` is the weight of the newest value if all weights add up to 1.
    """

    powers: tuple[Array, ...]
    first: Array


def exponential_weights(decays: ArrayLike, width: int) -> ExponentialWeights:
    """Return the weights 1, d, d², … of `width` values, a power of two, from the newest back.

    `decays` is one d, or an array (k, 1) of several. The powers of d are made by multiplication, never by a power
    function.
    """
    decay = np.asarray(decays, np.float64)  # numpy multiplies by an array without axes faster than by a number
    powers, power, size = [], decay, 1
    while size < width:
        powers.append(power)
        size, power = 2 * size, np.asarray(power * power)
    return ExponentialWeights(tuple(powers), np.asarray((1.0 - decay) / (1.0 - power)))


def exponential_means(values: Array, weights: ExponentialWeights) -> Array:
    """Return the weighted means of every window of a series (n,), (n - width + 1,); of k decays (k, n - width + 1)."""
    weighted, size = values, 1
    for power in weights.powers:
        weighted = weighted[..., size:] + power * weighted[..., :-size]
        size *= 2
    return weighted * weights.first


def lag_windows(values: NDArray[Any], width: int) -> NDArray[Any]:
    """Return a view (width, ..., n - width + 1) of every window of a contiguous (..., n), oldest value first.

    One row holds one lag for all windows, so that a step over lags is a step over rows.
    """
    shape = (width, *values.shape[:-1], values.shape[-1] - width + 1)
    return np.ndarray(shape, values.dtype, values, strides=(values.itemsize, *values.strides))


def sum_rows(values: Array) -> Array:
    """Return the sum of the rows of (n_rows, n): halves are added until one row is left.

    An odd row out waits for the end. The order depends on `n_rows` alone.
    """
    n_rows = values.shape[0]
    odd = []
    while n_rows > 1:
        if n_rows % 2:
            odd.append(values[-1])
        n_rows //= 2
        values = values[:n_rows] + values[n_rows : 2 * n_rows]
    total = values[0]
    for row in reversed(odd):
        total = total + row
    return total


def stack_rows(*rows: Array) -> Array:
    """Return series (n,) as the rows of one array; `np.stack` takes longer to think than to copy."""
    stacked = np.empty((len(rows), rows[0].size))
    for place, row in enumerate(rows):
        stacked[place] = row
    return stacked
