from collections.abc import Mapping

import pytest

from lockstep.parity.answers import Reply
from lockstep.parity.doors.body import HEAD_LENGTH, find_body_faults


def compare(expected: bytes, served: bytes, headers: Mapping[str, str] | None = None) -> tuple[str, ...]:
    return find_body_faults(expected, Reply("POST /", 200, headers or {}, served))


def test_bodies_that_say_the_same_are_equal_however_they_are_laid_out() -> None:
    assert compare(b'{"a":[1.0,null],"b":"x"}', b'{"b": "x", "a": [1.0, null]}') == ()


@pytest.mark.parametrize(
    ("served", "fault"),
    [
        (b'{"a":[1.0,2.5]}', "the answer, a, 1: expected 2.0, served 2.5"),
        (b'{"a":[1.0,2]}', "the answer, a, 1: expected 2.0, served 2"),
        (b'{"a":[1.0]}', "the answer, a: expected [1.0,2.0], served [1.0]"),
        (b'{"a":[1.0,2.0],"c":1}', "the answer, c is not expected"),
        (b"{}", "the answer, a is not there"),
        (b'{"a":[1.0,2.0],"a":[1.0,2.0]}', "an object of the answer has the member 'a' more than once"),
        (b'{"a":[1.0,2.0', 'the body differs from byte 13 on: expected "]}", served ""'),
    ],
)
def test_the_smallest_value_that_differs_is_named(served: bytes, fault: str) -> None:
    assert compare(b'{"a":[1.0,2.0]}', served) == (fault,)


def test_bytes_behind_the_json_are_compared() -> None:
    headers = {HEAD_LENGTH: "8"}
    assert compare(b'{"a": 1}\0\1', b'{"a": 1}\0\1', headers) == ()
    assert len(compare(b'{"a": 1}\0\1', b'{"a": 1}\0\2', headers)) == 1
    assert len(compare(b'{"a": 1}\0\1', b'{"a": 2}\0\2', headers)) == 2


def test_text_is_compared_as_it_is() -> None:
    assert compare(b"north", b"south") == ('the body differs from byte 0 on: expected "north", served "south"',)
