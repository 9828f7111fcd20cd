"""What the client can ask, as steps: each function yields requests, is sent their answers, and returns the result."""

from collections.abc import Generator
from typing import Any
from urllib.parse import quote

import msgspec

from lockstep.client.answers import Backtest, join_pages, read_forecasts, read_page, read_predictions
from lockstep.client.cells import write_date
from lockstep.client.errors import NotLockstep, NotSent
from lockstep.client.exchange import Answer, Asked, Patience, Steps, exchange
from lockstep.client.frames import read_bars, read_table
from lockstep.client.matching import check_page
from lockstep.client.problems import Reply, decode_answer, read_refusal

Questions = Generator[Asked, Reply, Answer]
SUCCESS = (200, 207)
MAX_PAGES = 10_000
"""The pages of a backtest: one for each session of forty years."""


def ask(url: str, questions: Questions[Answer], patience: Patience) -> Steps[Answer]:
    """Return what some questions lead to, each tried as `patience` allows; raise `ClientError`."""
    try:
        asked = next(questions)
        while True:
            reply = yield from exchange(url, asked, patience)
            if reply.status not in SUCCESS:
                raise read_refusal(reply, asked.labels)
            asked = _take_reply(questions, reply)
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer


def _take_reply(questions: Questions[Answer], reply: Reply) -> Asked:
    """Return what is asked next; raise `NotLockstep` for members that are not there, or of other types."""
    try:
        return questions.send(reply)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # the cause would be printed as well, with texts of the service in it as they are
        raise NotLockstep(f"{reply.url} answered JSON of another form: {error}") from None


def forecast_bars(bars: Any, digest: str | None, options: dict[str, Any]) -> Questions[Any]:
    """Return the frame of forecasts."""
    posted = read_bars(bars)
    body = _encode({"dataframe_split": posted.as_split, **options})
    reply = yield Asked("POST", "/v1/forecast", body, labels=posted.labels)
    return read_forecasts(reply, posted, digest)


def predict_rows(rows: Any, digest: str | None, options: dict[str, Any]) -> Questions[Any]:
    """Return the frame of predictions."""
    posted = read_table(rows)
    body = _encode({"dataframe_split": posted.as_split, **options})
    reply = yield Asked("POST", "/v1/predict", body, labels=posted.labels)
    return read_predictions(reply, rows.index, digest)


def backtest_bars(bars: Any, digest: str | None, options: dict[str, Any]) -> Questions[Backtest]:
    """Return the rows of all pages, and their scores; the model may not change between two pages."""
    posted = None if bars is None else read_bars(bars)
    days = {name: _write_day(name, options.pop(name)) for name in ("first", "last")}
    frame = {} if posted is None else {"dataframe_split": posted.as_split}
    body = {**frame, **days, **options}
    labels = () if posted is None else posted.labels
    frames: list[Any] = []
    while len(frames) < MAX_PAGES:
        reply = yield Asked("POST", "/v1/backtest", _encode(body), labels=labels)
        page, told = read_page(reply, digest)
        check_page(reply, page, told.next, body)
        frames.append(page)
        if told.next is None:
            return join_pages(frames, told)
        digest = page.attrs["digest"]
        body["next"] = told.next
    raise NotLockstep(f"{reply.url} answered {MAX_PAGES} pages, and names one more")


def read_card(model: str | None, version: int | str | None, symbol: str | None) -> Questions[dict[str, Any]]:
    """Return the report card of a version, by default that of the service's default model."""
    if model is None:
        told = yield from read_version()
        model = next((each["name"] for each in told["models"] if each.get("default")), "")
    of_version = "" if version is None else f"/versions/{quote(str(version), safe='')}"
    path = f"/v1/models/{quote(model, safe='')}{of_version}/report"
    reply = yield Asked("GET", path, query={} if symbol is None else {"symbol": symbol})
    card: dict[str, Any] = decode_answer(reply, dict[str, Any])
    return card


def read_version() -> Questions[dict[str, Any]]:
    """Return what `GET /version` says."""
    reply = yield Asked("GET", "/version")
    told: dict[str, Any] = decode_answer(reply, dict[str, Any])
    if not isinstance(told.get("models"), list):
        raise NotLockstep(f"{reply.url} answered JSON without `models`: this is no Lockstep service")
    return told


def _write_day(name: str, day: Any) -> Any:
    """Return an option as a day; raise `NotSent` for a time of day."""
    try:
        return write_date(day)
    except ValueError as error:
        raise NotSent(f"{name}: {error}") from error


def _encode(body: dict[str, Any]) -> bytes:
    return msgspec.json.encode({name: value for name, value in body.items() if value is not None}, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """Return numbers of numpy as Python's, such as levels in an array."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be an option of a request")
