"""The section of the console that sends a request: what it is filled with, and what is known of the columns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry, Served
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.table import as_table
from lockstep.data.bars import DATE
from lockstep.data.column import ColumnSchema
from lockstep.data.schema import ADJUSTED_CLOSE
from lockstep.doors.stored import write_first, write_frame
from lockstep.predict.intervals import DEFAULT_LEVELS
from lockstep.scoring.score import ROUTES
from lockstep.scoring.service import Service
from lockstep.web.console.columns import TYPES, show_range
from lockstep.web.console.snippets import Snippet, Target, list_snippets
from lockstep.web.examples import Exemplify

NEWEST_BARS = 10


@dataclass(frozen=True)
class Field:
    """A column of a table as a field of a form, and its cell at first."""

    column: ColumnSchema
    cell: str

    @property
    def hint(self) -> str:
        """Return the type, what was learned, and whether the cell may be empty."""
        learned = show_range(self.column)
        told = TYPES[self.column.type] + (f", learned {learned}" if learned else "")
        return told + (", may be empty" if self.column.takes_missing else "")


@dataclass(frozen=True)
class Rows:
    """The rows at first, their cells as text, empty if missing; the type of each column that the model reads."""

    columns: list[str]
    cells: list[list[str]]
    types: Mapping[str, str]
    fields: list[Field]


@dataclass(frozen=True)
class Tryout:
    """A request to edit, where it goes, and an answer.

    `members` are those without which the request reaches another version. `symbol` is that of the series of a panel,
    else None. `level` is the default one, empty if there is none; None if the model has no intervals. `curl` is the
    first of the snippets with the rows in it. `example` is the answer to one row, as the route writes it.
    """

    rows: Rows
    target: Target
    snippets: list[Snippet]
    curl: str
    members: Mapping[str, object]
    symbol: str | None
    level: str | None
    horizon_bars: int | None
    example: str
    max_rows: int
    max_body_bytes: int

    @property
    def is_series(self) -> bool:
        """Return whether the rows are bars."""
        return not self.rows.fields


def make_tryout(service: Service, served: Served, exemplify: Exemplify, service_url: str) -> Tryout:
    """Return what the section shows of a version, of a panel that of one of its series.

    `service_url` ends without a slash.
    """
    bundle, settings = served.bundle, service.settings
    series = bundle if isinstance(bundle, SeriesBundle) else None
    frame = write_frame(series.bars.select(slice(-NEWEST_BARS, None))) if series else write_first(bundle)
    words = ("forecast", "bars", "forecast") if series else ("predict", "rows", "predictions")
    target = Target(service_url, ROUTES[bundle.manifest.kind], *words, bool(settings.api_keys))
    snippets = list_snippets(target)
    members = name_version(service.registry, served)
    symbol = series.manifest.symbol if series and series.is_of_panel else None
    named = members | ({"symbol": symbol} if symbol else {})
    return Tryout(
        _make_rows(bundle, frame),
        target,
        snippets,
        _fill_curl(snippets[0], {"dataframe_split": frame, **named}),
        members,
        symbol,
        _choose_level(bundle),
        series.manifest.horizon_bars if series else None,
        exemplify(served.name, served.version, symbol),
        settings.max_rows,
        settings.max_body_bytes,
    )


def name_version(registry: Registry, served: Served) -> dict[str, object]:
    """Return the members of a request that reach a version; none for the one that answers without them."""
    members: dict[str, object] = {} if served.name == registry.default.name else {"model": served.name}
    is_champion = registry.choose(served.name).version == served.version
    return members if is_champion else {**members, "version": served.version}


def _make_rows(bundle: Bundle, frame: Mapping[str, Any]) -> Rows:
    cells = [[_write_cell(cell) for cell in row] for row in frame["data"]]
    if isinstance(bundle, SeriesBundle):
        types = {DATE: DATE, **dict.fromkeys((*bundle.schema.columns, ADJUSTED_CLOSE), "number")}
        return Rows(frame["columns"], cells, types, [])
    columns = as_table(bundle).schema.columns
    types = {column.name: column.type for column in columns}
    return Rows(frame["columns"], cells, types, list(map(Field, columns, cells[0])))


def _write_cell(cell: float | str | None) -> str:
    """Return the text of a cell as it is, empty if the cell is missing."""
    if cell is None:
        return ""
    # a volume is a float here, and people write it without a point
    return cell if isinstance(cell, str) else str(cell).removesuffix(".0")


def _choose_level(bundle: Bundle) -> str | None:
    """Return the level of the intervals that are answered by default; None if the model has none."""
    if not bundle.levels:
        return None
    return str(DEFAULT_LEVELS[0]) if isinstance(bundle, SeriesBundle) else ""


def _fill_curl(curl: Snippet, body: Mapping[str, object]) -> str:
    return Template(curl.template).substitute(json=json.dumps(body, ensure_ascii=False))
