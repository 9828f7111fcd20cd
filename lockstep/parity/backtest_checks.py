"""Compare a backtest, page by page, with this side's, with `/v1/forecast`, and with what follows from its own rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from lockstep.data.bars import DATE, Bars
from lockstep.parity.answers import IS_PROBA, Answer, Reply, UnexpectedAnswer, read_answer, read_columns, read_json
from lockstep.parity.asking import Requests
from lockstep.parity.backtests import Backtest, draw_backtest
from lockstep.parity.compare import Comparison, compare_outputs
from lockstep.parity.members import find_header_faults, find_member_faults, find_repeated_members
from lockstep.parity.outcomes import Row, find_outcome_faults, find_score_faults
from lockstep.parity.posted import Sent
from lockstep.parity.series import SeriesSubject
from lockstep.predict.guarantees import BITS, LABELS
from lockstep.predict.stages import LEAF, PREDICTION, PROBA
from lockstep.scoring.score import Answer as LocalAnswer

N_BACKTESTS = 28
FRAME, FORECAST_FRAME, SCORES = "backtest", "forecast", "scores"
FOLLOWING = ("y_pred", "close_pred")
"""Columns of a forecast that are compared as the prediction is guaranteed, and what is computed of it."""


@dataclass(frozen=True)
class Page:
    """One page: its request, the response, and what that says."""

    sent: Sent
    response: Reply
    told: dict[str, Any]


def compare_backtest(subject: SeriesSubject, asked: Backtest) -> Comparison:
    """Return the comparison of all pages of a backtest."""
    pages = [Page(sent, *_ask(subject, sent, asked.page_rows)) for sent in asked.list_pages()]
    answered, posted = _join([_read(FRAME, page.told) for page in pages]), asked.as_posted
    reference, keys = subject.expect(posted), set(asked.keys)
    outputs = reference.list_outputs(subject.bundle.manifest.classes)
    expected = {name: {key: values[key] for key in values if key in keys} for name, values in outputs.items()}
    guarantees = {column: subject.demand.of_column(column) for column in expected}
    compared = compare_outputs(expected, answered.keys, answered.outputs, guarantees)
    rows = [row for page in pages for row in _list_rows(page.told[FRAME])]
    faults = [
        *(fault for page in pages for fault in _find_page_faults(subject, page, answered)),
        *find_outcome_faults(subject, asked, rows, [page.told.get(SCORES) for page in pages]),
        *_find_forecast_faults(subject, asked, rows),
    ]
    leaves = frozenset(reference.stages.get(LEAF, np.zeros(0, np.int64)).tolist())
    found = replace(compared, faults=(*compared.faults, *faults), leaves=leaves)
    return replace(found, posted=posted) if found.findings else found


def _ask(subject: SeriesSubject, sent: Sent, n_rows: int) -> tuple[Reply, dict[str, Any]]:
    response = subject.client.send("POST", sent.path, sent.body, sent.headers, n_rows=n_rows)
    told = read_json(response)
    _read(FRAME, told)
    return response, told


def _read(frame: str, told: Any) -> Answer:
    """Return what a frame of an answer says; raise `UnexpectedAnswer` if that cannot be read."""
    if not isinstance(told, dict) or frame not in told:
        raise UnexpectedAnswer(f"the answer has no member {frame}")
    return read_answer({frame: told[frame]}, [])


def _join(answers: list[Answer]) -> Answer:
    """Return the rows of all pages, one after another; of outputs that every page has."""
    names = [name for name in answers[0].outputs if all(name in each.outputs for each in answers)]
    outputs = {name: [value for each in answers for value in each.outputs[name]] for name in names}
    return Answer([key for each in answers for key in each.keys], outputs)


def _find_page_faults(subject: SeriesSubject, page: Page, answered: Answer) -> Iterator[str]:
    """Yield what of a page is not as this side writes it; scores are sums, whose last bits differ between CPUs."""
    response, local = page.response, subject.local.score(page.sent)
    request_id = response.headers.get("X-Request-Id", "")
    yield from find_header_faults(page.sent, response, subject.version_header)
    if subject.local.write(page.sent, local, request_id) == response.content:
        return
    taken = _take_answered(local, answered, subject.bundle.manifest.classes)
    expected, told = msgspec.json.decode(subject.local.write(page.sent, taken, request_id)), dict(page.told)
    yield from find_repeated_members(response.content)
    yield from find_score_faults(expected.pop(SCORES), told.pop(SCORES, None))
    yield from find_member_faults(expected, told, has_all_stages=True)


def _take_answered(local: LocalAnswer, answered: Answer, classes: list[Any]) -> LocalAnswer:
    """Return this side's answer with the answered numbers, from which prices and scores have to follow."""
    keys = local.posted.bars.dates.astype(str).tolist()
    stages = dict(local.forecast.stages)
    probabilities = [answered.outputs.get(f"{IS_PROBA}{label}") for label in classes if PROBA in stages]
    for name, columns in ((PREDICTION, [answered.predictions]), (PROBA, probabilities)):
        cells = [cell for column in columns for cell in column or [None]]
        if cells and answered.keys == keys and all(isinstance(cell, float) for cell in cells):
            stages[name] = np.array(columns, np.float64).T.reshape(stages[name].shape)
    return replace(local, forecast=replace(local.forecast, stages=stages))


def _find_forecast_faults(subject: SeriesSubject, asked: Backtest, rows: list[Row]) -> Iterator[str]:
    """Yield which columns of a backtest `/v1/forecast` answers otherwise for the same bars."""
    forecasts = {
        row[DATE]: row for bars in asked.list_rows(subject.max_rows) for row in _forecast(subject, asked, bars)
    }
    if missing := [row[DATE] for row in rows if row[DATE] not in forecasts]:
        yield f"{subject.route} does not answer {len(missing)} of the rows, first {missing[0]}"
    names = dict.fromkeys(name for row in forecasts.values() for name in row)
    has_bits = {*subject.demand.guarantees.values()} <= {BITS, LABELS}
    for name in names:
        if has_bits or not (name in FOLLOWING or name.startswith(IS_PROBA)):
            apart = [row[DATE] for row in rows if _write(row, name) != _write(forecasts.get(row[DATE], {}), name)]
            if apart:
                yield f"the column {name} is not that of {subject.route} in {len(apart)} rows, first {apart[0]}"


def _forecast(subject: SeriesSubject, asked: Backtest, bars: Bars) -> list[Row]:
    body = subject.write_body(bars, "stored", None, asked.levels)
    told = read_json(subject.client.send("POST", subject.route, body))
    _read(FORECAST_FRAME, told)
    return _list_rows(told[FORECAST_FRAME])


def _list_rows(frame: Any) -> list[Row]:
    """Return the rows of a frame, which was read before, as objects from column to cell."""
    columns = read_columns(frame)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _write(row: Row, name: str) -> bytes:
    return msgspec.json.encode(row.get(name))


BACKTEST = Requests("backtest", draw_backtest, N_BACKTESTS, compare_backtest)
