"""What a service answers, read strictly, and what is wrong if it cannot be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from lockstep.bundles.machine import Machine
from lockstep.data.bars import DATE
from lockstep.errors import LockstepError
from lockstep.parity.difference import Value
from lockstep.parity.quoting import quote_text
from lockstep.predict.stages import PREDICTION

PROBA_COLUMN = "proba_{}"
IS_PROBA = PROBA_COLUMN.format("")
ROWS = "rows"
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

    `predictor` is what runs there: `exact` or `scikit-learn`.
    """

    name: str
    version: int
    aliases: list[str]
    symbol: str | None
    digest: str
    default: bool
    predictor: str = "exact"


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


@dataclass(frozen=True)
class Answer:
    """Predictions as answered: keys and outputs in the answer's order, and a digest of each stage by key.

    `outputs` are `prediction` and `proba_<class>`, a value for each key. `columns` are all columns of the frame, by
    name, and its `index`; empty if the answer was no frame.
    """

    keys: list[str]
    outputs: dict[str, list[Value | None]]
    trace: dict[str, list[str]] = field(default_factory=dict)
    traced_keys: list[str] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def predictions(self) -> list[Value | None]:
        """Return the prediction of each key."""
        return self.outputs[PREDICTION]

    def restrict(self, wanted: set[str]) -> "Answer":
        """Return the answer with the outputs of the `wanted` keys alone."""
        kept = [place for place, key in enumerate(self.keys) if key in wanted]
        outputs = {name: [values[place] for place in kept] for name, values in self.outputs.items()}
        return replace(self, keys=[self.keys[place] for place in kept], outputs=outputs)


def read_frame(frame: Any) -> dict[str, list[Any]]:
    """Return the columns of a split-oriented frame and its `index`; raise what a body of another form raises."""
    columns = {name: [row[place] for row in frame["data"]] for place, name in enumerate(frame["columns"])}
    columns["index"] = frame.get("index")
    return columns


def read_answer(told: Any, keys: Sequence[str]) -> Answer:
    """Return what a decoded answer of any route says of the rows of these keys; raise `UnexpectedAnswer`.

    The answer to bars names their dates, which are its keys then; rows of a table are answered in the order posted.
    """
    try:
        if "y_pred" in told:
            columns, prediction, trace = {PREDICTION: msgspec.json.decode(told["y_pred"])}, PREDICTION, {}
        elif "forecast" in told:
            columns, prediction, trace = read_frame(told["forecast"]), "y_pred", told.get("trace", {})
            keys = columns[DATE]
        else:
            columns, prediction, trace = read_frame(told["predictions"]), PREDICTION, told.get("trace", {})
        if len(columns[prediction]) != len(keys):
            raise UnexpectedAnswer(f"the answer does not hold one prediction for each of {len(keys)} rows")
        return make_answer(keys, columns, trace, prediction)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise UnexpectedAnswer(f"the answer is of another form than the contract's: {error!r}") from error


def make_answer(keys: Sequence[Any], columns: dict[str, list[Any]], trace: Any, prediction: str) -> Answer:
    """Return an answer whose column `prediction` holds the predictions; raise `UnexpectedAnswer` for other types."""
    outputs = {PREDICTION: columns[prediction]}
    outputs |= {name: values for name, values in columns.items() if name.startswith(IS_PROBA)}
    traced = [keys[row] for row in trace.get(ROWS, [])]
    well_typed = (
        all(isinstance(key, str) for key in (*keys, *traced))
        and all(value is None or isinstance(value, Value) for values in outputs.values() for value in values)
        and all(
            isinstance(trace.get(stage), list) and len(trace[stage]) == len(traced) for stage in trace if stage != ROWS
        )
    )
    if not well_typed:
        raise UnexpectedAnswer("the answer's keys, predictions or trace are not of the contract's types")
    return Answer(list(keys), outputs, trace, traced, columns)


def read_json(reply: Reply) -> Any:
    """Return what an answer of status 200 says; raise `UnexpectedAnswer` for any other."""
    if reply.status_code != OK:
        shown = " ".join(reply.content[:MAX_SHOWN_CHARACTERS].decode(errors="replace").split())
        raise UnexpectedAnswer(f"{reply.asked} answered {reply.status_code}: {shown}")
    try:
        return msgspec.json.decode(reply.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnexpectedAnswer(f"{reply.asked} answered {reply.status_code}, but no JSON: {error}") from error
