"""From what came back to an answer, route by route; anything of another form raises `UnexpectedAnswer`."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from lockstep.data.bars import DATE
from lockstep.parity.answers import Answer, Reply, UnexpectedAnswer, Version, make_answer, read_frame, read_json
from lockstep.predict.stages import PREDICTION

READING_ERRORS = (AttributeError, KeyError, TypeError, ValueError, IndexError)


def read_version(reply: Reply) -> Version:
    """Return what `/version` says."""
    try:
        return msgspec.convert(read_json(reply), Version)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{reply.asked} does not tell what is running: {error}") from error


def read_forecast(reply: Reply) -> Answer:
    """Return what `/v1/forecast` says; its own dates are the keys."""
    try:
        body = read_json(reply)
        columns = read_frame(body["forecast"])
        return make_answer(columns[DATE], columns, body.get("trace", {}), "y_pred")
    except READING_ERRORS as error:
        raise UnexpectedAnswer(f"{reply.asked} answered no forecast frame: {error!r}") from error


def read_rows(reply: Reply, keys: Sequence[str]) -> Answer:
    """Return what `/v1/predict` says of rows of these keys, in this order."""
    try:
        body = read_json(reply)
        columns = read_frame(body["predictions"])
        if len(columns[PREDICTION]) != len(keys):
            raise UnexpectedAnswer(f"{reply.asked} did not answer each of {len(keys)} rows")
        return make_answer(keys, columns, body.get("trace", {}), PREDICTION)
    except READING_ERRORS as error:
        raise UnexpectedAnswer(f"{reply.asked} answered no frame: {error!r}") from error


def read_plain(reply: Reply, dates: list[str]) -> Answer:
    """Return what `/forecast` says of rows of these dates, in this order."""
    try:
        values = msgspec.json.decode(read_json(reply)["y_pred"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnexpectedAnswer(f"{reply.asked} answered no y_pred: {error!r}") from error
    if not isinstance(values, list) or len(values) != len(dates):
        raise UnexpectedAnswer(f"{reply.asked} did not answer one value for each of {len(dates)} rows")
    return replace(make_answer(dates, {PREDICTION: values}, {}, PREDICTION), columns={})
