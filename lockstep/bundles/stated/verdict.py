"""What the bundle of a series states of its verdict: the test, and what follows from the walk-forward comparison."""

import numpy as np
from msgspec import UNSET

from lockstep.bundles.comparing import NEXT, TOLERANCE, describe_false, require_comparison, require_same
from lockstep.bundles.entries import RETURN
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.scores import NO_CHANGE
from lockstep.bundles.selections import CandidateEntry, SelectionEntry, choose_candidate
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.verdicts import (
    FOLDS,
    SCORED_FOLDS,
    VerdictEntry,
    compare_with_naive,
    decide_verdict,
    find_fold_edges,
)
from lockstep.errors import InvalidBundle
from lockstep.worth.significance import LARGEST_T, choose_lag


def check_verdict(bundle: SeriesBundle) -> None:
    """Raise a `BundleError` if a verdict or a selection is not what follows; without a verdict there is neither.

    The walk-forward comparison itself is taken as stated: it needs models that are not in the bundle. `lockstep verify
    --walk-forward` fits them again.
    """
    manifest, evaluation = bundle.manifest, bundle.evaluation
    if (entry := manifest.verdict) is UNSET:
        require_same(manifest.name, "selection without a verdict", manifest.selection, UNSET)
        return
    name, horizon_bars = manifest.name, manifest.horizon_bars
    require_same(name, "target of a verdict", manifest.target, RETURN)
    realised = evaluation.realised
    found = compare_with_naive(evaluation.y_true[realised], evaluation.y_pred[realised], horizon_bars)
    require_comparison(name, "verdict.test", entry.test, found)
    if bundle.is_of_panel:  # the folds are those of the panel, see `check_panel_verdict`
        return
    folds = FOLDS if manifest.selection is UNSET else SCORED_FOLDS
    require_same(name, "verdict.folds", entry.folds, folds)
    _check_walk_forward(bundle, "verdict.walk_forward", entry)
    require_same(name, "verdict.verdict", entry.verdict, decide_verdict(entry.walk_forward))
    if manifest.selection is not UNSET:
        _check_selection(bundle, manifest.selection, entry)


def _check_walk_forward(bundle: SeriesBundle, member: str, entry: VerdictEntry | CandidateEntry) -> None:
    """Raise `EvaluationMismatch` if a walk-forward comparison cannot be one; `member` is its place.

    Its rows follow from those that were learned from. Its t has the sign of the difference that its ratio shows.
    """
    manifest, stated = bundle.manifest, entry.walk_forward
    n_rows, folds = manifest.learning.rows, FOLDS if manifest.selection is UNSET else SCORED_FOLDS
    rows = n_rows - find_fold_edges(n_rows)[FOLDS - folds]
    require_same(manifest.name, f"{member}.rows", stated.rows, rows)
    require_same(manifest.name, f"{member}.lag", stated.lag, choose_lag(rows, manifest.horizon_bars))
    ratio = np.inf if stated.mse_ratio is None else stated.mse_ratio
    differs = abs(ratio - 1.0) > TOLERANCE
    if abs(stated.t) > LARGEST_T or ratio < 0.0 or (differs and stated.t * (ratio - 1.0) <= 0.0):
        raise InvalidBundle(f"{manifest.name}: {MANIFEST_FILE}, {member}: no rows give {stated}; {NEXT}")


def _check_selection(bundle: SeriesBundle, selection: SelectionEntry, verdict: VerdictEntry) -> None:
    """Raise a `BundleError` if another candidate would be chosen, or the verdict or the answers are not its own."""
    name = bundle.manifest.name
    if not selection.candidates:
        raise InvalidBundle(f"{name}: {MANIFEST_FILE}, selection has no candidates; {NEXT}")
    found = choose_candidate(selection.candidates)
    require_same(name, "selection.best", selection.best, found.best)
    require_same(name, "selection.chosen", selection.chosen, found.chosen)
    require_same(name, "verdict.walk_forward", verdict.walk_forward, found.served.walk_forward)
    for place, each in enumerate(selection.candidates):
        _check_walk_forward(bundle, f"selection.candidates.{place}", each)
        if not 0.0 <= each.shrinkage <= 1.0:
            raise describe_false(name, f"{MANIFEST_FILE}, λ of {each.estimator}", each.shrinkage, "a share")
    specs = [each.estimator for each in selection.candidates]
    require_same(name, "distinct candidates", len(specs), len(set(specs)))
    require_same(name, "t of no change", found.no_change.walk_forward.t, 0.0)
    if not found.is_gate_passed:
        answers = set(bundle.evaluation.y_pred.tolist())
        require_same(name, "answers of a model that looks at nothing", answers, {NO_CHANGE})
