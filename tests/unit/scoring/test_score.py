import json

import pytest

from lockstep.bundles.bundle import Bundle
from lockstep.doors import plain, v1
from lockstep.doors.frame import write_frame
from lockstep.errors import InvalidBars
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_LARGE, UNKNOWN_MODEL, UNKNOWN_SYMBOL
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import ScoringRequest, score
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings


@pytest.fixture(scope="module")
def service() -> Service:
    return load_service(Settings())


def ask(bundle: Bundle, rows: int, max_rows: int = 100, **options: object) -> ScoringRequest:
    frame = write_frame(bundle.bars.select(slice(-rows, None)))
    return v1.decode(json.dumps({**frame, **options}).encode(), max_rows)


def test_a_request_is_answered_with_the_evaluated_bits(service: Service, default_bundle: Bundle) -> None:
    record = RequestRecord()
    answer = score(service, ask(default_bundle, 7), record)
    assert answer.forecast.prediction.tolist() == default_bundle.evaluation.y_pred[-7:].tolist()
    assert (record.rows, record.digest) == (7, answer.bundle.manifest.version)
    assert list(record.stages_s) == ["parse", "forecast"]


def test_both_doors_ask_for_the_same(service: Service, default_bundle: Bundle) -> None:
    body = json.dumps(write_frame(default_bundle.bars.select(slice(-3, None)))).encode()
    answers = [score(service, door.decode(body, 100)) for door in (plain, v1)]
    assert answers[0].forecast.prediction.tolist() == answers[1].forecast.prediction.tolist()


def test_more_rows_than_the_limit_are_refused_before_they_are_read(service: Service, default_bundle: Bundle) -> None:
    record = RequestRecord()
    with pytest.raises(RequestError, match="2 rows; this service takes 1 in one request") as refused:
        score(service, ask(default_bundle, 2, max_rows=1), record)
    assert (refused.value.kind, record.rows, record.stages_s) == (TOO_LARGE, 2, {})


@pytest.mark.parametrize(
    ("options", "kind"),
    [({"symbol": "IBM"}, UNKNOWN_SYMBOL), ({"model": "ibm"}, UNKNOWN_MODEL), ({"version": 9}, UNKNOWN_MODEL)],
)
def test_what_is_not_served_is_refused(
    service: Service, default_bundle: Bundle, options: dict[str, object], kind: object
) -> None:
    with pytest.raises(RequestError) as refused:
        score(service, ask(default_bundle, 1, **options))
    assert refused.value.kind is kind


def test_a_record_knows_the_rows_of_a_table_that_cannot_be_read(service: Service, default_bundle: Bundle) -> None:
    record, asked = RequestRecord(), ask(default_bundle, 2)
    asked.table.data[1].pop()
    with pytest.raises(InvalidBars, match="row 1, data: 5 cells"):
        score(service, asked, record)
    assert (record.rows, record.digest) == (2, default_bundle.manifest.version)
