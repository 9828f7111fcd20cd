import json
from dataclasses import replace
from typing import Any

import pytest

from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle
from lockstep.doors import plain, v1
from lockstep.doors.backtest import NO_FRAME
from lockstep.doors.door import Received
from lockstep.doors.frame import JSON_CELLS, Frame
from lockstep.doors.stored import write_frame
from lockstep.errors import InvalidInput, UnknownModel, UnknownSymbol
from lockstep.scoring.backtest import BacktestRequest, backtest
from lockstep.scoring.cutoffs import Windows
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_LARGE
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import ScoringRequest, score
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_service(Settings()).registry


def ask(bundle: SeriesBundle, rows: int, max_rows: int = 100, **options: object) -> ScoringRequest:
    frame = write_frame(bundle.bars.select(slice(-rows, None)))
    return v1.decode(Received(json.dumps({**frame, **options}).encode(), max_rows))


def test_a_request_is_answered_with_the_evaluated_bits(registry: Registry, default_bundle: SeriesBundle) -> None:
    record = RequestRecord()
    answer = score(registry, ask(default_bundle, 7), record)
    assert answer.forecast.prediction.tolist() == default_bundle.evaluation.y_pred[-7:].tolist()
    assert (record.rows, record.served) == (7, answer.served)
    assert list(record.stages_s) == ["parse", "forecast"]


def test_both_doors_ask_for_the_same(registry: Registry, default_bundle: SeriesBundle) -> None:
    body = json.dumps(write_frame(default_bundle.bars.select(slice(-3, None)))).encode()
    answers = [score(registry, door.decode(Received(body, 100))) for door in (plain, v1)]
    assert answers[0].forecast.prediction.tolist() == answers[1].forecast.prediction.tolist()


def test_more_rows_than_the_limit_are_refused_before_they_are_read(
    registry: Registry, default_bundle: SeriesBundle
) -> None:
    record = RequestRecord()
    with pytest.raises(RequestError, match="2 rows; this service takes 1 in one request") as refused:
        score(registry, ask(default_bundle, 2, max_rows=1), record)
    assert (refused.value.kind, record.rows, record.stages_s) == (TOO_LARGE, 2, {})


def test_an_answer_has_no_more_intervals_than_its_rows_may_have(
    registry: Registry, default_bundle: SeriesBundle
) -> None:
    every_level = list(range(1, 100))
    assert score(registry, ask(default_bundle, 8, level=every_level)).levels == tuple(every_level)
    assert score(registry, ask(default_bundle, 1, max_rows=1, level=every_level)).levels == tuple(every_level)
    with pytest.raises(RequestError, match="99 levels for 9 rows; this service answers 800 intervals") as refused:
        score(registry, ask(default_bundle, 9, level=every_level))
    assert refused.value.kind == TOO_LARGE


def test_a_page_of_a_backtest_has_no_more_intervals_than_its_rows_may_have(registry: Registry) -> None:
    windows, every_level = Windows(n_windows=9), tuple(range(1, 100))
    asked = BacktestRequest(NO_FRAME, JSON_CELLS, 100, levels=every_level, has_bars=False, windows=windows)
    with pytest.raises(RequestError, match="99 levels for 9 rows; this service answers 800 intervals"):
        backtest(registry, asked)
    assert len(backtest(registry, replace(asked, page_rows=8)).on_page.posted) == 8


@pytest.mark.parametrize(
    ("options", "error"),
    [({"symbol": "IBM"}, UnknownSymbol), ({"model": "ibm"}, UnknownModel), ({"version": 9}, UnknownModel)],
)
def test_what_is_not_served_is_refused(
    registry: Registry, default_bundle: SeriesBundle, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        score(registry, ask(default_bundle, 1, **options))


def test_a_record_knows_the_rows_of_a_table_that_cannot_be_read(
    registry: Registry, default_bundle: SeriesBundle
) -> None:
    record, asked = RequestRecord(), ask(default_bundle, 2)
    assert isinstance(asked.table, Frame)
    asked.table.data[1].pop()
    with pytest.raises(InvalidInput, match="row 1, data: 5 cells"):
        score(registry, asked, record)
    assert (record.rows, record.served) == (2, registry.default)
