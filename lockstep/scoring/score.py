"""The one function behind every route that scores, whatever the protocol and the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry, Served
from lockstep.data.cells import CellReader, Cells
from lockstep.data.schema import BarsSchema
from lockstep.data.table import TableSchema
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import LARGEST_LEVEL, Levels
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_LARGE, WRONG_KIND
from lockstep.scoring.record import RequestRecord

ModelKind = Literal["series", "panel", "table"]
Schema = BarsSchema | TableSchema
ONE_SERIES: tuple[ModelKind, ...] = ("series",)
SERIES: tuple[ModelKind, ...] = ("series", "panel")
"""Of a panel a request names the series; a route without a place for its `symbol` serves `ONE_SERIES`."""
TABLES: tuple[ModelKind, ...] = ("table",)
ANY_KIND = SERIES + TABLES
PANEL = "panel"
ROUTES: dict[str, str] = {"series": "/v1/forecast", "panel": "/v1/forecast", "table": "/v1/predict"}
"""The route of our own API for each kind of model."""
INTERVALS_PER_ROW = 8
"""In an answer of as many rows as are allowed; fewer rows may have more. Each interval is up to four cells of it."""


class Table(Protocol):
    """Posted rows, as one protocol writes them."""

    def __len__(self) -> int:
        """Return how many rows were posted."""

    def read_columns(self, schema: Schema) -> tuple[Sequence[str] | None, Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table.

        `schema` is the model's. Without names the cells are in its order.
        """


@dataclass(frozen=True)
class ScoringRequest:
    """What a caller asks for, in no protocol's terms.

    `reader` reads the cells of the table, for a model of one of the `kinds`. A table of more than `max_rows` rows is
    refused. None leaves the choice of model, version, symbol and levels to the service; by default there are no
    intervals. `reply` is what the door has to know when it writes the answer; nothing else reads it.
    """

    table: Table
    reader: CellReader
    max_rows: int
    model: str | None = None
    version: int | str | None = None
    symbol: str | None = None
    history: Literal["stored", "none"] = "stored"
    trace: Literal["digests", "values"] | None = None
    levels: Levels | None = ()
    kinds: tuple[ModelKind, ...] = SERIES
    reply: Any = None


@dataclass(frozen=True)
class Answer:
    """What was asked, the version that answered, the rows as its schema reads them, their forecast, and its levels.

    `rows` are the places of the rows in a frame of many series, as posted; None if they are the whole frame.
    """

    request: ScoringRequest
    served: Served
    posted: Any
    forecast: Forecast
    levels: Levels = ()
    rows: Sequence[int] | None = None

    def place(self, row: int) -> int:
        """Return the place, as posted, of the row at a position of `posted`."""
        return row if self.rows is None else self.rows[row]


def score(registry: Registry, request: ScoringRequest, record: RequestRecord | None = None) -> Answer:
    """Return the answer to a request; the record gets the version that answers, the rows and the times.

    Raises the `LockstepError` that `lockstep.scoring.errors.describe` turns into a problem.
    """
    record = record or RequestRecord()
    served = choose_served(registry, request, record)
    levels = served.bundle.choose_levels(request.levels)
    posted = read_rows(request, served.bundle)
    check_intervals(levels, len(request.table), request.max_rows)
    record.end_stage("parse")
    forecast = served.bundle.predict(posted, request.history == "stored", levels)
    record.end_stage("forecast")
    return Answer(request, served, posted, forecast, levels)


def choose_served(registry: Registry, request: ScoringRequest, record: RequestRecord) -> Served:
    """Return the version that a request names; the record gets it, and the number of rows.

    Raises `RequestError` for a model of a kind that the route cannot serve, `UnknownModel`, `UnknownSymbol` or
    `UnprovenSeries`.
    """
    served = registry.choose(request.model, request.version, request.symbol)
    record.served, record.rows = served, len(request.table)
    if served.bundle.manifest.kind not in request.kinds:
        raise _refuse_kind(request, served, registry)
    return registry.pick_series(served, request.symbol)


def _refuse_kind(request: ScoringRequest, served: Served, registry: Registry) -> RequestError:
    """Return the refusal of a model that the route cannot serve; it lists those that it can."""
    kind, wanted = served.bundle.manifest.kind, request.kinds[0]
    others = dict.fromkeys(each.name for each in registry.served if each.bundle.manifest.kind in request.kinds)
    which = f"the default model, {served.name}," if request.model is None else served.name
    listed = f"{', '.join(others)}, which {ROUTES[wanted]} takes in `model`" if others else "none here"
    with_symbol = ", with the `symbol` of a series" if kind == PANEL else ""
    detail = f"{which} is of a {kind}: post its rows to {ROUTES[kind]}{with_symbol}"
    return RequestError(WRONG_KIND, f"{detail}. This route serves models of a {wanted}: {listed}")


def read_rows(request: ScoringRequest, bundle: Bundle) -> Any:
    """Return the posted rows as the bundle's schema reads them; raise `RequestError` or `InvalidInput`."""
    check_rows(len(request.table), request.max_rows)
    names, columns = request.table.read_columns(bundle.schema)
    return bundle.read_rows(names, columns, request.reader)


def check_rows(n_rows: int, max_rows: int) -> None:
    """Raise `RequestError` for more rows than a request may have."""
    if n_rows > max_rows:
        raise RequestError(TOO_LARGE, f"{n_rows} rows; this service takes {max_rows} in one request")


def check_intervals(levels: Levels, n_rows: int, max_rows: int) -> None:
    """Raise `RequestError` for more intervals than one answer may hold; a row may have those of all levels.

    A body of 1 MB can ask for an answer of a hundred.
    """
    limit = max(INTERVALS_PER_ROW * max_rows, LARGEST_LEVEL)
    if n_rows * len(levels) > limit:
        detail = f"{len(levels)} levels for {n_rows} rows; this service answers {limit} intervals in one request"
        raise RequestError(TOO_LARGE, detail)
