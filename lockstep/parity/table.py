"""A model of a table and the service that should predict as it does."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.table import TableBundle
from lockstep.data.table import TableRows
from lockstep.parity.callers import draw_headers
from lockstep.parity.cells import change_cells
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws
from lockstep.parity.local import PREDICT
from lockstep.parity.options import draw_levels, draw_options
from lockstep.parity.posted import History, Posted, Sent, Trace
from lockstep.parity.spelling import EXACT, draw_layout
from lockstep.parity.subject import Subject
from lockstep.parity.table_forms import BARE, SPELLS, SPLIT, draw_table_form, read_rows, spell_cells, write_rows
from lockstep.parity.wish import Wish
from lockstep.predict.intervals import Levels

NUMBER_BYTES = 30
"""A number in its longest spelling, with the space around it."""


@dataclass(frozen=True)
class Keyed:
    """Rows of a table and the key of each."""

    keys: list[str]
    rows: TableRows

    def __len__(self) -> int:
        return len(self.keys)

    def select(self, places: slice | NDArray[np.intp]) -> "Keyed":
        """Return the rows at `places`, in that order."""
        return Keyed(np.array(self.keys)[places].tolist(), self.rows.select(places))

    def write_cells(self) -> list[list[Any]]:
        """Return the cells by row, as JSON writes them, None if missing."""
        columns = zip(self.rows.schema.columns, self.rows.columns, strict=True)
        return [list(row) for row in zip(*(column.write(values) for column, values in columns), strict=True)]


@dataclass(frozen=True)
class TableSubject(Subject):
    """A service and the bundle of a table: rows are posted, whose keys stay here."""

    bundle: TableBundle

    route: ClassVar[str] = PREDICT
    most_rows: ClassVar[int] = 4095

    @cached_property
    def tested(self) -> Keyed:
        """Return the test rows."""
        return Keyed(self.bundle.held_out.row_ids, self.bundle.held_out.rows)

    @property
    def own_paths(self) -> tuple[str, ...]:
        """Return the one route."""
        return (PREDICT,)

    @cached_property
    def row_bytes(self) -> int:
        """Return more bytes than any row takes in a body; as a comma is a value, so is one in a text."""
        names = self.inputs
        longest = max(len(json.dumps(row)) + 16 * json.dumps(row).count(",") for row in self.tested.write_cells())
        return longest + len(json.dumps(names)) + NUMBER_BYTES * len(names)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the names of the columns that the model reads."""
        return tuple(self.bundle.schema.names)

    def list_keys(self, rows: Keyed) -> list[str]:
        """Return the ids of the rows."""
        return rows.keys

    def list_records(self, rows: Keyed) -> list[dict[str, Any]]:
        """Return the rows as objects from column to cell."""
        return [dict(zip(self.inputs, cells, strict=True)) for cells in rows.write_cells()]

    def number(self, rows: Keyed) -> TableRows:
        """Return the rows without their keys."""
        return rows.rows

    def change(self, rows: Keyed, draws: Draws) -> Keyed:
        """Return rows of the same keys whose cells are drawn anew; see `change_cells`."""
        held = zip(rows.rows.schema.columns, self.tested.rows.columns, strict=True)
        changed = tuple(change_cells(column, values, len(rows), draws) for column, values in held)
        return Keyed(rows.keys, replace(rows.rows, columns=changed))

    def repeat(self, places: NDArray[np.intp]) -> Keyed:
        """Return the test rows at `places`, any of which may be there often, with keys of their own."""
        return Keyed([f"row {place}" for place in range(places.size)], self.tested.rows.select(places))

    def draw_old(self, draws: Draws) -> Keyed:
        """Return test rows in any order, some of them changed or there twice."""
        size = draws.size(self.max_rows)
        rows = self.repeat(draws.pick(size, len(self.tested)))
        return self.change(rows, draws) if draws.chance(2) else rows

    def find_unchanged(self, rows: Keyed) -> NDArray[np.bool_]:
        """Return which rows are as they were evaluated."""
        held = self.tested.select(np.array([self.places[key] for key in rows.keys], np.intp))
        pairs = zip(held.write_cells(), rows.write_cells(), strict=True)
        return np.array([was == now for was, now in pairs], np.bool_)

    def spell(self, rows: Keyed, draws: Draws, wish: Wish) -> Sheet:
        """Return the rows in a spelling that is drawn as far as `wish` allows, in any order."""
        if not wish.keeps_order and draws.chance(3):
            rows = rows.select(draws.permute(len(rows)))
        layout, spell = draw_layout(draws), wish.spell or draws.choose(EXACT if wish.is_exact else SPELLS)
        cells = spell_cells(rows.write_cells(), spell, layout)
        text = layout.write_list([layout.write_list(row) for row in cells])
        return Sheet(Keyed(rows.keys, read_rows(text, self.bundle.schema)), self.inputs, cells, layout)

    def write_own(self, rows: Keyed, draws: Draws, wish: Wish) -> Posted:
        """Return the request that posts the rows to our own API."""
        if not wish.keeps_order and draws.chance(3):
            rows = rows.select(draws.permute(len(rows)))
        layout, trace = draw_layout(draws), draws.choose(wish.traces)
        form = draw_table_form(draws, wish, is_default=self.is_default, n_rows=len(rows))
        text = write_rows(self.inputs, rows.write_cells(), form, layout)
        body, levels = text, None
        if form.member == BARE:
            trace = None
        else:
            members, levels = draw_options(self, draws, trace), draw_levels(self.bundle, draws)
            members |= {} if levels is None else {"level": json.dumps(levels)}
            body = layout.write_object({form.member: text, **members})
        said = Keyed(rows.keys, read_rows(text, self.bundle.schema))
        sent = Sent(PREDICT, body.encode(), trace, draw_headers(draws), levels)
        return Posted(said, sent, "stored", wish.is_anchored, wish.before)

    def write_body(self, rows: Keyed, history: History, trace: Trace | None, levels: Levels | None = None) -> bytes:
        """Return the body that posts the rows in the plainest form, with the model and version that are asked."""
        body = {SPLIT: {"columns": self.inputs, "data": rows.write_cells()}, **self.client.named}
        options = {name: value for name, value in (("trace", trace), ("level", levels)) if value is not None}
        return msgspec.json.encode({**body, **options})
