"""What a run counts behind one address, with stand-ins for the versions: an answer is its digest."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from lockstep.parity.answers import ServiceUnreachable
from lockstep.parity.compare import Comparison
from lockstep.parity.split.callers import Callers
from lockstep.parity.split.checks import ask_shares, check_origin, check_sticky
from lockstep.parity.split.client import Aim, ArmClient
from lockstep.parity.split.shares import BadSplit
from lockstep.parity.split.split import Arm, Split, check_arms
from lockstep.parity.subjects import make_subject
from qa.in_process import Wsgi
from tests.parity.splitters import STICKY_HEADER, ByTurns, Splitter
from tests.unit.parity.split.conftest import MODEL, Reach

THIRD = "3" * 64


def answer_as(digest: str) -> Wsgi:
    """Return an app that answers everything with a digest."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("X-Model-Digest", digest)] if digest else [])
        return [b"{}"]

    return answer


def open_split(url: str, arms: Sequence[Arm], *, sticky: bool = False) -> Split:
    callers = Callers(STICKY_HEADER, 1, frozenset(arm.digest for arm in arms)) if sticky else None
    client = ArmClient(url, None, Aim(callers=callers))
    client.model = MODEL
    return Split(client, make_subject(client, arms[0].bundle, 1), tuple(arms))


def count(splitter: Wsgi, reach: Reach, arms: Sequence[Arm], *, sticky: bool = False) -> tuple[Split, Comparison]:
    split = open_split(reach(splitter), arms, sticky=sticky)
    return split, ask_shares(split)


@pytest.fixture(scope="module")
def stubs(arms: tuple[Arm, ...]) -> list[Wsgi]:
    return [answer_as(arm.digest) for arm in arms]


@pytest.mark.parametrize("kind", [Splitter, ByTurns])
@pytest.mark.parametrize("sticky", [False, True])
def test_shares_as_asked_are_agreed_with(
    kind: type[Splitter], sticky: bool, stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    split, compared = count(kind(stubs, (3, 1)), reach, arms, sticky=sticky)
    assert (compared.findings, check_origin(split).findings) == ([], [])
    assert split.answers.total() == compared.compared == 1000
    assert set(split.answers) == {arm.digest for arm in arms}


@pytest.mark.parametrize("weights", [(1, 3), (1, 1), (7, 1), (1, 0)])
def test_shares_that_are_not_as_asked_are_found(
    weights: tuple[int, int], stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    _, compared = count(Splitter(stubs, weights), reach, arms)
    assert [finding.split(" gave ")[0] for finding in compared.findings] == [str(arm) for arm in arms]
    assert "expected 25.00%: from 183 to 321" in compared.findings[1]


@pytest.mark.parametrize(("digest", "named"), [(THIRD, THIRD), ("", "a service that does not say what it runs")])
def test_a_version_that_is_not_expected_is_named(
    digest: str, named: str, stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    split, _ = count(Splitter([*stubs, answer_as(digest)], (150, 49, 1)), reach, arms)
    [finding] = check_origin(split).findings
    assert finding == f"{split.answers[digest]} answers came from {named}"


def test_callers_that_stay_are_agreed_with(stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach) -> None:
    split, _ = count(Splitter(stubs, (3, 1)), reach, arms, sticky=True)
    compared = check_sticky(split)
    assert (compared.findings, compared.compared) == ([], 1000)


@pytest.mark.parametrize("splitter", [ByTurns, lambda arms, weights: Splitter(arms, weights, keeps=False)])
def test_callers_that_are_moved_are_found(
    splitter: Callable[..., Wsgi], stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    split, _ = count(splitter(stubs, (3, 1)), reach, arms, sticky=True)
    findings = check_sticky(split).findings
    assert len(findings) > 100
    assert "was answered by champion (flats/1), and by challenger (flats/2)" in "; ".join(findings)


def test_a_caller_that_is_moved_once_in_a_hundred_requests_is_found(
    stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    keeping, losing = Splitter(stubs, (3, 1)), Splitter(stubs, (3, 1), keeps=False)
    split, _ = count(Splitter([keeping, losing], (98, 2), keeps=False), reach, arms, sticky=True)
    assert check_sticky(split).findings


def aim(split: Split, number: int, tries: int) -> ArmClient:
    arm = split.arms[number]
    others = frozenset(split.shares) - {arm.digest}
    return ArmClient("http://in-process", None, Aim(arm.digest, others, tries, split.callers))


def test_a_version_is_asked_until_it_answers(stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach) -> None:
    split = open_split(reach(ByTurns(stubs, (3, 1))), arms)
    client = aim(split, 1, 4)
    for _ in range(5):
        assert client.send("POST", "/v1/predict", b"{}").headers["X-Model-Digest"] == arms[1].digest
    assert (client.most_tries, client.digests) == (4, {(True, arms[1].digest): 5})
    assert (client.passed_over, len(client.timings)) == (5 * 3 - 1, 5)  # the first turn is the second one's


def test_a_version_that_never_answers_ends_the_tries(stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach) -> None:
    client = aim(open_split(reach(Splitter(stubs, (1, 0))), arms), 1, 6)
    with pytest.raises(ServiceUnreachable, match="each of 6 answers came from another version"):
        client.send("POST", "/v1/predict", b"{}")
    assert client.passed_over == 6


def test_a_caller_of_a_version_reaches_it_at_once(stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach) -> None:
    split, _ = count(Splitter(stubs, (3, 1)), reach, arms, sticky=True)
    client = aim(split, 1, 50)
    for _ in range(20):
        client.send("POST", "/v1/predict", b"{}")
    assert (client.passed_over, client.most_tries) == (0, 1)


def test_an_answer_that_no_version_gave_is_taken_and_compared(
    stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    client = aim(open_split(reach(Splitter([*stubs, answer_as(THIRD)], (0, 0, 1))), arms), 1, 50)
    assert client.send("POST", "/v1/predict", b"{}").headers["X-Model-Digest"] == THIRD
    assert client.digests == {(True, THIRD): 1}


def test_a_version_that_answers_less_than_expected_is_tried_more_often(
    stubs: list[Wsgi], arms: tuple[Arm, ...], reach: Reach
) -> None:
    right, few = open_split(reach(Splitter(stubs, (3, 1))), arms), open_split(reach(Splitter(stubs, (99, 1))), arms)
    before = right.aim(arms[1]).tries
    reach(Splitter(stubs, (99, 1)))
    ask_shares(few)
    assert before == 73
    assert few.aim(arms[1]).tries > 5 * before


def test_versions_of_the_same_bytes_are_refused(arms: tuple[Arm, ...]) -> None:
    twin = Arm("twin", 3, 1, arms[0].bundle)
    with pytest.raises(BadSplit, match=r"champion \(flats/1\) and twin \(flats/3\) have the same digest"):
        check_arms([*arms, twin])
