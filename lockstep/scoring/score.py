"""The one function behind every route that scores, whatever the protocol and the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lockstep.bundles.bundle import Bundle
from lockstep.data.bars import Bars
from lockstep.data.schema import CellReader, Cells, assemble_bars
from lockstep.predict.forecast import Forecast
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_LARGE
from lockstep.scoring.record import RequestRecord


class Table(Protocol):
    """Posted rows, as one protocol writes them."""

    def __len__(self) -> int:
        """Return how many rows were posted."""

    def read_columns(self) -> tuple[Sequence[str], Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidBars` if they make no table."""


class Registry(Protocol):
    """What is served."""

    def pick(self, model: str | None, version: str | None, symbol: str | None) -> Bundle:
        """Return the bundle that is asked for; raise an error that names what there is."""


@dataclass(frozen=True)
class ScoringRequest:
    """What a caller asks for, in no protocol's terms.

    `reader` reads the cells of the table. A table of more than `max_rows` rows is refused. None leaves the choice of
    model, version and symbol to the service.
    """

    table: Table
    reader: CellReader
    max_rows: int
    model: str | None = None
    version: str | None = None
    symbol: str | None = None
    history: Literal["stored", "none"] = "stored"
    trace: Literal["digests", "values"] | None = None


@dataclass(frozen=True)
class Answer:
    """What was asked, the bundle that answered, the rows as it read them, and their forecast."""

    request: ScoringRequest
    bundle: Bundle
    posted: Bars
    forecast: Forecast


def score(registry: Registry, request: ScoringRequest, record: RequestRecord | None = None) -> Answer:
    """Return the answer to a request; the record gets the bundle's digest, the rows and the times.

    Raises the `LockstepError` that `lockstep.scoring.errors.describe` turns into a problem.
    """
    record = record or RequestRecord()
    bundle = registry.pick(request.model, request.version, request.symbol)
    record.digest = bundle.manifest.version
    record.rows = len(request.table)
    posted = _read_bars(request, bundle)
    record.end_stage("parse")
    forecast = bundle.forecaster.forecast(posted, use_stored=request.history == "stored")
    record.end_stage("forecast")
    return Answer(request, bundle, posted, forecast)


def _read_bars(request: ScoringRequest, bundle: Bundle) -> Bars:
    if len(request.table) > request.max_rows:
        detail = f"{len(request.table)} rows; this service takes {request.max_rows} in one request"
        raise RequestError(TOO_LARGE, detail)
    names, columns = request.table.read_columns()
    return assemble_bars(names, columns, request.reader, bundle.calendar, bundle.adjusts)
