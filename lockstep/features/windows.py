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

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def window_sums(values: Array, widths: Sequence[int]) -> list[Array]:
    """Return the sum of every window, one array (..., n - width + 1) for each width."""
    return _fold_windows(np.add, values, widths)


def window_max(values: Array, width: int) -> Array:
    """Return the largest value of every window, (..., n - width + 1)."""
    return _fold_windows(np.maximum, values, [width])[0]


def _fold_windows(merge: np.ufunc, values: Array, widths: Sequence[int]) -> list[Array]:
    if values.shape[-1] < max(widths):
        raise ValueError(f"a window of {max(widths)} values does not fit into {values.shape[-1]}")
    blocks, size = [values], 1
    while 2 * size <= max(widths):
        blocks.append(merge(blocks[-1][..., :-size], blocks[-1][..., size:]))
        size *= 2
    return [_assemble_window(merge, blocks, width) for width in widths]


def _assemble_window(merge: np.ufunc, blocks: list[Array], width: int) -> Array:
    top = width.bit_length() - 1
    window, covered = blocks[top], 1 << top
    for power in range(top - 1, -1, -1):
        if width & 1 << power:
            newer = blocks[power][..., covered:]
            window = merge(window[..., : newer.shape[-1]], newer)
            covered += 1 << power
    return window


def exponential_means(values: Array, decays: Sequence[float], width: int) -> Array:
    """Return the weighted mean of every window, weights 1, d, d², … from the newest value back.

    `decays` holds one d for each row of `values` (n_series, n), or several for its only row; `width` is a
    power of two; the result is (n_decays, n - width + 1). The powers of d are made by multiplication, never by
    a power function.
    """
    decay = np.array(decays)[:, None]
    weighted, size, power = values, 1, decay
    while size < width:
        weighted = weighted[:, size:] + power * weighted[:, :-size]
        size, power = 2 * size, power * power
    return weighted * ((1.0 - decay) / (1.0 - power))


def lag_windows(values: Array, width: int) -> Array:
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
