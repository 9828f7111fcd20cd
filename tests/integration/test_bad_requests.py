"""Every kind of bad input, sent to the real process, and the page that documents the answers."""

import pytest

from lockstep.scoring.kinds import KINDS
from tests.api_tables import write_pages
from tests.bad_requests import BadRequest, bad_requests, send, with_member

STATUS = {kind.code: kind.status for kind in KINDS}
CASES = [(bad, path) for bad in bad_requests() for path in bad.paths]
MAX_BODY_BYTES = 6000
"""Twenty problems of bounded text; what was sent is never repeated at length."""


@pytest.mark.parametrize(("bad", "path"), CASES, ids=[f"{bad.what} {path}" for bad, path in CASES])
def test_bad_input_has_its_status_code_and_request_id(service_url: str, bad: BadRequest, path: str) -> None:
    answer = send(service_url, bad.encode(path))
    problem = answer.problem
    assert (problem["code"], problem["status"], answer.status) == (bad.code, STATUS[bad.code], STATUS[bad.code])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert len(answer.body) < MAX_BODY_BYTES
    assert problem["message"] == ("no data" if bad.code == "empty" else problem["detail"])


def test_the_documented_tables_are_what_the_code_says_and_the_service_answers(service_url: str) -> None:
    for path, page in write_pages(service_url).items():
        assert path.read_text() == page, f"python -m tests.api_tables writes {path.name} anew"


@pytest.mark.parametrize("length", [3_000_000])
def test_a_member_name_of_3_mb_is_not_repeated(service_url: str, length: int) -> None:
    bad = BadRequest("", "malformed", with_member("x" * length, 1))
    assert len(send(service_url, bad.encode("/forecast")).body) < MAX_BODY_BYTES


def test_a_compressed_body_is_told_what_to_send(service_url: str) -> None:
    [bad] = [bad for bad in bad_requests() if bad.code == "content-encoding"]
    assert send(service_url, bad.encode("/forecast")).headers["accept-encoding"] == "identity"
