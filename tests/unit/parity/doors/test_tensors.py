import struct

import numpy as np
import pytest

from lockstep.parity.doors.tensors import (
    BYTES,
    FORMATS,
    can_pack,
    list_datatypes,
    pack,
    read_elements,
    unpack,
    write_elements,
)


@pytest.mark.parametrize(
    ("elements", "others"),
    [
        ([0.5, 2.0], {"FP32"}),
        ([0.1], set()),
        ([1.0, 0.0], {*FORMATS} - {"FP64"}),
        ([1.0, None], {*FORMATS} - {"FP64"}),
        ([-1.0, 3.0], {"FP32", "INT8", "INT16", "INT32", "INT64"}),
        ([300.0], {*FORMATS} - {"FP64", "BOOL", "INT8", "UINT8"}),
        ([-0.0], {"FP32"}),
        ([2.0**53], {"FP32"}),
        ([1e300], set()),
    ],
)
def test_a_datatype_holds_the_numbers_to_the_bit_or_is_not_taken(
    elements: list[float | None], others: set[str]
) -> None:
    assert set(list_datatypes(elements)) == {"FP64", *others}


@pytest.mark.parametrize("datatype", [*FORMATS, BYTES])
def test_elements_come_back_from_their_bytes(datatype: str) -> None:
    elements = ["", "é", "a\0b"] if datatype == BYTES else [1, 0, 1]
    assert unpack(pack(elements, datatype), datatype) == elements


def test_bytes_are_those_of_the_protocol() -> None:
    assert pack(["ab", "é"], BYTES) == b"\2\0\0\0ab\2\0\0\0\xc3\xa9"
    assert pack([1.5, None], "FP64") == struct.pack("<dd", 1.5, np.nan)
    assert pack([1, 0], "BOOL") == b"\1\0"
    assert pack([258], "INT64") == b"\2\1\0\0\0\0\0\0"


def test_a_missing_cell_has_bytes_as_a_float_alone() -> None:
    assert can_pack([1.0, None], "FP64")
    assert not can_pack([1.0, None], "INT64")
    assert not can_pack(["a", None], BYTES)
    assert unpack(pack([1.0, None], "FP32"), "FP32") == [1.0, None]


@pytest.mark.parametrize("octets", [b"\3\0\0\0ab", b"\3\0"])
def test_an_element_beyond_its_tensor_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="beyond its tensor"):
        unpack(octets, BYTES)


def test_whole_numbers_and_truth_are_spelled_as_such() -> None:
    assert write_elements([1.0, None], ["1.0", "null"], "INT64") == ["1", "null"]
    assert write_elements([1.0, 0.0], ["1.0", "0.0"], "BOOL") == ["true", "false"]
    assert write_elements([1.5], ["1.5e0"], "FP64") == ["1.5e0"]


@pytest.mark.parametrize(
    ("data", "datatype"),
    [(["1.5"], "FP64"), ([True], "FP64"), ([1], "BOOL"), ([1.0], "INT64"), ([1], BYTES), ([[1], 2], "INT64")],
)
def test_an_answer_of_another_type_than_it_says_is_found(data: list[object], datatype: str) -> None:
    with pytest.raises(ValueError, match=f"is no {datatype}"):
        read_elements(data, datatype)


def test_nested_data_are_read_row_by_row() -> None:
    assert read_elements([[0.25, 1], [None, 0.5]], "FP64") == [0.25, 1.0, None, 0.5]
