"""The datatypes of tensors, their bytes, and the whole numbers that each may hold."""

from typing import Any

import numpy as np

from lockstep.data.column import LARGEST_WHOLE

BOOL, INT64, FP32, FP64, BYTES = "BOOL", "INT64", "FP32", "FP64", "BYTES"
FLOATS = (FP64, FP32)
WHOLE = (INT64, "INT32", "INT16", "INT8", "UINT64", "UINT32", "UINT16", "UINT8")
NUMBERS = (*FLOATS, *WHOLE, BOOL)
DATATYPES = (*NUMBERS, BYTES)
"""Those that are taken: FP16 and BF16 have no numbers in JSON."""

ELEMENTS: dict[str, np.dtype[Any]] = {
    FP64: np.dtype("<f8"),
    FP32: np.dtype("<f4"),
    BOOL: np.dtype("u1"),
    **{name: np.dtype(name.lower()).newbyteorder("<") for name in WHOLE},
}
"""An element of each datatype in bytes; those of BYTES have lengths of their own."""


def find_limits(datatype: str) -> tuple[int, int]:
    """Return the smallest and the largest whole number that a tensor may hold, all of which a float64 holds too."""
    if datatype == BOOL:
        return 0, 1
    limits = np.iinfo(ELEMENTS[datatype])
    largest = int(LARGEST_WHOLE)
    return max(int(limits.min), -largest), min(int(limits.max), largest)
