"""The bytes of a form: what is not exactly what is written is refused, without a crash or a large allocation."""

import tracemalloc
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.errors import InvalidBundle
from lockstep.predict.exact.composition import Branch, Branches
from lockstep.predict.exact.encoding import OneHot
from lockstep.predict.exact.forms import LAYOUT, ExactForm, decode_form, encode_form
from lockstep.predict.exact.imputing import Imputer
from lockstep.predict.exact.lookup import Lookup
from lockstep.predict.exact.scaling import MinMax, Standard
from lockstep.predict.exact.target import TimesPlus
from lockstep.predict.exact.terms import Terms
from lockstep.predict.exact.tree import TreeRegressor

NODE = np.array([-1], np.int32)
LEAF = TreeRegressor(
    np.array([0, 1]), NODE, NODE, NODE, np.zeros(1), np.zeros(1, bool), takes_missing=False, value=np.array([0.5])
)
WORDS = Lookup(["a", "b"], np.array([0.0, 1.0]), -1.0, None)
EVERYTHING = ExactForm(
    LAYOUT,
    Standard(np.array([1.0, -0.0]), np.array([2.0, 3.0])),
    [
        Branches([Branch(None, [Imputer([1.0, None], np.array([0, 1]))], 0.5), Branch(np.array([1]), [])]),
        MinMax(np.ones(2), None, (-1.0, 1.0)),
        Terms(np.array([0, 1]), np.array([2, 2])),
        OneHot([WORDS, Lookup([1.0, 2.5], np.array([2.0, 3.0]), None, -1.0)], 4),
    ],
    LEAF,
    [TimesPlus(2.0, None)],
)
CONTENT = encode_form(EVERYTHING)
ONE_TREE = encode_form(ExactForm(LAYOUT, None, [], LEAF))
LARGEST_REFUSAL_BYTES = 1_000_000


def with_array(packed: Any) -> bytes:
    """Return the bytes of a scaler whose center is `packed`."""
    content = msgspec.msgpack.decode(encode_form(ExactForm(LAYOUT, Standard(np.zeros(2), np.ones(2)), [], LEAF)))
    content["scaler"]["center"] = packed
    return msgspec.msgpack.encode(content)


def test_a_form_is_what_its_bytes_say() -> None:
    assert encode_form(decode_form(CONTENT)) == CONTENT


def test_decoded_arrays_cannot_be_written_to() -> None:
    scaler = decode_form(CONTENT).scaler
    assert isinstance(scaler, Standard)
    assert scaler.scale is not None
    assert not scaler.scale.flags.writeable


@pytest.mark.parametrize(
    "packed",
    [
        ["<f8", [3], bytes(16)],
        ["<f8", [2], bytes(15)],
        ["<f8", [-1], bytes(16)],
        ["<f8", [-2, -1], bytes(16)],
        ["<f8", [2**62], bytes(16)],
        ["<f8", [2**64 - 1], bytes(16)],
        ["<f8", [0, 2**64 - 1], b""],
        ["<f8", [0, 2**62], b""],
        ["<f8", [1] * 40 + [2], bytes(16)],
        ["<f8", [2.0], bytes(16)],
        [">f8", [2], bytes(16)],
        ["<f2", [8], bytes(16)],
        ["|O", [2], bytes(16)],
        ["<U4", [1], bytes(16)],
        ["<M8[D]", [2], bytes(16)],
        ["f8,f8", [1], bytes(16)],
        ["|b1", [2], b"\x00\x02"],
        ["<f8", [2], bytes(16), None],
        ["<f8", [2]],
        "center",
        [],
        7,
    ],
)
def test_an_array_that_is_none_is_refused(packed: Any) -> None:
    content = with_array(packed)
    with pytest.raises(InvalidBundle, match="exact form"):
        decode_form(content)


def test_an_array_that_fills_its_shape_is_read() -> None:
    scaler = decode_form(with_array(["<f8", [2], bytes(16)])).scaler
    assert isinstance(scaler, Standard)
    assert scaler.center is not None
    assert scaler.center.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        CONTENT[:-1],
        CONTENT + b"\x00",
        CONTENT + CONTENT,
        msgspec.msgpack.encode(7),
        msgspec.msgpack.encode({}),
        msgspec.json.encode({"layout": 1}),
        msgspec.msgpack.encode({**msgspec.msgpack.decode(ONE_TREE), "extra": 1}),
        msgspec.msgpack.encode(dict(reversed(msgspec.msgpack.decode(ONE_TREE).items()))),
        ONE_TREE.replace(b"tree_regressor", b"tree_regresson"),
        ONE_TREE.replace(b"\xa6layout\x01", b"\xa6layout\xcd\x00\x01"),  # the same number in more bytes
        b"\xdd\xff\xff\xff\xff",  # a list of 2**32 - 1 items, none of which follow
        b"\xc6\xff\xff\xff\xff",  # as many bytes
        b"\x91" * 100_000,
        ONE_TREE.replace(b"\xa6layout\x01", b"\xa6layout" + b"\x91" * 100_000),
    ],
)
def test_other_bytes_are_refused_at_once(content: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InvalidBundle, match="exact form"):
            decode_form(content)
        assert tracemalloc.get_traced_memory()[1] < LARGEST_REFUSAL_BYTES
    finally:
        tracemalloc.stop()


def test_another_layout_is_refused_by_its_number() -> None:
    with pytest.raises(InvalidBundle, match="has layout 2; this version reads 1"):
        decode_form(encode_form(msgspec.structs.replace(EVERYTHING, layout=2)))


@pytest.mark.parametrize("depth", [5, 100, 10_000])
def test_deep_nesting_ends_in_a_refusal_or_a_form(depth: int) -> None:
    branches = b"\x82\xa4type\xa8branches\xa8branches\x91\x83\xa7columns\xc0\xa5steps\x91"
    end = b"\x82\xa4type\xa8branches\xa8branches\x90"
    content = ONE_TREE.replace(b"\xa5steps\x90", b"\xa5steps\x91" + branches * depth + end + b"\xa6weight\xc0" * depth)
    try:
        form = decode_form(content)
    except InvalidBundle:
        return
    if depth <= 5:
        form.steps[0].compile(("number",))
    else:
        with pytest.raises(InvalidBundle, match="nested more than"):
            form.steps[0].compile(("number",))


def test_nothing_but_arrays_of_known_types_is_written() -> None:
    with pytest.raises(NotImplementedError, match="object"):
        encode_form(ExactForm(LAYOUT, Standard(np.array([None]), None), [], LEAF))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_another_form(place: int, change: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] ^= change
    try:
        form = decode_form(bytes(changed))
    except InvalidBundle:
        return
    assert encode_form(form) == bytes(changed)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidBundle):
        decode_form(content)
