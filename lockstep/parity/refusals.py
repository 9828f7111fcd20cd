"""The answer to bad input, compared with the problem that this side makes of it."""

import msgspec

from lockstep.parity.answers import Reply, decode_json
from lockstep.parity.members import find_header_faults, find_member_faults, find_repeated_members
from lockstep.parity.posted import Sent
from lockstep.scoring.kinds import Kind
from lockstep.scoring.problems import MEDIA_TYPE, ProblemAnswer


def find_refusal_faults(sent: Sent, response: Reply, problem: ProblemAnswer) -> tuple[str, ...]:
    """Return what of a response is not the problem: status, headers, or a member of the body."""
    if response.status_code != problem.kind.status:
        return (_describe_status(response, problem.kind),)
    faults = find_header_faults(sent, response, {**problem.headers, "Content-Type": MEDIA_TYPE})
    content = problem.encode(response.headers.get("X-Request-Id"))
    if content == response.content:
        return faults
    expected, told = msgspec.json.decode(content), decode_json(response)
    faults += find_repeated_members(response.content)
    return faults + find_member_faults(expected, told, has_all_stages=True)


def find_kind_faults(sent: Sent, response: Reply, kind: Kind) -> tuple[str, ...]:
    """Return what of a response is not a problem of the kind, whose detail may be any."""
    if response.status_code != kind.status:
        return (_describe_status(response, kind),)
    try:
        detail = str(msgspec.json.decode(response.content, type=dict).get("detail", ""))
    except (ValueError, RecursionError):
        return (f"it was answered {kind.status} without a JSON object",)
    faults = find_refusal_faults(sent, response, ProblemAnswer(kind, detail, headers=kind.headers))
    return faults if detail else (*faults, "the member detail is empty")


def _describe_status(response: Reply, kind: Kind) -> str:
    return f"it was answered {response.status_code}, expected {kind.status} {kind.code}"
