"""Tensors as clients of the Open Inference Protocol write and read them: datatypes, JSON and bytes."""

import json
import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from lockstep.parity.difference import Value
from lockstep.parity.draws import Draws
from lockstep.parity.spelling import LARGEST_WHOLE

BYTES, BOOL, FP64, FP32 = "BYTES", "BOOL", "FP64", "FP32"
FLOATS = (FP64, FP32)
FORMATS = {
    FP64: "<f8", FP32: "<f4", "INT64": "<i8", "INT32": "<i4", "INT16": "<i2", "INT8": "i1",
    "UINT64": "<u8", "UINT32": "<u4", "UINT16": "<u2", "UINT8": "u1", BOOL: "?",
}  # fmt: skip
"""An element in bytes, as NumPy names it."""
JSON_TYPES: dict[str, Any] = {BYTES: str, BOOL: bool, FP64: (float, int), FP32: (float, int)}
"""What stands in JSON for an element; for all other datatypes a whole number."""
LENGTH = struct.Struct("<I")
"""Before each element of BYTES: how many bytes it has."""

Element = Value | None


def draw_datatype(elements: Sequence[Element], draws: Draws) -> str:
    """Return a datatype that holds the numbers as they are; FP64, which holds all, more often than the others."""
    return FP64 if draws.chance(2) else draws.choose(list_datatypes(elements))


def list_datatypes(elements: Sequence[Element]) -> list[str]:
    """Return the datatypes that hold the numbers to the bit; None stands for a missing one."""
    numbers = np.array([element for element in elements if element is not None], np.float64)
    largest = np.abs(numbers).max(initial=0.0)
    possible = FORMATS if largest < LARGEST_WHOLE else FLOATS
    return [name for name in possible if _holds(name, numbers)]


def _holds(datatype: str, numbers: np.ndarray) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        return numbers.astype(FORMATS[datatype]).astype(np.float64).tobytes() == numbers.tobytes()


def write_elements(elements: Sequence[Element], texts: Sequence[str], datatype: str) -> Sequence[str]:
    """Return the elements as JSON text: as they are spelled, but whole numbers and truth as such."""
    if datatype in (BYTES, *FLOATS):
        return texts
    write = bool if datatype == BOOL else int
    return ["null" if element is None else json.dumps(write(element)) for element in elements]


def can_pack(elements: Sequence[Element], datatype: str) -> bool:
    """Return whether bytes hold the elements; a missing one is NaN, which is no text and no whole number."""
    return datatype in FLOATS or None not in elements


def pack(elements: Sequence[Element], datatype: str) -> bytes:
    """Return the elements in bytes."""
    if datatype == BYTES:
        written = [str(element).encode() for element in elements]
        return b"".join(LENGTH.pack(len(element)) + element for element in written)
    numbers = [np.nan if element is None else element for element in elements]
    return np.array(numbers, np.float64).astype(FORMATS[datatype]).tobytes()


def unpack(octets: bytes, datatype: str) -> list[Element]:
    """Return the elements in bytes, NaN as None; raise `ValueError` unless the bytes are those of whole elements."""
    if datatype != BYTES:
        return _mark_missing(np.frombuffer(octets, FORMATS[datatype]).tolist())
    elements: list[Element] = []
    begin = 0
    while begin < len(octets):
        size = int.from_bytes(octets[begin : begin + LENGTH.size], "little")
        begin += LENGTH.size + size
        if begin > len(octets):
            raise ValueError("an element goes on beyond its tensor")
        elements.append(octets[begin - size : begin].decode())
    return elements


def read_elements(data: list[Any], datatype: str) -> list[Element]:
    """Return the elements of flat or nested data; raise `ValueError` for one that is not of the datatype."""
    flat = list(chain.from_iterable(data)) if data and all(isinstance(row, list) for row in data) else data
    expected = JSON_TYPES.get(datatype, int)
    for element in flat:
        is_truth = isinstance(element, bool)
        if element is not None and (not isinstance(element, expected) or is_truth != (datatype == BOOL)):
            raise ValueError(f"{element!r} is no {datatype}")
    is_float = datatype in FLOATS
    return _mark_missing([float(element) if is_float and element is not None else element for element in flat])


def _mark_missing(elements: list[Any]) -> list[Element]:
    return [None if element != element else element for element in elements]  # noqa: PLR0124 -- NaN alone differs
