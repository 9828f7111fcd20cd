"""A service that means harm, or is broken: it steers no terminal, and its wrong answers are refused."""

import gzip
import traceback
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

import httpx
import pandas as pd
import pytest

from lockstep.client import ClientError, asking, connection
from lockstep.client.errors import MAX_SHOWN_CHARACTERS, AnswerTooLong, NotLockstep
from tests.unit.client.callers import KINDS, Caller, Handler, answer_in_turn

BARS = pd.DataFrame(
    {"open": [24.66], "high": [24.79], "low": [24.52], "close": [24.77], "volume": [38157500]},
    index=pd.DatetimeIndex(["2013-03-04"]),
)
STEERING = "\x1b[2J\nnext\u202e"
"""It clears the screen, begins a line and turns the direction of reading."""
SHOWN = r"\x1b[2J\nnext"


def refuse(status: int = 422, **members: Any) -> httpx.Response:
    body = {"status": status, "code": "c", "title": "t", "detail": "d", "request_id": "r", **members}
    return httpx.Response(status, json=body)


def answer(status: int = 200, **members: Any) -> httpx.Response:
    frame = {"columns": ["date", "y_pred"], "data": [["2013-03-04", 1.5]]}
    return httpx.Response(status, json={"forecast": frame, "warnings": [], "request_id": "r", **members})


SENT = {
    "a detail": refuse(detail=STEERING),
    "a code": refuse(code=STEERING),
    "a request": refuse(request_id=STEERING),
    "a title and a column": refuse(title=STEERING, problems=[{"row": 0, "column": STEERING, "reason": "r"}]),
    "a reason": refuse(problems=[{"row": None, "column": "close", "reason": STEERING}]),
    "a symbol": answer(207, problems=[{"symbol": STEERING, "status": 422, "code": "c", "title": "t", "detail": "d"}]),
    "a date": answer(forecast={"columns": ["date"], "data": [[STEERING]]}),
    "a digest": answer(model={"digest": STEERING}),
    "a title of a page": httpx.Response(404, html=f"<title>{STEERING}</title>"),
    "a type of a page": httpx.Response(404, headers={b"content-type": STEERING.encode()}),
}


@pytest.mark.parametrize("sent", SENT)
def test_texts_of_a_service_are_shown_with_their_controls_escaped(sent: str) -> None:
    call = Caller("blocking", answer_in_turn(SENT[sent]), digest="f" * 64 if sent == "a digest" else None)
    with pytest.raises(ClientError) as refused:
        call("forecast", BARS)
    assert SHOWN in str(refused.value)
    printed = [*traceback.format_exception(refused.value), *map(str, refused.value.errors)]
    assert all(line.isprintable() for text in printed for line in text.split("\n"))


def test_a_long_text_of_a_service_is_cut_off_in_the_message_alone() -> None:
    with pytest.raises(ClientError) as refused:
        Caller("blocking", answer_in_turn(refuse(detail="x" * 10**6)))("forecast", BARS)
    assert len(str(refused.value)) == MAX_SHOWN_CHARACTERS + 1
    assert len(refused.value.detail) == 10**6  # type: ignore[attr-defined] # of a refusal


DAYS = ["2013-03-04", "2013-03-05", "2013-03-06"]
THREE = pd.DataFrame({"close": 1.0}, index=DAYS)
SERIES = THREE.assign(symbol=["A", "B", "A"])


def of_days(*days: str | None, symbols: str = "") -> httpx.Response:
    rows = [[*symbol, day, 1.5] for symbol, day in zip(symbols or [()] * len(days), days, strict=True)]
    columns = [*(["symbol"] if symbols else []), "date", "y_pred"]
    problems = [{"symbol": "B", "status": 422, "code": "c", "title": "t", "detail": "d"}] if None in days else []
    return answer(forecast={"columns": columns, "data": rows}, problems=problems)


@pytest.mark.parametrize(
    ("posted", "answered", "says"),
    [
        (THREE, of_days(*DAYS[:2]), "answered 2 row(s) to 3 posted one(s)"),
        (THREE, of_days(*DAYS, "2013-03-07"), "answered 4 row(s) to 3 posted one(s)"),
        (THREE, of_days(*DAYS[::-1]), "answered 2013-03-06 in row 0, in which 2013-03-04 was posted"),
        (THREE, of_days(*DAYS[:2], "2013-03-07"), "answered 2013-03-07 in row 2, in which 2013-03-06 was posted"),
        (THREE, of_days(*DAYS[:2], None), "answered None in row 2"),
        (SERIES, of_days(*DAYS), "answered JSON of another form: 'symbol'"),
        (SERIES, of_days(*DAYS, symbols="AAB"), "answered A 2013-03-05 in row 1, in which B 2013-03-05 was posted"),
        (SERIES, of_days(None, DAYS[1], DAYS[2], symbols="ABA"), "answered A None in row 0"),
        (SERIES, of_days(None, *DAYS[1:], symbols="ABA"), "answered A None in row 0"),
        (THREE.set_axis([1362355200000, *DAYS[1:]]), of_days(*DAYS[::-1]), "in which 2013-03-04 was posted"),
        (THREE, answer(forecast={"columns": ["date", "y", "y"], "data": []}), "a column is there twice"),
        (THREE, answer(forecast={"columns": ["date", "y"], "data": [["2013-03-04", 10**400], ["", None]]}), "form: "),
    ],
)
def test_forecasts_of_other_rows_than_were_posted_are_refused(posted: Any, answered: httpx.Response, says: str) -> None:
    with pytest.raises(NotLockstep) as refused:
        Caller("blocking", answer_in_turn(answered))("forecast", posted)
    assert says in str(refused.value)


