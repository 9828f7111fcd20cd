import pytest

from lockstep.parity.split.callers import Callers, check_header
from lockstep.parity.split.shares import BadSplit

FIRST, SECOND = "a" * 64, "b" * 64


def make_callers(seed: int = 1) -> Callers:
    return Callers("x-caller", seed, frozenset({FIRST, SECOND}))


def test_values_are_new_and_follow_from_the_seed() -> None:
    callers, again, other = make_callers(), make_callers(), make_callers(seed=2)
    drawn = [callers.draw() for _ in range(50)]
    assert len(set(drawn)) == 50
    assert drawn == [again.draw() for _ in range(50)] != [other.draw() for _ in range(50)]


def test_a_version_is_reached_again_by_each_of_its_values() -> None:
    callers = make_callers()
    for value, digest in (("one", FIRST), ("two", SECOND), ("three", FIRST), ("one", FIRST)):
        callers.note(value, digest)
    assert {callers.recall(FIRST) for _ in range(4)} == {"one", "three"}
    assert (callers.recall(SECOND), make_callers().recall(FIRST)) == ("two", None)
    assert callers.moved == []


def test_an_answer_of_another_version_than_the_first_is_a_move() -> None:
    callers = make_callers()
    for digest in (FIRST, SECOND, FIRST, SECOND):
        callers.note("one", digest)
    callers.note("one", "no version that is expected")
    assert (callers.first, callers.moved) == ({"one": FIRST}, [("one", SECOND)] * 2)


@pytest.mark.parametrize("header", ["", "x caller", "X-Api-Key", "content-type", "x-lockstep:"])
def test_a_header_that_tells_no_callers_apart_is_refused(header: str) -> None:
    with pytest.raises(BadSplit, match="is no header that a run can give any value"):
        check_header(header)
