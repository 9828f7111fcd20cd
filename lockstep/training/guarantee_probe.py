"""Predict the rows of a task with pickled objects, in a process of its own.

A task comes in at `python -m lockstep.training.guarantee_probe`, and its outputs go out, as MessagePack.

Which BLAS kernel and SIMD level a process computes with is decided when its libraries load, by its environment.
"""

import sys
from pathlib import Path

import msgspec
import numpy as np

from lockstep.applications import read_application
from lockstep.bundles.pickled import load_pickled
from lockstep.bundles.trusted import load_trusted
from lockstep.predict.exact.form import Inputs
from lockstep.predict.stages import PREDICTION, PROBA

Cell = float | str | None
Outputs = dict[str, list[list[float] | float | int | bool | str]]
"""A number, a label or the probabilities of each row."""


class Task(msgspec.Struct, frozen=True):
    """What is predicted: the pickles, the names of the inputs, and their cells, column by column.

    `application` is the folder whose code the names of `trusted` are.
    """

    pickles: dict[str, bytes]
    columns: list[str]
    cells: list[list[Cell]]
    is_text: list[bool]
    is_table: bool
    application: str | None = None
    trusted: list[str] = []

    def build_inputs(self) -> Inputs:
        """Return the cells as a model reads them."""
        if not any(self.is_text):
            return np.array(self.cells, np.float64).T
        return tuple(
            np.array(column, object if is_text else np.float64)
            for column, is_text in zip(self.cells, self.is_text, strict=True)
        )


def describe_task(pickles: dict[str, bytes], columns: tuple[str, ...], inputs: Inputs, is_table: bool) -> Task:
    """Return the task of predicting `inputs`, without trusted code."""
    held = list(inputs.T) if isinstance(inputs, np.ndarray) else list(inputs)
    is_text = [column.dtype.kind == "O" for column in held]
    return Task(pickles, list(columns), [column.tolist() for column in held], is_text, is_table)


def run_task(task: Task) -> Outputs:
    """Return the outputs of the task's model: `prediction`, and `proba` if it has probabilities."""
    trusted = {}
    if task.trusted and task.application:
        trusted = dict(load_trusted(task.trusted, read_application(Path(task.application))).objects)
    model = load_pickled(task.pickles, task.columns, task.is_table, trusted)
    stages = model.predict(task.build_inputs())
    return {name: stages[name].tolist() for name in (PROBA, PREDICTION) if name in stages}


if __name__ == "__main__":
    found = run_task(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))
