import json

import pytest
from gunicorn.http import errors as gunicorn_errors
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from lockstep.errors import InvalidBars, LockstepError, MissingBars
from lockstep.errors import Problem as CellProblem
from lockstep.runtimes.gunicorn.refusals import describe_refusal, write_refusal
from lockstep.scoring import errors, problems
from lockstep.scoring.errors import RequestError, describe
from lockstep.scoring.problems import KINDS, MAX_DETAIL_CHARACTERS, Problem


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(kind.when and kind.title and 400 <= kind.status < 600 for kind in KINDS)


def test_every_kind_that_is_defined_is_in_the_registry() -> None:
    defined = [value for value in vars(problems).values() if isinstance(value, problems.Kind)]
    assert sorted(kind.code for kind in defined) == sorted(kind.code for kind in KINDS)


def test_every_error_of_the_app_is_of_a_kind_in_the_registry() -> None:
    raised = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, RequestError)]
    assert len(raised) > 6
    assert {error.kind for error in raised} <= set(KINDS)


def test_a_long_detail_is_cut() -> None:
    body = json.loads(describe(RequestError("x" * 10_000)).encode("id"))
    assert len(body["detail"]) == len(body["message"]) == MAX_DETAIL_CHARACTERS
    assert body["detail"].endswith("x…")


@pytest.mark.parametrize(
    ("error", "code", "members"),
    [
        (InvalidBars([CellProblem(0, "close", "wrong")]), "invalid-input", {"problems", "total"}),
        (MissingBars("gap", range(50), ["2020-01-02"], 3), "missing-bars",
         {"rows", "total_rows", "missing_sessions", "total"}),
        (NotFound(), "not-found", set()),
        (TooManyRequests(), "bad-request", set()),
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
        assert json.loads(Problem(kind, "detail").encode(None))["type"] == f"urn:lockstep:problem:{kind.code}"
