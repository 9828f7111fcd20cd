"""Train a bundle from a table: set test rows apart, fit on the others, evaluate on the test rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from lockstep.bundles.baselines import compare_with_baseline, learn_baseline
from lockstep.bundles.evaluation import (
    EVALUATION_FILE,
    ROW_ID,
    Evaluation,
    lay_out_stages,
    make_evaluation,
    write_evaluation,
)
from lockstep.bundles.fitted_state.steps import describe_steps, list_classes
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import TableManifest
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.sealing import SealedModel, seal_model
from lockstep.bundles.table import ROWS_FILE, list_columns
from lockstep.data.table_csv import KeyedRows, RawTable, write_rows
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import Stages
from lockstep.training.estimators import make_repeatable
from lockstep.training.guarantees import promise_outputs
from lockstep.training.table_fit import fit_table, try_columns
from lockstep.training.table_pipeline import build_pipeline, choose_estimator
from lockstep.training.table_rows import PreparedRows, TableRecipe, prepare_rows
from lockstep.training.table_target import Target


@dataclass(frozen=True)
class TrainedTable:
    """A trained bundle before it is saved, the target, and what was set so that the same table gives the same bytes.

    `reason` says why scikit-learn predicts; it is empty if the model has an exact form.
    """

    manifest: TableManifest
    files: Mapping[str, bytes]
    evaluation: Evaluation
    target: Target
    notes: list[str]
    reason: str


@dataclass(frozen=True)
class _Fitted:
    """A fitted model, sealed, and the stages of the test rows."""

    model: BaseEstimator
    sealed: SealedModel
    held_out: KeyedRows
    stages: Stages

    @property
    def classes(self) -> Labels:
        return list_classes(self.model)


def train_table(table: RawTable, recipe: TableRecipe) -> TrainedTable:
    """Return a bundle trained on a table; the model sees the learning rows and nothing else.

    The same table, recipe and library versions give the same bytes. Raises `TrainingError`, or `InvalidInput` for bad
    cells.
    """
    prepared = prepare_rows(table, recipe)
    target, learning = prepared.target, prepared.learning
    estimator = recipe.estimator
    if estimator is None:  # an ensemble that is not fitted has no truth value
        estimator = choose_estimator(learning.schema, target.task)
    unfitted, chosen = make_repeatable(build_pipeline(estimator, prepared.rows))
    model = fit_table(unfitted, learning, target.select(prepared.split.learning))
    return seal_table(recipe, prepared, model, chosen)


def seal_table(recipe: TableRecipe, prepared: PreparedRows, model: BaseEstimator, notes: list[str]) -> TrainedTable:
    """Return the bundle of a fitted model, evaluated on the test rows.

    Raises `TrainingError`, or `EvaluationMismatch` if its exact form answers otherwise than scikit-learn.
    """
    sealed = seal_model(None, model, list_columns(prepared.rows.schema), recipe.trusted)
    held_out = prepared.hold_out(try_columns(sealed.pickled, prepared.rows))
    fitted = _Fitted(model, sealed, held_out, sealed.model.predict(held_out.rows.inputs))
    evaluation = _evaluate(fitted, prepared.target.select(prepared.split.held_out))
    own = {ROWS_FILE: write_rows(held_out).encode(), EVALUATION_FILE: write_evaluation(evaluation).encode()}
    files = {**sealed.files, **own}
    manifest = seal_manifest(_describe(recipe, prepared, fitted, evaluation), files)
    return TrainedTable(manifest, files, evaluation, prepared.target, notes, sealed.reason)


def _evaluate(fitted: _Fitted, y_true: NDArray[Any]) -> Evaluation:
    laid_out = lay_out_stages(fitted.stages, fitted.classes, fitted.sealed.kept_stages)
    return make_evaluation({ROW_ID: np.array(fitted.held_out.row_ids)}, y_true, laid_out)


def _describe(recipe: TableRecipe, prepared: PreparedRows, fitted: _Fitted, evaluation: Evaluation) -> TableManifest:
    """Return the manifest of a bundle, not sealed yet."""
    split, target, rows = prepared.split, prepared.target, fitted.held_out.rows
    learned = split.learning if split.learning.size else split.held_out  # an imported model has learned elsewhere
    baseline = learn_baseline(target.select(learned), fitted.classes)
    return TableManifest(
        schema_version=2,
        name=recipe.name,
        schema=rows.schema,
        target=target.name,
        row_id=recipe.row_id,
        learning_rows=split.learning.size,
        test_rows=split.held_out.size,
        seed=recipe.holdout.seed,
        learned_target=list(baseline.learned),
        estimator=describe_steps(fitted.model),
        classes=fitted.classes,
        predictor=fitted.sealed.predictor,
        guarantees=promise_outputs(fitted.sealed, list_columns(rows.schema), rows.inputs, fitted.stages),
        trusted=dict(fitted.sealed.trusted),
        scores={**compare_with_baseline(evaluation.y_true, fitted.stages, baseline)},
        evaluation=list(evaluation.columns),
        libraries=installed_libraries(),
        source=prepared.source,
        files={},
    )
