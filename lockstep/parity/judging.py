"""Send one request, and compare all of the answer with what this side answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from lockstep.errors import LockstepError
from lockstep.parity.answers import OK, ROWS, Answer, Reply, read_answer, read_json
from lockstep.parity.compare import Comparison, compare_outputs, confirm_outputs
from lockstep.parity.difference import Divergence, Value
from lockstep.parity.doors.judging import judge_columns
from lockstep.parity.local import PLAIN, open_door
from lockstep.parity.members import find_header_faults, find_member_faults, find_repeated_members
from lockstep.parity.posted import Posted
from lockstep.parity.reference import Reference
from lockstep.parity.refusals import find_refusal_faults
from lockstep.parity.subject import Subject
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.stages import LEAF, PREDICTION
from lockstep.scoring.errors import describe
from lockstep.scoring.problems import ProblemAnswer


def ask(subject: Subject, posted: Posted) -> Comparison:
    """Return the comparison of the answer to a request: its outputs, stages, other members and headers."""
    found = judge(subject, posted, send(subject, posted))
    return replace(found, posted=posted) if found.findings else found


def send(subject: Subject, posted: Posted) -> Reply:
    """Return the response to a request."""
    sent = posted.sent
    return subject.client.send("POST", sent.path, sent.body, sent.headers, n_rows=len(posted.rows))


def judge(subject: Subject, posted: Posted, response: Reply) -> Comparison:
    """Return the comparison of a response with what is expected; raise `UnexpectedAnswer` if it is no prediction."""
    try:
        reference = subject.expect(posted)
    except LockstepError as error:
        return Comparison(1, faults=_find_refusal_faults(subject, posted, response, describe(error)))
    if subject.protocol is None:
        compared = _compare_own(subject, posted, reference, response)
    else:
        compared = judge_columns(subject, subject.protocol, posted, reference, response)
    leaves = frozenset(reference.stages.get(LEAF, np.zeros(0, np.int64)).tolist())
    return replace(compared, leaves=leaves)


def _find_refusal_faults(subject: Subject, posted: Posted, response: Reply, problem: ProblemAnswer) -> tuple[str, ...]:
    """Return what of a response is not the refusal; in what form others refuse, no protocol says."""
    if subject.is_ours:
        return find_refusal_faults(posted.sent, response, problem, open_door(posted.sent.path).encode_problem)
    return () if response.status_code != OK else (f"it was answered 200, expected a refusal: {problem.detail}",)


def _compare_own(subject: Subject, posted: Posted, reference: Reference, response: Reply) -> Comparison:
    """Return the comparison of an answer of our own API, its headers with it."""
    headers = find_header_faults(posted.sent, response, subject.version_header)
    if response.status_code == OK and response.content == _encode(subject, posted, reference, response):
        compared = confirm_outputs(_list_outputs(subject, posted, reference))
    else:
        compared = _compare_members(subject, posted, reference, response)
    return replace(compared, faults=(*headers, *compared.faults))


def _compare_members(subject: Subject, posted: Posted, reference: Reference, response: Reply) -> Comparison:
    """Return the comparison of an answer of other bytes: the numbers may be written otherwise, or not be guaranteed."""
    told = read_json(response)
    answer = read_answer(told, subject.list_keys(posted.rows))
    wanted = set(reference.keys)  # neither side predicts the rows that were posted as look-back
    wanted |= {key for key, value in zip(answer.keys, answer.predictions, strict=True) if value is not None}
    outputs, answered = _list_outputs(subject, posted, reference), answer.restrict(wanted)
    guarantees = {column: subject.demand.of_column(column) for column in outputs}
    compared = compare_outputs(outputs, answered.keys, answered.outputs, guarantees)
    content = _encode(subject, posted, take_answered(reference, answer, compared), response)
    expected = msgspec.json.decode(content)
    faults = find_repeated_members(response.content)
    faults += find_member_faults(expected, told, has_all_stages=_has_all_stages(subject))
    divergences = _compare_stages(subject, reference, expected.get("trace"), told.get("trace"))
    return replace(compared, faults=(*faults, *compared.faults), divergences=divergences)


def _list_outputs(subject: Subject, posted: Posted, reference: Reference) -> dict[str, dict[str, Value]]:
    if posted.sent.path == PLAIN:  # which has no other outputs
        reference = replace(reference, stages={PREDICTION: reference.stages[PREDICTION]})
    return reference.list_outputs(subject.bundle.manifest.classes)


def take_answered(reference: Reference, answer: Answer, compared: Comparison) -> Reference:
    """Return the reference with the answered predictions, from which the answer's prices have to follow."""
    if not (compared.differences or compared.tolerated):
        return reference
    answered = dict(zip(answer.keys, answer.predictions, strict=True))
    values: list[Value | None] = [answered.get(key) for key in reference.keys]
    if not all(isinstance(value, float) for value in values):
        return reference
    return replace(reference, stages={**reference.stages, PREDICTION: np.array(values, np.float64)})


def _encode(subject: Subject, posted: Posted, reference: Reference, response: Reply) -> bytes:
    request_id = response.headers.get("X-Request-Id", "")
    return subject.local.encode(posted, subject.number(posted.rows), reference.forecast, request_id)


def _has_all_stages(subject: Subject) -> bool:
    """Return whether the service goes through the stages of this side."""
    return subject.demand.is_exact == isinstance(subject.bundle.model, ExactModel)


def _compare_stages(subject: Subject, reference: Reference, local: Any, served: Any) -> tuple[Divergence, ...]:
    """Return the first stage that differs in each row; another `rows` is a fault of the members."""
    if not isinstance(local, Mapping) or not isinstance(served, Mapping) or local[ROWS] != served.get(ROWS):
        return ()
    compared = [stage for stage in subject.demand.stages if stage in local]
    apart = [stage for stage in compared if _write(local[stage]) != _write(served.get(stage))]
    found = []
    for row, key in enumerate(reference.keys if apart else ()):
        differing = (stage for stage in apart if _write(local[stage][row]) != _write(_find_row(served, stage, row)))
        if stage := next(differing, None):
            found.append(Divergence(key, stage))
    return tuple(found)


def _find_row(trace: Mapping[str, Any], stage: str, row: int) -> Any:
    return trace[stage][row] if stage in trace else None


def _write(value: Any) -> bytes:
    return msgspec.json.encode(value)
