"""The answer to bad input, compared with the problem that this side makes of it."""

from collections.abc import Callable

import msgspec

from lockstep.doors.door import Encoded
from lockstep.parity.answers import Reply, decode_json
from lockstep.parity.members import find_header_faults, find_member_faults, find_repeated_members
from lockstep.parity.posted import Sent
from lockstep.scoring.kinds import Kind
from lockstep.scoring.problems import ProblemAnswer

EncodeProblem = Callable[[ProblemAnswer, str], Encoded]
DETAILS = ("detail", "error", "message")
"""The members of a body, of one door or another, that say what is wrong."""


def find_refusal_faults(sent: Sent, response: Reply, problem: ProblemAnswer, encode: EncodeProblem) -> tuple[str, ...]:
    """Return what of a response is not the problem as its door writes it: status, headers, or a member of the body."""
    refused = encode(problem, response.headers.get("X-Request-Id", ""))
    if response.status_code != refused.status:
        return (_describe_status(response, refused.status, problem.kind),)
    faults = find_header_faults(sent, response, {**refused.headers, "Content-Type": refused.media_type})
    if refused.body == response.content:
        return faults
    expected, told = msgspec.json.decode(refused.body), decode_json(response)
    faults += find_repeated_members(response.content)
    return faults + find_member_faults(expected, told, has_all_stages=True)


def find_kind_faults(sent: Sent, response: Reply, kind: Kind, encode: EncodeProblem) -> tuple[str, ...]:
    """Return what of a response is not a problem of the kind, whose detail may be any."""
    status = encode(ProblemAnswer(kind, ""), "").status
    if response.status_code != status:
        return (_describe_status(response, status, kind),)
    try:
        told = msgspec.json.decode(response.content, type=dict)
    except (ValueError, RecursionError):
        return (f"it was answered {status} without a JSON object",)
    detail = next((str(told[name]) for name in DETAILS if name in told), "")
    faults = find_refusal_faults(sent, response, ProblemAnswer(kind, detail, headers=kind.headers), encode)
    return faults if detail else (*faults, "the member detail is empty")


def _describe_status(response: Reply, status: int, kind: Kind) -> str:
    return f"it was answered {response.status_code}, expected {status} {kind.code}"
