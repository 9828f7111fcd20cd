"""A bundle of a table: the schema of its columns, and the test rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lockstep.bundles.baselines import Baseline
from lockstep.bundles.bundle import MODEL_FILE, Bundle, Finds, Runs, check_file_names
from lockstep.bundles.evaluation import EVALUATION_FILE, ROW_ID, parse_evaluation
from lockstep.bundles.interval import choose_table_levels
from lockstep.bundles.manifest import MANIFEST_FILE, TableManifest
from lockstep.bundles.model import load_model
from lockstep.bundles.trusted import describe_trusted
from lockstep.data.cells import CellReader, Cells
from lockstep.data.table import TableRows, TableSchema
from lockstep.data.table_csv import KeyedRows, parse_rows
from lockstep.errors import InvalidBundle
from lockstep.predict.conformal import SplitConformal
from lockstep.predict.exact.form import Inputs
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import Levels
from lockstep.predict.model import ModelInputs

ROWS_FILE = "rows.csv"


@dataclass(frozen=True)
class TableBundle(Bundle):
    """A loaded bundle of a table: also its test rows."""

    manifest: TableManifest
    held_out: KeyedRows

    @property
    def schema(self) -> TableSchema:
        """Return what the model reads."""
        return self.manifest.schema

    @property
    def baseline(self) -> Baseline:
        """Return the predictor that the model is compared with."""
        return Baseline(self.manifest.classes, self.manifest.learned_target)

    def read_rows(self, names: Sequence[str] | None, columns: Sequence[Cells], reader: CellReader) -> TableRows:
        """Return the rows of a table; see `TableSchema.read`."""
        return self.schema.read(names, columns, reader)

    @cached_property
    def interval(self) -> SplitConformal | None:
        """Return the intervals that the test rows give; None for labels."""
        if self.manifest.classes:
            return None
        realised = self.evaluation.realised
        return SplitConformal.calibrate(self.evaluation.y_true[realised], self.evaluation.y_pred[realised])

    @property
    def levels(self) -> range:
        """Return the levels that so many test rows give; none for labels."""
        return range(0) if self.interval is None else self.interval.levels

    def choose_levels(self, asked: Levels | None) -> Levels:
        """Return the levels asked for, by default none; see `choose_table_levels`."""
        return choose_table_levels(self.manifest.name, self.interval, asked or ())

    def predict(self, rows: TableRows, use_stored: bool = True, levels: Levels = ()) -> Forecast:
        """Return the stages of all rows; the intervals are as wide for each, so they are no stage."""
        return Forecast(np.arange(len(rows)), self.model.predict(rows.inputs))

    @property
    def inputs(self) -> ModelInputs:
        """Return the columns that the model reads."""
        return list_columns(self.schema)

    def evaluated_inputs(self) -> Inputs:
        """Return the inputs of the test rows."""
        return self.held_out.rows.inputs

    def predict_evaluated(self) -> Forecast:
        """Return the stages of the test rows."""
        return self.predict(self.held_out.rows)


def list_columns(schema: TableSchema) -> ModelInputs:
    """Return what a model of the schema reads."""
    return ModelInputs(tuple(schema.names), schema.kinds, is_table=True)


def as_table(bundle: Bundle) -> TableBundle:
    """Return the bundle if it is of a table; raise `InvalidBundle` for another."""
    if not isinstance(bundle, TableBundle):
        raise InvalidBundle(f"{bundle.manifest.name} is a model of a {bundle.manifest.kind}; expected one of a table")
    return bundle


def assemble_table(manifest: TableManifest, contents: Mapping[str, bytes], finds: Finds, runs: Runs) -> TableBundle:
    """Return the bundle of files whose digests match."""
    check_file_names(manifest, {MODEL_FILE, ROWS_FILE, EVALUATION_FILE}, set())
    _check_schema(manifest)
    held_out = parse_rows(contents[ROWS_FILE].decode(), ROWS_FILE, manifest.schema)
    evaluation = parse_evaluation(contents[EVALUATION_FILE].decode(), manifest.evaluation)
    if manifest.evaluation[0].name != ROW_ID or evaluation.keys != held_out.row_ids:
        raise InvalidBundle(f"{EVALUATION_FILE} does not hold the rows of {ROWS_FILE}")
    model, guarantees = load_model(manifest, contents, list_columns(manifest.schema), runs, finds.trusted)
    warnings = tuple(describe_trusted(manifest.trusted, finds.trusted))
    return TableBundle(manifest, evaluation, model, guarantees, warnings, held_out)


def _check_schema(manifest: TableManifest) -> None:
    names = manifest.schema.names
    if not names or len(set(names)) < len(names):
        raise InvalidBundle(f"{MANIFEST_FILE}: the schema has no columns, or one of them twice")
    if manifest.target in names:
        raise InvalidBundle(f"{MANIFEST_FILE}: {manifest.target} is an input, and the target")
    for column in manifest.schema.columns:
        if not column.has_sound_range:
            learned = f"minimum {column.minimum} and maximum {column.maximum}"
            raise InvalidBundle(f"{MANIFEST_FILE}: {column.name!r} has {learned}; expected both in order, or neither")
    if len(manifest.learned_target) != max(1, len(manifest.classes)):
        raise InvalidBundle(f"{MANIFEST_FILE}: learned_target has not one number for each class")
