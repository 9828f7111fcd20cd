"""What the bundle of a table states: how many rows, what its baseline knows, and the scores."""

import numpy as np

from lockstep.bundles.baselines import compare_with_baseline, learn_baseline
from lockstep.bundles.comparing import (
    describe_false,
    require_columns,
    require_near,
    require_outputs,
    require_rows,
    require_same,
    require_scores,
)
from lockstep.bundles.evaluation import ROW_ID, make_evaluation
from lockstep.bundles.table import TableBundle
from lockstep.errors import InvalidBundle


def check_table_statements(bundle: TableBundle) -> None:
    """Raise a `BundleError` if a statement of a table does not follow from its rows, targets and predictions.

    The test rows have no target beside `y_true`, which is taken as stated, as is what the learning rows taught.
    """
    manifest, evaluation = bundle.manifest, bundle.evaluation
    keys = {ROW_ID: np.array(evaluation.keys)}
    require_columns(manifest.name, evaluation, make_evaluation(keys, evaluation.y_true, {}))
    require_same(manifest.name, "test_rows", manifest.test_rows, len(evaluation.keys))
    require_rows(manifest.name, int(evaluation.realised.sum()))
    require_outputs(manifest.name, evaluation, manifest.classes)
    _check_learned(bundle)
    scores = compare_with_baseline(evaluation.y_true, evaluation.outputs, bundle.baseline)
    require_scores(manifest.name, manifest.scores, dict(scores))


def _check_learned(bundle: TableBundle) -> None:
    """Compare what the baseline knows: an imported model has learned elsewhere, so its baseline knows these rows."""
    manifest = bundle.manifest
    learned = np.array(manifest.learned_target)
    if manifest.learning_rows < 0 or not np.isfinite(learned).all():
        stated = f"learning_rows {manifest.learning_rows}, learned_target {manifest.learned_target}"
        raise InvalidBundle(f"{manifest.name}: {stated}; expected a number of rows, and finite numbers")
    if manifest.learning_rows == 0:
        expected = learn_baseline(bundle.evaluation.y_true, manifest.classes).learned
        for was, now in zip(manifest.learned_target, expected, strict=True):
            require_near(manifest.name, "learned_target", was, now)
    elif manifest.classes:
        if (learned < 0.0).any():
            raise describe_false(manifest.name, "manifest.json, learned_target", learned.min(), "shares of rows")
        require_near(manifest.name, "learned_target, in all", float(learned.sum()), 1.0)
