"""Seal a model that is already fitted as the bundle of a table: it has learned elsewhere, so any row may test it."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from lockstep.applications import Application
from lockstep.bundles.evaluation import MIN_EVALUATION_ROWS
from lockstep.bundles.pickled import load_fitted
from lockstep.bundles.trusted import Trusted, load_trusted
from lockstep.data.table_csv import RawTable
from lockstep.errors import TrainingError
from lockstep.training.importing import ImportedModel
from lockstep.training.table_columns import infer_schema, learn_schema, require_column
from lockstep.training.table_rows import PreparedRows, TableRecipe, choose_task, describe_source, read_row_ids
from lockstep.training.table_split import Holdout, Rows, Split
from lockstep.training.table_target import read_target
from lockstep.training.table_training import TrainedTable, seal_table

NAMES = "feature_names_in_"


def open_imported(imported: ImportedModel, application: Application | None) -> tuple[Any, Trusted]:
    """Return the fitted model and the application's classes that it holds; see `load_fitted`."""
    trusted = load_trusted(imported.trusted, application) if application and imported.trusted else Trusted()
    return load_fitted(imported.content, "model.pkl", trusted.objects), trusted


def import_model(fitted: BaseEstimator, table: RawTable, recipe: TableRecipe) -> TrainedTable:
    """Return a bundle of a fitted model, whose rows to compare are those of the table, at most `holdout.max_rows`.

    The target and the keys are columns of the table; the others are what the model reads, in its order if it knows
    their names, else in theirs. The ranges and categories of the schema are those of the table. Raises `TrainingError`,
    `InvalidInput` for bad cells, and `EvaluationMismatch` if the exact form answers otherwise than the model.
    """
    if not hasattr(fitted, "predict"):
        raise TrainingError(
            f"the file holds a {type(fitted).__name__}, which does not predict; dump the fitted estimator or Pipeline"
        )
    target = read_target(table, recipe.target, choose_task(fitted, recipe.task))
    row_ids = read_row_ids(table, recipe.row_id)
    inputs = arrange_columns(fitted, table, [recipe.target, *([recipe.row_id] if recipe.row_id else [])])
    rows = inputs.read(infer_schema(inputs, recipe.typed))
    learned = replace(rows, schema=learn_schema(rows))
    split = Split(np.zeros(0, np.intp), choose_rows(len(row_ids), recipe.holdout))
    prepared = PreparedRows(row_ids, learned, target, split, describe_source(table, recipe))
    return seal_table(recipe, prepared, fitted, [])


def arrange_columns(fitted: BaseEstimator, table: RawTable, others: list[str]) -> RawTable:
    """Return the columns that a fitted model reads, in its order; raise `TrainingError` if there are others."""
    for name in others:
        require_column(table, name)
    found = [name for name in table.names if name not in others]
    expected = list(getattr(fitted, NAMES, found))
    if set(expected) != set(found):
        raise TrainingError(
            f"the model reads the columns {', '.join(expected)}; the table has {', '.join(found) or 'none'} beside "
            f"{' and '.join(others)}"
        )
    count = getattr(fitted, "n_features_in_", len(expected))
    if count != len(expected):
        raise TrainingError(f"the model reads {count} columns; the table has {len(expected)}: {', '.join(expected)}")
    return RawTable(expected, [table.column(name) for name in expected], table.numbers, table.unit)


def choose_rows(n_rows: int, holdout: Holdout) -> Rows:
    """Return the places of at most `max_rows` rows, drawn with the seed, in order.

    Raises `TrainingError` for too few rows.
    """
    if n_rows < MIN_EVALUATION_ROWS:
        raise TrainingError(f"{n_rows} rows are too few to compare with; at least {MIN_EVALUATION_ROWS} are needed")
    drawn = np.random.default_rng(holdout.seed).permutation(n_rows)[: holdout.max_rows]
    return np.sort(drawn)
