"""From the cells of a table to rows with a key, a target and a split: all that training needs before it fits."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace

from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.pipeline import Pipeline

from lockstep.bundles.entries import Source
from lockstep.bundles.trusted import Trusted
from lockstep.data.cells import show_cell
from lockstep.data.table import TableRows, TableSchema
from lockstep.data.table_csv import ROW_ID, KeyedRows, RawTable
from lockstep.errors import InvalidInput, Problem, TrainingError
from lockstep.training.table_columns import Typed, infer_schema, learn_schema, require_column
from lockstep.training.table_split import Holdout, Rows, Split, split_rows
from lockstep.training.table_target import Target, Task, read_target


@dataclass(frozen=True)
class TableRecipe:
    """What to train: the model's name, the column of the target, and an unfitted estimator if not the default.

    `row_id` is the column of the keys, None for the places of the rows in the file. `typed` are columns whose type the
    user says; `task` is what the target is for, None to choose by its values. `source` is the file, if there is one;
    `trusted` are the application's own classes that the model may hold.
    """

    name: str
    target: str
    estimator: BaseEstimator | None = None
    row_id: str | None = None
    task: Task | None = None
    typed: Typed = field(default_factory=Typed)
    holdout: Holdout = field(default_factory=Holdout)
    source: Source | None = None
    trusted: Trusted = field(default_factory=Trusted)


@dataclass(frozen=True)
class PreparedRows:
    """All rows, whose schema holds what the learning rows teach; their keys, target and split."""

    row_ids: list[str]
    rows: TableRows
    target: Target
    split: Split
    source: Source

    @property
    def learning(self) -> TableRows:
        """Return the rows to learn from."""
        return self.rows.select(self.split.learning)

    def hold_out(self, schema: TableSchema) -> KeyedRows:
        """Return the test rows by the schema of the fitted model.

        Raises `TrainingError` for a cell that the model does not take, though it was never in the learning rows.
        """
        held_out: Rows = self.split.held_out
        keyed = KeyedRows([self.row_ids[row] for row in held_out.tolist()], self.rows.select(held_out))
        for column, values in zip(schema.columns, keyed.rows.columns, strict=True):
            if not column.takes_missing and (missing := column.find_missing(values)):
                raise TrainingError(
                    f"the column {column.name} is empty in {len(missing)} test row(s), first "
                    f"{keyed.row_ids[missing[0]]}, and the model takes no missing value there"
                )
            if column.refuses_unseen and (unseen := column.find_unlearned(values)):
                raise TrainingError(
                    f"test row {keyed.row_ids[unseen[0].row or 0]}, {column.name}: {unseen[0].reason}; the encoder "
                    "refuses what it has not learned"
                )
        return replace(keyed, rows=replace(keyed.rows, schema=schema))


def prepare_rows(table: RawTable, recipe: TableRecipe) -> PreparedRows:
    """Return the rows of a recipe; raise `TrainingError`, or `InvalidInput` for bad cells."""
    target = read_target(table, recipe.target, choose_task(recipe.estimator, recipe.task))
    row_ids = read_row_ids(table, recipe.row_id)
    inputs = table.without(recipe.target)
    if recipe.row_id is not None:
        inputs = inputs.without(recipe.row_id)
    if ROW_ID in inputs.names:
        raise TrainingError(
            f"the column {ROW_ID} has the name of the keys in rows.csv; pass --id {ROW_ID}, or rename it"
        )
    if not inputs.names:
        raise TrainingError(f"there is no column beside {recipe.target}; a model needs one to read")
    rows = inputs.read(infer_schema(inputs, recipe.typed))
    if not isinstance(recipe.estimator, Pipeline):
        _refuse_missing_text(inputs, rows)
    split = split_rows(target, recipe.holdout)
    learned = replace(rows, schema=learn_schema(rows.select(split.learning)))
    return PreparedRows(row_ids, learned, target, split, describe_source(table, recipe))


def _refuse_missing_text(table: RawTable, rows: TableRows) -> None:
    """Raise `InvalidInput` for free text that is missing: the vectorizer before an estimator needs it."""
    problems = [
        Problem(table.numbers[row], column.name, "the text is missing; a model of text needs it")
        for column, values in zip(rows.schema.columns, rows.columns, strict=True)
        if column.type == "text"
        for row in column.find_missing(values)
    ]
    if problems:
        raise InvalidInput(problems, table.unit)


def choose_task(estimator: BaseEstimator | None, task: Task | None) -> Task | None:
    """Return what an estimator is for, None if there is none; raise `TrainingError` if something else was asked for."""
    if estimator is None:
        return task
    if not (is_classifier(estimator) or is_regressor(estimator)):
        raise TrainingError(f"{type(estimator).__name__} is neither a classifier nor a regressor")
    found: Task = "classification" if is_classifier(estimator) else "regression"
    if task not in (None, found):
        raise TrainingError(f"{type(estimator).__name__} is for {found}, not for {task}")
    return found


def read_row_ids(table: RawTable, name: str | None) -> list[str]:
    """Return the keys of the rows: the cells of a column, or the places of the rows in the file, from 0.

    Raises `TrainingError` for a column that is not there, `InvalidInput` for keys that are missing, repeated or do not
    print.
    """
    if name is None:
        return [str(place) for place in range(len(table))]
    require_column(table, name)
    counts = Counter(table.column(name))
    pairs = [(number, cell or "") for number, cell in zip(table.numbers, table.column(name), strict=True)]
    problems = [Problem(number, name, "the key is missing") for number, cell in pairs if not cell]
    problems += [
        Problem(number, name, f"the key {show_cell(cell)} is there twice or does not print")
        for number, cell in pairs
        if cell and (counts[cell] > 1 or not cell.isprintable())
    ]
    if problems:
        raise InvalidInput(problems, table.unit)
    return [cell for _, cell in pairs]


def describe_source(table: RawTable, recipe: TableRecipe) -> Source:
    """Return the file of a recipe, or the digest of a table that is from none."""
    if recipe.source is not None:
        return recipe.source
    cells = [table.names, *table.columns]
    return Source("", hashlib.sha256(repr(cells).encode()).hexdigest())
