"""Rows of a table as clients write them: all five forms, columns in any order, numbers in any spelling."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lockstep.data.table import TableRows, TableSchema
from lockstep.parity.draws import Draws
from lockstep.parity.spelling import CUT, EXACT, Layout, Spell, round_up
from lockstep.parity.wish import Wish

SPLIT, RECORDS, INSTANCES, BARE = "dataframe_split", "dataframe_records", "instances", ""
SPELLS = (*EXACT, *(spell for spell in CUT if spell is not round_up))


@dataclass(frozen=True)
class Form:
    """How rows are written: the member of a body that holds them, which a `BARE` list has none of, and their numbers.

    `is_list` says whether a bare list holds the cells of one row, not records.
    """

    member: str
    spell: Spell
    is_list: bool


def draw_table_form(draws: Draws, wish: Wish, *, is_default: bool, n_rows: int) -> Form:
    """Return a form of those that the wish leaves; a bare list names no model, so it asks the default one."""
    members = (SPLIT, RECORDS, INSTANCES, BARE) if is_default and None in wish.traces else (SPLIT, RECORDS, INSTANCES)
    spell = draws.choose(EXACT if wish.is_exact else SPELLS)
    return Form(draws.choose(members), wish.spell or spell, n_rows == 1 and draws.chance(2))


def write_rows(names: Sequence[str], cells: list[list[Any]], form: Form, layout: Layout) -> str:
    """Return the rows as JSON text."""
    draws = layout.draws
    texts = spell_cells(cells, form.spell, layout)
    if form.member == INSTANCES:
        return layout.write_list(list(map(layout.write_list, texts)))
    if form.member == BARE and form.is_list:
        return layout.write_list(texts[0])
    order = draws.shuffle(range(len(names))) if draws.chance(2) else list(range(len(names)))
    named = [layout.write_text(names[place]) for place in order]
    if form.member != SPLIT:
        members = [
            [f"{name}{layout.colon}{row[place]}" for name, place in zip(named, order, strict=True)] for row in texts
        ]
        return layout.write_list([f"{{{layout.comma.join(each)}}}" for each in members])
    frame = {"columns": layout.write_list(named)}
    frame["data"] = layout.write_list([layout.write_list([row[place] for place in order]) for row in texts])
    if draws.chance(2):
        frame["index"] = layout.write_list(list(map(str, range(len(cells)))))
    return layout.write_object(frame)


def spell_cells(cells: list[list[Any]], spell: Spell, layout: Layout) -> list[list[str]]:
    """Return the cells as JSON text, by row."""
    return [[_write_cell(cell, spell, layout) for cell in row] for row in cells]


def _write_cell(cell: Any, spell: Spell, layout: Layout) -> str:
    if cell is None:
        return "null"
    return spell(cell) if isinstance(cell, float) else layout.write_text(cell)


def read_rows(text: str, schema: TableSchema) -> TableRows:
    """Return the rows of a form, in its order, read by the standard library alone."""
    told = json.loads(text)
    names, rows = schema.names, told
    if isinstance(told, dict):
        names, rows = told["columns"], told["data"]
    elif isinstance(told[0], dict):
        rows = [[record[name] for name in names] for record in told]
    elif not isinstance(told[0], list):
        rows = [told]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return TableRows(schema, tuple(_read_cells(columns[column.name], column.kind) for column in schema.columns))


def _read_cells(cells: Sequence[Any], kind: str) -> np.ndarray:
    if kind == "number":
        return np.array([np.nan if cell is None else float(cell) for cell in cells])
    return np.array([*cells, None], object)[:-1]
