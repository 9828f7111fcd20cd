import json

import pytest
from gunicorn.http import errors as gunicorn_errors
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, TooManyRequests

from lockstep.errors import InvalidInput, LockstepError, MissingBars, Problem, UnknownModel, UnknownSymbol
from lockstep.runtimes.gunicorn.refusals import describe_refusal, write_refusal
from lockstep.scoring import kinds
from lockstep.scoring.errors import RequestError, describe
from lockstep.scoring.kinds import (
    CHOICE,
    EVERY_ROUTE,
    KINDS,
    LIMITED,
    MALFORMED,
    NEGOTIATED,
    NO_ROUTE,
    SCORING,
    WITH_KEY,
    kinds_of,
)
from lockstep.scoring.problems import MAX_DETAIL_CHARACTERS, ProblemAnswer
from lockstep.web.errors import describe_framework_error


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(kind.when and kind.title and 400 <= kind.status < 600 for kind in KINDS)


def test_every_kind_that_is_declared_is_listed_in_the_order_declared() -> None:
    assert [member for member in vars(kinds).values() if isinstance(member, kinds.Kind)] == list(KINDS)


def test_every_kind_belongs_to_routes_and_has_a_remedy() -> None:
    assert all(kind.remedy for kind in KINDS)
    assert len(KINDS) > 15
    assert set(kinds_of(EVERY_ROUTE, NO_ROUTE, WITH_KEY, LIMITED, SCORING, CHOICE, NEGOTIATED)) == set(KINDS)


def test_a_long_detail_is_cut() -> None:
    body = json.loads(describe(RequestError(MALFORMED, "x" * 10_000)).encode("id"))
    assert len(body["detail"]) == len(body["message"]) == MAX_DETAIL_CHARACTERS
    assert body["detail"].endswith("x…")


@pytest.mark.parametrize(
    ("error", "code", "members"),
    [
        (InvalidInput([Problem(0, "close", "wrong")]), "invalid-input", {"problems", "total"}),
        (MissingBars("gap", range(50), ["2020-01-02"], 3), "missing-bars",
         {"rows", "total_rows", "missing_sessions", "total"}),
        (UnknownModel("no model"), "unknown-model", set()),
        (UnknownSymbol("no symbol"), "unknown-symbol", set()),
        (HTTPException(), "internal", set()),
        (ZeroDivisionError("inside"), "internal", set()),
        (LockstepError("inside"), "internal", set()),
    ],
)  # fmt: skip
def test_an_error_has_its_code_and_members(error: Exception, code: str, members: set[str]) -> None:
    body = json.loads(describe(error).encode("id"))
    common = {"type", "title", "status", "detail", "code", "message", "request_id"}
    assert (body["code"], set(body) - common) == (code, members)
    assert "inside" not in body["detail"]


@pytest.mark.parametrize(
    ("error", "code"),
    [(NotFound(), "not-found"), (MethodNotAllowed(["POST"]), "method-not-allowed"), (TooManyRequests(), "bad-request")],
)
def test_what_the_framework_refuses_is_a_problem(error: Exception, code: str) -> None:
    problem = describe_framework_error(error)
    assert problem is not None
    assert (problem.kind.code, "Allow" in problem.headers) == (code, code == "method-not-allowed")


@pytest.mark.parametrize("error", [HTTPException(), ZeroDivisionError(), RequestError(MALFORMED, "x")])
def test_any_other_error_is_not_the_frameworks(error: Exception) -> None:
    assert describe_framework_error(error) is None


def test_rows_beyond_those_listed_are_counted() -> None:
    body = json.loads(describe(MissingBars("gap", range(50), [], 3)).encode("id"))
    assert (len(body["rows"]), body["total_rows"]) == (20, 50)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (gunicorn_errors.InvalidRequestLine("GET"), "bad-request"),
        (gunicorn_errors.InvalidHeader("X"), "bad-request"),
        (gunicorn_errors.LimitRequestHeaders("many"), "headers-too-large"),
        (gunicorn_errors.InvalidResponseHeader("X"), "internal"),
        (gunicorn_errors.InvalidResponseHeaderName("X"), "internal"),
        (RuntimeError("inside"), "internal"),
    ],
)
def test_what_gunicorn_raises_is_a_problem_and_repeats_nothing(error: Exception, code: str) -> None:
    request_id, answer = write_refusal(describe_refusal(error))
    head, _, body = answer.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert (told["code"], told["request_id"]) == (code, request_id)
    assert f"Content-Length: {len(body)}".encode() in head
    assert f"X-Request-Id: {request_id}".encode() in head
    assert b"inside" not in body


def test_every_kind_can_be_answered() -> None:
    for kind in KINDS:
        assert json.loads(ProblemAnswer(kind, "detail").encode(None))["type"] == f"urn:lockstep:problem:{kind.code}"
