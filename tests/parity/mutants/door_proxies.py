"""Proxies in front of a service's doors: each spoils the answers of one protocol by as little as can be."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.parity.mutants.proxies import ALWAYS, Proxy
from tests.parity.mutants.seen import Told

Column = list[Any]
"""The predictions of an answer in the order posted, or rows of probabilities."""


def change_column(change: Callable[[Column], Column]) -> Callable[[Told], Told]:
    """Return what changes the first list of predictions of an answer, wherever its protocol has it."""

    def changed(told: Told) -> Told:
        try:
            body = json.loads(told.body)
        except ValueError:  # a label as plain text
            return told
        return dataclasses.replace(told, body=json.dumps(_replace(body, change), separators=(",", ":")).encode())

    return changed


def _replace(body: Any, change: Callable[[Column], Column]) -> Any:
    if isinstance(body, list):
        return change(body)
    [name] = [name for name in ("predictions", "res") if name in body]
    if isinstance(body[name], dict):
        return {name: dict(zip(body[name], change(list(body[name].values())), strict=True))}
    return {name: change(body[name]) if isinstance(body[name], list) else change([body[name]])[0]}


def swap_rows(column: Column) -> Column:
    """Answer the first row with the prediction of the next that has another one, and the reverse."""
    other = next((row for row, value in enumerate(column) if value != column[0]), 0)
    swapped = list(column)
    swapped[0], swapped[other] = column[other], column[0]
    return swapped


def nudge_first(column: Column) -> Column:
    """Move the first number by one ULP."""
    first = column[0]
    if isinstance(first, list):
        return [[*first[:-1], float(np.nextafter(first[-1], 2.0))], *column[1:]]
    return [float(np.nextafter(first, np.inf)), *column[1:]]


def write_texts(column: Column) -> Column:
    """Write numbers as text."""
    return [str(value) for value in column]


def cut_to_float32(column: Column) -> Column:
    """Answer in single precision."""
    return np.array(column, np.float32).astype(np.float64).tolist()


def turn_classes(column: Column) -> Column:
    """Give the probabilities in another order of the classes; labels stay."""
    return [row[::-1] if isinstance(row, list) else row for row in column]


def count_backwards(told: Told) -> Told:
    """Name the rows of `/predict` from the last one on."""
    body = json.loads(told.body) if told.body.startswith(b"{") else {}
    if not isinstance(body.get("predictions"), dict):
        return told
    values = list(body["predictions"].values())
    named = {f"prediction_{len(values) - 1 - row}": value for row, value in enumerate(values)}
    return dataclasses.replace(told, body=json.dumps({"predictions": named}).encode())


def quote_text(told: Told) -> Told:
    """Write a label that is plain text as JSON does."""
    is_text = told.body[:1] not in b"[{"
    return dataclasses.replace(told, body=b'"' + told.body + b'"') if is_text else told


def _spoil(door: str, changes: dict[str, Callable[[Told], Told]]) -> tuple[Proxy, ...]:
    return tuple(Proxy(f"{door}: {name}", ("chunks",), ALWAYS, change, door=door) for name, change in changes.items())


NUMBERS = {
    "rows in another order": change_column(swap_rows),
    "one ULP": change_column(nudge_first),
    "numbers as text": change_column(write_texts),
    "single precision": change_column(cut_to_float32),
    "another version": lambda told: told.head("X-Model-Version", "flats/7"),
}
DOOR_PROXIES = (*_spoil("predict", {**NUMBERS, "rows counted backwards": count_backwards}),)
"""In front of a table of numbers."""

LABEL_PROXIES = (
    *_spoil("predict", {"labels in another order": change_column(swap_rows), "a label in quotes": quote_text}),
)
"""In front of a classifier with three classes."""
