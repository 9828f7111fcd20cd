"""Frames of many series: each row has to be answered by its own series, whatever stands beside it."""

from dataclasses import replace
from typing import Any

import msgspec

from lockstep.bundles.evaluation import Y_PRED
from lockstep.data.bars import DATE
from lockstep.data.price_files.cells import SYMBOL
from lockstep.doors.door import Encoded
from lockstep.errors import LockstepError
from lockstep.parity.answers import IS_PROBA, Answer, Reply, UnexpectedAnswer, decode_json, read_columns
from lockstep.parity.asking import Requests
from lockstep.parity.compare import Comparison, compare_outputs, confirm_outputs, merge_comparisons
from lockstep.parity.frames import Frame, draw_frame
from lockstep.parity.judging import take_answered
from lockstep.parity.local import FORECAST, open_door
from lockstep.parity.members import find_header_faults, find_member_faults, find_repeated_members
from lockstep.parity.panel import FRAMES, PanelSubject
from lockstep.parity.reference import Reference
from lockstep.parity.refusals import find_refusal_faults
from lockstep.predict.stages import PREDICTION
from lockstep.scoring.errors import describe
from lockstep.scoring.many_series import ManySeriesAnswer

N_FRAMES = 32


def compare_frame(subject: PanelSubject, asked: Frame) -> Comparison:
    """Return the comparison of the answer to a frame: each row with that of its own series, and all else of it."""
    sent = asked.sent
    response = subject.client.send("POST", sent.path, sent.body, sent.headers, n_rows=asked.n_rows)
    try:
        local: ManySeriesAnswer = subject.local.score(sent)
    except LockstepError as error:
        encode = open_door(sent.path).encode_problem
        return Comparison(1, faults=find_refusal_faults(sent, response, describe(error), encode))
    references = {symbol: subject.pick(symbol).expect(asked.post_alone(symbol)) for symbol in local.answers}
    request_id = response.headers.get("X-Request-Id", "")
    expected = _encode(local, references, request_id)
    faults = find_header_faults(sent, response, subject.version_header)
    if response.status_code != expected.status:
        return Comparison(
            asked.n_rows, faults=(*faults, f"it was answered {response.status_code}, not {expected.status}")
        )
    if response.content == expected.body:
        parts = [_confirm(subject, symbol, each) for symbol, each in references.items()]
    else:
        parts, taken = _compare_rows(subject, asked, references, response)
        told, wanted = decode_json(response), msgspec.json.decode(_encode(local, taken, request_id).body)
        faults += find_repeated_members(response.content)
        faults += find_member_faults(wanted, told, has_all_stages=True)
    return merge_comparisons([*parts, Comparison(0, faults=faults)])


def _encode(local: ManySeriesAnswer, references: dict[str, Reference], request_id: str) -> Encoded:
    """Return what our door answers if the forecasts are these."""
    answers = {symbol: replace(each, forecast=references[symbol].forecast) for symbol, each in local.answers.items()}
    return open_door(FORECAST).encode(replace(local, answers=answers), request_id)


def _confirm(subject: PanelSubject, symbol: str, reference: Reference) -> Comparison:
    picked = subject.pick(symbol)
    return picked.name_rows(confirm_outputs(reference.list_outputs(picked.bundle.manifest.classes)))


def _compare_rows(
    subject: PanelSubject, asked: Frame, references: dict[str, Reference], response: Reply
) -> tuple[list[Comparison], dict[str, Reference]]:
    """Return the comparison of the rows of each series, and the references with the answered predictions."""
    columns, parts, taken = _read_frame(response, asked.n_rows), [], dict[str, Reference]()
    outputs = {PREDICTION if name == Y_PRED else name: columns[name] for name in columns if _is_output(name)}
    unanswered = set(range(asked.n_rows))
    for symbol, reference in references.items():
        picked, places = subject.pick(symbol), [asked.places[symbol][row] for row in reference.rows.tolist()]
        unanswered -= set(places)
        cells = {name: [values[place] for place in places] for name, values in outputs.items()}
        answer = Answer([str(columns[DATE][place]) for place in places], cells)
        expected = reference.list_outputs(picked.bundle.manifest.classes)
        guarantees = {column: picked.demand.of_column(column) for column in expected}
        found = compare_outputs(expected, answer.keys, answer.outputs, guarantees)
        taken[symbol] = take_answered(reference, answer, found)
        parts.append(picked.name_rows(replace(found, posted=asked.post_alone(symbol)) if found.findings else found))
    filled = [place for place in sorted(unanswered) if any(values[place] is not None for values in outputs.values())]
    faults = (f"{len(filled)} rows have a forecast and should have none, first row {filled[0]}",) if filled else ()
    return [*parts, Comparison(0, faults=faults)], taken


def _is_output(column: str) -> bool:
    return column == Y_PRED or column.startswith(IS_PROBA)


def _read_frame(response: Reply, n_rows: int) -> dict[str, list[Any]]:
    """Return the cells of the answered frame by column; raise `UnexpectedAnswer` if it has another form."""
    try:
        columns = read_columns(decode_json(response)["forecast"])
        if {len(columns[name]) for name in (SYMBOL, DATE, Y_PRED)} != {n_rows}:
            raise UnexpectedAnswer(f"the answer does not hold a row for each of {n_rows} rows")
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise UnexpectedAnswer(f"the answer is of another form than the contract's: {error!r}") from error
    return columns


FRAMES_OF_MANY = Requests(FRAMES, draw_frame, N_FRAMES, compare_frame)
