"""What the service answers, as types: they are what is written, and what `/openapi.json` describes."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from lockstep.bundles.machine import Machine

Label = bool | int | float | str
"""A prediction: a number, or a label as it was in the training data."""
ROW_SCHEMA = {
    "contentMediaType": "application/json",
    "contentSchema": {"type": "array", "items": {"type": ["number", "string"]}},
}


class Predictions(msgspec.Struct):
    """The tutorial's answer: a JSON list inside a string, a forecast for each row in the order posted."""

    y_pred: Annotated[str, Meta(extra_json_schema=ROW_SCHEMA)]


class Model(msgspec.Struct):
    """What a caller has to know of a bundle to tell it from every other.

    `kind` is `series`, `panel` or `table`; `symbol`, `lookback_bars` and `newest_stored_bar` are null for a table, the
    first and the last of them for a panel as a whole. `series` says of a panel how many it forecasts.
    """

    name: str
    version: int
    aliases: list[str]
    kind: str
    digest: str
    symbol: str | None
    lookback_bars: int | None
    newest_stored_bar: str | None
    series: int | UnsetType = UNSET


class ForecastFrame(msgspec.Struct):
    """A split-oriented frame: date, forecast_date, close, y_pred, close_pred, naive; of a classifier proba_<class> too.

    Then come lo-<level>, hi-<level>, close_lo-<level> and close_hi-<level> for each level: the bounds of an interval,
    as gross returns and as closes. Rows are in the order posted. `forecast_date` is the session that the forecast is
    for, the model's horizon later; null beyond the calendar. There is no `y_pred` and no interval for look-back, and no
    `close_pred` unless a return is forecast.
    """

    columns: tuple[str, ...]
    index: list[int]
    data: list[tuple[str | float | None, ...]]


class Interval(msgspec.Struct):
    """What the intervals of an answer are: how they are made, and that they lie around "no change", not the forecast.

    `lookback_bars` is how many bars one reads. An `experimental` one reaches further ahead than was shown to be worth
    having.
    """

    method: str
    center: str
    level: list[int]
    lookback_bars: int
    experimental: bool


class ForecastAnswer(msgspec.Struct):
    """The answer of `POST /v1/forecast`.

    `interval` is there if there are intervals. `trace` holds every stage of the answered rows by name, as values or as
    SHA-256 digests, and `rows`, their places as posted.
    """

    forecast: ForecastFrame
    model: Model
    warnings: list[str]
    request_id: str
    interval: Interval | UnsetType = UNSET
    trace: dict[str, list[Any]] | UnsetType = UNSET


class PredictionFrame(msgspec.Struct):
    """A split-oriented frame in the order posted: `prediction`, and `proba_<class>` for each class if there are any.

    Then come `lo-<level>` and `hi-<level>` for each level: the bounds of an interval around the prediction.
    """

    columns: list[str]
    index: list[int]
    data: list[tuple[Label, ...]]


class PredictionInterval(msgspec.Struct):
    """What the intervals of an answer are: how they are made, around what, and from how many test rows."""

    method: str
    center: str
    level: list[int]
    rows: int


class PredictAnswer(msgspec.Struct):
    """The answer of `POST /v1/predict`.

    `warnings` name the cells beyond what was learned. `interval` is there if there are intervals. `trace` holds every
    stage by name, as values (a missing one is null) or as SHA-256 digests, and `rows`, their places as posted.
    """

    predictions: PredictionFrame
    model: Model
    warnings: list[str]
    request_id: str
    interval: PredictionInterval | UnsetType = UNSET
    trace: dict[str, list[Any]] | UnsetType = UNSET


class Symbols(msgspec.Struct):
    """The symbols that a version forecasts, sorted; of a table there are none.

    `total` counts all of them. `next` is there if the answer does not have the last one: pass it as `after`.
    """

    model: str
    version: int
    total: int
    symbols: list[str]
    next: str | UnsetType = UNSET


class SelfCheckResult(msgspec.Struct):
    """The outcome of recomputing a bundle's evaluation at boot."""

    rows: int
    duration_s: float
    equal: bool


class Index(msgspec.Struct):
    """The answer of `GET /` to a program."""

    name: str
    models: list[Model]
    routes: dict[str, str]


class Health(msgspec.Struct):
    """The answer of `GET /health`."""

    status: str


class Readiness(msgspec.Struct):
    """The answer of `GET /ready`: with status 503 the reasons why it is not ready."""

    status: str
    reasons: list[str]
    self_check: dict[str, SelfCheckResult]
    broken: list[str]


class ModelVersion(Model, kw_only=True):
    """The description of a version, what predicts and what is guaranteed of it, and what it was trained with.

    `predictor` is what runs here: `exact` or `scikit-learn`. `guarantees` says for each output what parity demands:
    `bits`, `labels` or a tolerance. `whole_history` is true for a series whose features read all of its history.
    """

    default: bool
    predictor: str
    guarantees: dict[str, str]
    trained_with: dict[str, str]
    whole_history: bool


class Limits(msgspec.Struct):
    """What one request may hold."""

    max_rows: int
    max_body_bytes: int


class Version(msgspec.Struct):
    """The answer of `GET /version`: exactly what is running; `server` is what runs the app, as it calls itself."""

    models: list[ModelVersion]
    libraries: dict[str, str]
    commit: str
    self_check: dict[str, SelfCheckResult]
    machine: Machine
    limits: Limits
    server: str
