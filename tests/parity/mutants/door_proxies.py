"""Proxies in front of a service's doors: each spoils the answers of one protocol by as little as can be."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from lockstep.parity.doors.body import HEAD_LENGTH
from lockstep.parity.doors.tensors import pack, unpack
from lockstep.predict.stages import PREDICTION, PROBA
from tests.parity.mutants.proxies import ALWAYS, Choose, Proxy
from tests.parity.mutants.seen import Seen, Told

Column = list[Any]
"""The predictions of an answer in the order posted, or rows of probabilities."""


def change_column(change: Callable[[Column], Column]) -> Callable[[Told], Told]:
    """Return what changes the first list of predictions of an answer, wherever its protocol has it."""

    def changed(told: Told) -> Told:
        if dict(told.headers).get("Content-Type", "") != "application/json":  # a label as text, or lines of them
            return told
        body = _replace(json.loads(told.body), change)
        return dataclasses.replace(told, body=json.dumps(body, separators=(",", ":")).encode())

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
    return [float(np.nextafter(column[0], np.inf)), *column[1:]]


def nudge_score(column: Column) -> Column:
    """Move the last probability of the first row by one ULP; labels stay."""
    first = column[0]
    return [[*first[:-1], float(np.nextafter(first[-1], 2.0))], *column[1:]] if isinstance(first, list) else column


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


def turn_lines(told: Told) -> Told:
    """Answer lines of CSV from the last one on."""
    if "text/csv" not in dict(told.headers).values():
        return told
    return dataclasses.replace(told, body=b"".join(told.body.splitlines(keepends=True)[::-1]))


@dataclasses.dataclass(frozen=True)
class Output:
    """An output of the Open Inference Protocol."""

    name: str
    datatype: str
    shape: list[int]
    elements: Column


def change_output(name: str, change: Callable[[Output], Output]) -> Callable[[Told], Told]:
    """Return what changes an output of an answer, in JSON or in bytes as it is."""

    def changed(told: Told) -> Told:
        length = int(dict(told.headers).get(HEAD_LENGTH, len(told.body)))
        head, octets, written = json.loads(told.body[:length]), told.body[length:], b""
        for output in head["outputs"]:
            size = output.get("parameters", {}).get("binary_data_size")
            elements = output["data"] if size is None else unpack(octets[:size], output["datatype"])
            octets = octets[size or 0 :]
            was = Output(output["name"], output["datatype"], output["shape"], elements)
            now = change(was) if was.name == name else was
            output.update(shape=now.shape, datatype=now.datatype)
            if size is None:
                output["data"] = now.elements
            else:
                written += (part := pack(now.elements, now.datatype))
                output["parameters"] = {"binary_data_size": len(part)}
        text = json.dumps(head, separators=(",", ":")).encode()
        return dataclasses.replace(told, body=text + written).head(HEAD_LENGTH, str(len(text)))

    return changed


def change_elements(change: Callable[[Column], Column]) -> Callable[[Output], Output]:
    """Return what changes the elements alone."""
    return lambda output: dataclasses.replace(output, elements=change(output.elements))


def narrow(output: Output) -> Output:
    """Answer in FP32."""
    return dataclasses.replace(output, datatype="FP32", elements=cut_to_float32(output.elements))


def turn_each_row(output: Output) -> Output:
    """Give the probabilities in another order of the classes."""
    k = output.shape[1]
    rows = (output.elements[first : first + k] for first in range(0, len(output.elements), k))
    return dataclasses.replace(output, elements=[element for row in rows for element in row[::-1]])


def turn_shape(output: Output) -> Output:
    """Say that the columns are rows."""
    return dataclasses.replace(output, shape=output.shape[::-1])


def cut_bytes(told: Told) -> Told:
    """Leave out the last byte of a binary answer."""
    is_binary = HEAD_LENGTH in dict(told.headers)
    return dataclasses.replace(told, body=told.body[:-1]) if is_binary else told


def _spoil(door: str, changes: dict[str, Callable[[Told], Told]]) -> tuple[Proxy, ...]:
    return tuple(Proxy(f"{door}: {name}", ("chunks",), ALWAYS, change, door=door) for name, change in changes.items())


NUMBERS = {
    "rows in another order": change_column(swap_rows),
    "one ULP": change_column(nudge_first),
    "numbers as text": change_column(write_texts),
    "single precision": change_column(cut_to_float32),
    "another version": lambda told: told.head("X-Model-Version", "flats/7"),
}
ONE_ULP, OUTPUT_ULP = change_column(nudge_first), change_output(PREDICTION, change_elements(nudge_first))
OFTEN = ("chunks", "wire", "sensitive")


def _has(text: bytes) -> Choose:
    return lambda seen: text in seen.body


def _is_binary(seen: Seen) -> bool:
    return bool(seen.header("HTTP_INFERENCE_HEADER_CONTENT_LENGTH"))


def _is_alone(seen: Seen) -> bool:
    return seen.has("data") and not isinstance(seen.asked["data"][0], list)


RARE_PROXIES = (
    Proxy("azure: no method", OFTEN, lambda s: not s.has("method"), ONE_ULP, door="azure"),
    Proxy("azure: a row alone", OFTEN, _is_alone, ONE_ULP, door="azure"),
    Proxy("predict: records", OFTEN, _has(b"{"), ONE_ULP, door="predict"),
    Proxy("mlflow: CSV", OFTEN, lambda s: "csv" in s.header("CONTENT_TYPE"), ONE_ULP, door="mlflow"),
    Proxy("mlflow: NaN", OFTEN, _has(b"NaN"), ONE_ULP, door="mlflow"),
    Proxy("mlflow: inputs", OFTEN, lambda s: s.has("inputs"), ONE_ULP, door="mlflow"),
    Proxy("mlflow: an endpoint", OFTEN, lambda s: s.path != "/invocations", ONE_ULP, door="mlflow"),
    Proxy("oip: bytes", OFTEN, _is_binary, OUTPUT_ULP, door="oip"),
    Proxy("oip: FP32", OFTEN, _has(b"FP32"), OUTPUT_ULP, door="oip"),
    Proxy("oip: a version", OFTEN, lambda s: "/versions/" in s.path, OUTPUT_ULP, door="oip"),
)
"""Each is wrong for some of the forms of its protocol."""

DOOR_PROXIES = (
    *RARE_PROXIES,
    *_spoil("predict", {**NUMBERS, "rows counted backwards": count_backwards}),
    *_spoil("azure", NUMBERS),
    *_spoil("mlflow", {**NUMBERS, "lines in another order": turn_lines}),
    *_spoil(
        "oip",
        {
            "rows in another order": change_output(PREDICTION, change_elements(swap_rows)),
            "one ULP": OUTPUT_ULP,
            "FP32": change_output(PREDICTION, narrow),
            "single precision": change_output(PREDICTION, change_elements(cut_to_float32)),
            "a byte less": cut_bytes,
            "another version": lambda told: told.head("X-Model-Version", "flats/7"),
        },
    ),
)
"""In front of a table of numbers."""

LABEL_PROXIES = (
    *_spoil("predict", {"labels in another order": change_column(swap_rows), "a label in quotes": quote_text}),
    *_spoil("azure", {"classes in another order": change_column(turn_classes), "one ULP": change_column(nudge_score)}),
    *_spoil(
        "oip",
        {
            "classes in another order": change_output(PROBA, turn_each_row),
            "labels in another order": change_output(PREDICTION, change_elements(swap_rows)),
            "one ULP": change_output(PROBA, change_elements(nudge_first)),
            "a turned shape": change_output(PROBA, turn_shape),
        },
    ),
)
"""In front of a classifier with three classes."""
