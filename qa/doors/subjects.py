"""The models that the clients ask: rows to post, and what the evaluation says of them."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.evaluation import DATE, FORECAST_DATE, PROBA_COLUMN, Y_PRED
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.table import as_table
from lockstep.doors.answers import PROBA_COLUMN as ANSWERED_PROBA
from lockstep.doors.stored import write_frame, write_rows
from lockstep.predict.guarantees import BITS
from lockstep.predict.stages import PREDICTION, PROBA
from qa.default_bundle import DEFAULT_BUNDLE
from qa.dist.steps import run
from qa.doors.clients.job import Rows, spell
from qa.families import train_family
from qa.servers import ROOT

FLATS = "table-hist-boosting"
EXAMPLES = {
    "iris": ("species", "logistic"),
    "breast-cancer": ("diagnosis", "tree(max_depth=3)"),
    "sentiment": ("sentiment", "logistic"),
}
Spelled = Mapping[str, list[str | None]]
"""The cells of each output as `spell` writes them, by its name."""


@dataclass(frozen=True)
class Subject:
    """A model, the rows of its evaluation, and the outputs that the evaluation has for them.

    `loose` are the names of the outputs whose bits are not guaranteed, so that they are not compared.
    """

    folder: Path
    columns: list[str]
    types: list[str]
    rows: Rows
    outputs: Spelled
    loose: frozenset[str] = frozenset()

    @property
    def model(self) -> str:
        """Return the name of the model."""
        return self.folder.parent.name

    @property
    def without_gaps(self) -> "Subject":
        """Return the rows that a protocol without null can post: those whose texts are all there."""
        texts = [place for place, kind in enumerate(self.types) if kind in {"category", "text"}]
        kept = [number for number, row in enumerate(self.rows) if all(row[place] is not None for place in texts)]
        outputs = {name: _keep_rows(cells, kept, len(self.rows)) for name, cells in self.outputs.items()}
        return replace(self, rows=[self.rows[number] for number in kept], outputs=outputs)


def load_subject(folder: Path) -> Subject:
    """Return the model in the folder of a version."""
    bundle = load_bundle(folder)
    evaluated, classes = bundle.evaluation.cells, bundle.manifest.classes
    outputs = {PREDICTION: evaluated[Y_PRED], Y_PRED: evaluated[Y_PRED]}
    proba = {ANSWERED_PROBA.format(label): evaluated[PROBA_COLUMN.format(label)] for label in classes}
    matrix = {PROBA: np.stack(list(proba.values()), axis=1).ravel()} if proba else {}
    beside = {name: evaluated[name].astype(str) for name in (DATE, FORECAST_DATE) if name in evaluated}
    is_loose = classes and bundle.manifest.guarantees[PROBA] != BITS
    compared = {**outputs, **beside, **({} if is_loose else {**proba, **matrix})}
    columns, types, rows = list_rows(bundle)
    spelled = {name: [spell(cell) for cell in cells] for name, cells in compared.items()}
    return Subject(folder, columns, types, rows, spelled, frozenset({*proba, *matrix}) if is_loose else frozenset())


def list_rows(bundle: Bundle) -> tuple[list[str], list[str], Rows]:
    """Return the columns that a model reads, their types, and the evaluated rows; a missing cell is None."""
    if isinstance(bundle, SeriesBundle):
        frame = dict[str, Any](write_frame(bundle.test_bars))
        return frame["columns"], [DATE, *("number" for _ in bundle.bars.columns)], frame["data"]
    table = as_table(bundle)
    frame = dict[str, Any](write_rows(table.held_out.rows))
    types = [str(column.type) for column in table.schema.columns]
    rows = [[as_written(cell, kind) for cell, kind in zip(row, types, strict=True)] for row in frame["data"]]
    return frame["columns"], types, rows


def as_written(cell: Any, kind: str) -> Any:
    """Return a cell as a caller holds it: whole numbers are not floats."""
    return int(cell) if kind == "integer" and cell is not None else cell


def train_subjects(models: Path) -> dict[str, Subject]:
    """Train the models of the examples, as their pages do, and one with gaps; return all by name, the default too."""
    lockstep = Path(sys.executable).parent / "lockstep"
    for name, (target, estimator) in EXAMPLES.items():
        csv = models / f"{name}.csv"
        run([sys.executable, ROOT / "examples" / name / "write_table.py", csv], ROOT)
        run([lockstep, "train-table", csv, "--target", target, "--estimator", estimator, "--out", models / name], ROOT)
    train_family(FLATS, models)
    return {each.model: each for each in load_all((DEFAULT_BUNDLE, *(models / n / "1" for n in (FLATS, *EXAMPLES))))}


def load_all(folders: Iterable[Path]) -> list[Subject]:
    """Return the models in folders of versions."""
    return [load_subject(folder) for folder in folders]


def _keep_rows(cells: list[str | None], kept: list[int], n_rows: int) -> list[str | None]:
    """Return the cells of some rows; each row has as many as any other."""
    width = len(cells) // n_rows
    return [cell for number in kept for cell in cells[number * width : (number + 1) * width]]
