"""A problem as the protocol's clients show it: JSON with a member `error`, beside the members of every problem."""

import msgspec

from lockstep.doors.door import JSON, Encoded
from lockstep.scoring.problems import ProblemAnswer


def encode_problem(problem: ProblemAnswer, request_id: str) -> Encoded:
    """Return a problem; the client of KServe reads it as `application/json` only."""
    members = msgspec.json.decode(problem.encode(request_id))
    body = msgspec.json.encode({"error": members["detail"], **members})
    return Encoded(body, JSON, problem.kind.status, problem.headers)
