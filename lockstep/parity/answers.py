"""What a service answers, read strictly, and what is wrong if it cannot be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from lockstep.bundles.machine import Machine
from lockstep.data.bars import DATE
from lockstep.doors.answers import PROBA_COLUMN
from lockstep.errors import LockstepError
from lockstep.parity.difference import Value
from lockstep.parity.quoting import quote_text
from lockstep.predict.stages import PREDICTION

IS_PROBA = PROBA_COLUMN.format("")
ROWS = "rows"
DATED = ("forecast", "backtest")
"""The members that hold a frame with dates."""
OK = 200
MAX_SHOWN_CHARACTERS = 200


class ServiceError(LockstepError):
    """What a service did that it should not; the message is one line, whatever the service wrote."""

    def __init__(self, message: str) -> None:
        super().__init__(quote_text(message))


class ServiceUnreachable(ServiceError):
    """No answer came, after how many attempts."""


class NotOurs(ServiceError):
    """What answers is no such service, or does not let us in."""


class UnexpectedAnswer(ServiceError):
    """An answer came that is no prediction, with its status and what it said."""


@dataclass(frozen=True)
class Reply:
    """What came back: status, headers by name in any case, and the bytes of the body as they were sent.

    `asked` is the method and the URL of the request.
    """

    asked: str
    status_code: int
    headers: Mapping[str, str]
    content: bytes


class ServedModel(msgspec.Struct, frozen=True):
    """One version of a model that a service holds; the `default` one answers if a request names none.

    `predictor` is what runs there: `exact` or `scikit-learn`. `whole_history` is true if its features read all of it.
    """

    name: str
    version: int
    aliases: list[str]
    symbol: str | None
    digest: str
    default: bool
    predictor: str = "exact"
    whole_history: bool = False


class ServedSelfCheck(msgspec.Struct, frozen=True):
    """Whether a service reproduced the evaluation of one of its bundles when it started."""

    equal: bool


class Limits(msgspec.Struct, frozen=True):
    """What one request to a service may hold; the defaults are those of the service's settings."""

    max_rows: int = 20_000
    max_body_bytes: int = 4 * 2**20


class Version(msgspec.Struct, frozen=True):
    """What `/version` says: the models, their self-checks by `name/version`, and what they run on."""

    models: list[ServedModel]
    libraries: dict[str, str]
    self_check: dict[str, ServedSelfCheck]
    commit: str = "unknown"
    machine: Machine | None = None
    limits: Limits = Limits()
    server: str = "unknown"


@dataclass(frozen=True)
class Answer:
    """Predictions in the answer's order: the keys, and a value of `prediction` and of each `proba_<class>` for each."""

    keys: list[str]
    outputs: dict[str, list[Value | None]]

    @property
    def predictions(self) -> list[Value | None]:
        """Return the prediction of each key."""
        return self.outputs[PREDICTION]

    def restrict(self, wanted: set[str]) -> "Answer":
        """Return the answer with the outputs of the `wanted` keys alone."""
        kept = [place for place, key in enumerate(self.keys) if key in wanted]
        outputs = {name: [values[place] for place in kept] for name, values in self.outputs.items()}
        return Answer([self.keys[place] for place in kept], outputs)


def read_answer(told: Any, keys: Sequence[str]) -> Answer:
    """Return what a decoded answer of any route says of the rows of these keys; raise `UnexpectedAnswer`.

    The answer to bars names their dates, which are its keys then; rows of a table are answered in the order posted.
    """
    try:
        if "y_pred" in told:
            columns, prediction = {PREDICTION: msgspec.json.decode(told["y_pred"], type=list)}, PREDICTION
        elif frame := next((told[name] for name in DATED if name in told), None):
            columns, prediction = read_columns(frame), "y_pred"
            keys = columns[DATE]
        else:
            columns, prediction = read_columns(told["predictions"]), PREDICTION
        if len(columns[prediction]) != len(keys):
            raise UnexpectedAnswer(f"the answer does not hold one prediction for each of {len(keys)} rows")
        _check_trace(told.get("trace", {}), keys)
        return _make_answer(keys, columns, prediction)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise UnexpectedAnswer(f"the answer is of another form than the contract's: {error!r}") from error


def read_columns(frame: Any) -> dict[str, list[Any]]:
    """Return the cells of a decoded frame by column; raise one of the errors of a frame of another form."""
    return {name: [row[place] for row in frame["data"]] for place, name in enumerate(frame["columns"])}


def _check_trace(trace: Any, keys: Sequence[Any]) -> None:
    """Raise `UnexpectedAnswer` if a trace does not hold a list for each stage, with a value for each of its rows."""
    rows = [keys[row] for row in trace.get(ROWS, [])]
    if not all(isinstance(trace[stage], list) and len(trace[stage]) == len(rows) for stage in trace):
        raise UnexpectedAnswer("the trace does not hold a value of each stage for each of its rows")


def _make_answer(keys: Sequence[Any], columns: dict[str, list[Any]], prediction: str) -> Answer:
    """Return an answer whose column `prediction` holds the predictions; raise `UnexpectedAnswer` for other types."""
    outputs = {PREDICTION: columns[prediction]}
    outputs |= {name: values for name, values in columns.items() if name.startswith(IS_PROBA)}
    values = (value for column in outputs.values() for value in column)
    if not (all(isinstance(key, str) for key in keys) and all(isinstance(v, Value | None) for v in values)):
        raise UnexpectedAnswer("the answer's keys or predictions are not of the contract's types")
    return Answer(list(keys), outputs)


def read_json(reply: Reply) -> Any:
    """Return what an answer of status 200 says; raise `UnexpectedAnswer` for any other."""
    check_success(reply)
    return decode_json(reply)


def check_success(reply: Reply) -> None:
    """Raise `UnexpectedAnswer` for an answer of another status than 200."""
    if reply.status_code != OK:
        shown = " ".join(reply.content[:MAX_SHOWN_CHARACTERS].decode(errors="replace").split())
        raise UnexpectedAnswer(f"{reply.asked} answered {reply.status_code}: {shown}")


def decode_json(reply: Reply) -> Any:
    """Return what an answer of any status says; raise `UnexpectedAnswer` if that is no JSON."""
    try:
        return msgspec.json.decode(reply.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnexpectedAnswer(f"{reply.asked} answered {reply.status_code}, but no JSON: {error}") from error


def read_version(reply: Reply) -> Version:
    """Return what `/version` says; raise `UnexpectedAnswer`."""
    try:
        return msgspec.convert(read_json(reply), Version)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{reply.asked} does not tell what is running: {error}") from error
