"""The answer through a door, compared output by output, and with the bytes that our own door writes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from lockstep.doors.answers import PROBA_COLUMN
from lockstep.parity.answers import Answer, Reply, UnexpectedAnswer
from lockstep.parity.compare import Comparison, compare_outputs
from lockstep.parity.difference import Value
from lockstep.parity.doors.body import find_body_faults
from lockstep.parity.doors.protocol import Columns, Protocol
from lockstep.parity.members import find_header_faults
from lockstep.parity.posted import Posted
from lockstep.parity.reference import Reference
from lockstep.parity.subject import Subject
from lockstep.predict.stages import PREDICTION, PROBA

Kept = TypeVar("Kept")


def judge_columns(
    subject: Subject, protocol: Protocol, posted: Posted, reference: Reference, response: Reply
) -> Comparison:
    """Return the comparison of the outputs, as the protocol's reader finds them; if the door is ours, of all else too.

    Raises `UnexpectedAnswer` for an answer that is none of the protocol's.
    """
    # what else the model of another server answers, no protocol says
    wanted = posted.outputs if subject.is_ours else (PREDICTION,)
    columns = _keep(protocol.read(subject, posted, response), None if subject.is_ours else wanted)
    answer = _check_columns(columns, subject.list_keys(posted.rows))
    answered = answer.restrict({*reference.keys, *_find_predicted(answer)})
    outputs = _keep(reference.list_outputs(subject.bundle.manifest.classes), wanted)
    guarantees = {column: subject.demand.of_column(column) for column in outputs}
    compared = compare_outputs(outputs, answered.keys, answered.outputs, guarantees)
    if not subject.is_ours:
        return compared
    if compared.differences or compared.tolerated:
        probabilities = [PROBA_COLUMN.format(label) for label in subject.bundle.manifest.classes]
        reference = take_answered(reference, answered, probabilities)
    return replace(compared, faults=(*_find_other_faults(subject, posted, reference, response), *compared.faults))


def _keep(columns: Mapping[str, Kept], wanted: Sequence[str] | None) -> dict[str, Kept]:
    return {name: values for name, values in columns.items() if wanted is None or name in wanted}


def _find_other_faults(subject: Subject, posted: Posted, reference: Reference, response: Reply) -> tuple[str, ...]:
    """Return what of the headers and the body is not what our own door answers."""
    rows, request_id = subject.number(posted.rows), response.headers.get("X-Request-Id", "")
    expected = subject.local.answer(posted.sent, rows, reference.forecast, request_id)
    headers = {**expected.headers, "Content-Type": expected.media_type, **subject.version_header}
    return (*find_header_faults(posted.sent, response, headers), *find_body_faults(expected.body, response))


def _check_columns(columns: Columns, keys: list[str]) -> Answer:
    """Return the columns as an answer to the rows of these keys; raise `UnexpectedAnswer` for others."""
    if not columns:
        raise UnexpectedAnswer("the answer holds none of the outputs that were asked for")
    for name, values in columns.items():
        if len(values) != len(keys):
            raise UnexpectedAnswer(f"the answer holds {len(values)} values of {name} for {len(keys)} rows")
        if not all(isinstance(value, Value | None) for value in values):
            raise UnexpectedAnswer(f"the values of {name} are neither numbers nor labels")
    return Answer(keys, {name: list(values) for name, values in columns.items()})


def _find_predicted(answer: Answer) -> set[str]:
    """Return the keys with a value; rows that were posted as look-back have none on either side."""
    rows = zip(answer.keys, zip(*answer.outputs.values(), strict=True), strict=True)
    return {key for key, row in rows if any(value is not None for value in row)}


def take_answered(reference: Reference, answer: Answer, probabilities: Sequence[str]) -> Reference:
    """Return the reference with the answered outputs where they have the expected types.

    So that all else is compared with what follows from them: they differ and are reported already.
    """
    stages = dict(reference.stages)
    for name, values in answer.outputs.items():
        by_key = dict(zip(answer.keys, values, strict=True))
        taken = [by_key.get(key) for key in reference.keys]
        if name == PREDICTION and _are_alike(taken, stages[PREDICTION].tolist()):
            stages[PREDICTION] = np.array(taken)
        elif name in probabilities and _are_alike(taken, [0.0] * len(taken)):
            stages[PROBA] = stages[PROBA].copy()
            stages[PROBA][:, probabilities.index(name)] = taken
    return replace(reference, stages=stages)


def _are_alike(left: Sequence[Value | None], right: Sequence[Value | None]) -> bool:
    return [type(value) for value in left] == [type(value) for value in right]
