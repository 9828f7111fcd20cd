"""A service that means harm, or is broken: what it sends steers no terminal."""

import traceback
from typing import Any

import httpx
import pandas as pd
import pytest

from lockstep.client import ClientError
from lockstep.client.errors import MAX_SHOWN_CHARACTERS
from tests.unit.client.callers import Caller, answer_in_turn

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