@pytest.mark.parametrize("n_answered", [0, 1, 3])
def test_predictions_of_another_number_of_rows_are_refused(n_answered: int) -> None:
    frame = {"columns": ["prediction"], "data": [[1.5]] * n_answered}
    answered = httpx.Response(200, json={"predictions": frame, "warnings": [], "request_id": "r"})
    with pytest.raises(NotLockstep, match=rf"answered {n_answered} row\(s\) to 2 posted one\(s\)"):
        Caller("blocking", answer_in_turn(answered))("predict", pd.DataFrame({"x": [1.0, 2.0]}))


def page(following: str | None, *days: str | None) -> httpx.Response:
    members = {"backtest": {"columns": ["date", "y"], "data": [[day, 1.0] for day in days]}, "next": following}
    scores = {"rows": 0, "predictors": {}, "intervals": []}
    return httpx.Response(200, json={**members, "scores": scores, "warnings": [], "request_id": "r"})


A, B, C, D = "2013-03-04", "2013-03-05", "2013-03-06", "2013-03-07"


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([page(A, A, B)], f"names {A} as the cutoff that follows {B}"),
        ([page(B, A, B)], f"names {B} as the cutoff that follows {B}"),
        ([page(C, A, B), page(C, A, B)], f"begins with {A}, not with {C}"),
        ([page(C, A, B), page(None, D)], f"begins with {D}, not with {C}"),
        ([page(C, A, B), page(C, C)], f"names {C} as the cutoff that follows {C}"),
        ([page(None, B, A)], "whose cutoffs are not in order"),
        ([page(None, A, A)], "whose cutoffs are not in order"),
        ([page(None, A, None)], "whose cutoffs are not in order"),
        ([page(None, None)], "whose cutoffs are not in order"),
        ([page(B)], "a page without cutoffs"),
        ([page(None, "2013-03-01")], f"from 2013-03-01 to 2013-03-01; asked was from {A} to {D}"),
        ([page(None, A, "2013-03-08")], f"from {A} to 2013-03-08; asked was from {A} to {D}"),
    ],
)
def test_pages_that_do_not_follow_each_other_are_refused(pages: list[httpx.Response], says: str) -> None:
    with pytest.raises(NotLockstep) as refused:
        Caller("blocking", answer_in_turn(*pages))("backtest", first=A, last=D)
    assert says in str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_come_to_an_end(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    days = pd.bdate_range(A, periods=5).strftime("%Y-%m-%d")
    pages = [page(following, day) for day, following in pairwise(days)]
    assert len(Caller(kind, answer_in_turn(*pages[:2], page(None, days[2])))("backtest").frame) == 3
    monkeypatch.setattr(asking, "MAX_PAGES", 3)
    with pytest.raises(NotLockstep, match="answered 3 pages, and names one more"):
        Caller(kind, answer_in_turn(*pages))("backtest")


def stream(body: bytes, encoding: str) -> Handler:
    """Return a handler whose answer comes in two blocks, so that nothing reads it before the client."""

    class Blocks(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from (body[:100], body[100:])

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for block in self:
                yield block

    return lambda _: httpx.Response(200, headers={"content-encoding": encoding}, stream=Blocks())


LIMIT_BYTES = 10_000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize("beyond", [0, 1])
def test_an_answer_is_read_up_to_a_limit_as_sent_and_unpacked(
    kind: str, encoding: str, beyond: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_ANSWER_BYTES", LIMIT_BYTES)
    body = b'{"models": []}'.ljust(LIMIT_BYTES + beyond)
    call = Caller(kind, stream(gzip.compress(body) if encoding == "gzip" else body, encoding))
    if beyond:
        with pytest.raises(AnswerTooLong, match=f"/version answered more than {LIMIT_BYTES} bytes; ask for fewer rows"):
            call("version")
    else:
        assert call("version") == {"models": []}


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd"])
def test_an_answer_in_an_encoding_that_was_not_asked_for_is_not_unpacked(encoding: str) -> None:
    with pytest.raises(NotLockstep, match=f"in the encoding '{encoding}'; gzip was asked for"):
        Caller("blocking", stream(b"", encoding))("version")


def test_no_other_encoding_than_gzip_is_asked_for() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200, json={"models": []})

    Caller("blocking", handle)("version")
    assert asked == ["gzip"]
