"""What the bundle of a series states of its verdict: the test, and what follows from the walk-forward comparison."""

import msgspec
from msgspec import UNSET

from lockstep.bundles.entries import RETURN
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.scores import NO_CHANGE
from lockstep.bundles.selections import SelectionEntry, choose_candidate
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.stated.compare import NEXT, require_near, require_same
from lockstep.bundles.verdicts import NaiveComparison, VerdictEntry, compare_with_naive, decide_verdict
from lockstep.errors import InvalidBundle
from lockstep.worth.significance import choose_lag


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
    walk_forward = entry.walk_forward
    rows = min(walk_forward.rows, manifest.learning.rows)
    require_same(name, "verdict.walk_forward.rows", walk_forward.rows, rows)
    require_same(name, "verdict.walk_forward.lag", walk_forward.lag, choose_lag(rows, horizon_bars))
    require_same(name, "verdict.verdict", entry.verdict, decide_verdict(walk_forward))
    if manifest.selection is not UNSET:
        _check_selection(bundle, manifest.selection, entry)


def _check_selection(bundle: SeriesBundle, selection: SelectionEntry, verdict: VerdictEntry) -> None:
    """Raise a `BundleError` if another candidate would be chosen, or the verdict or the answers are not its own."""
    name = bundle.manifest.name
    if not selection.candidates:
        raise InvalidBundle(f"{name}: {MANIFEST_FILE}, selection has no candidates; {NEXT}")
    found = choose_candidate(selection.candidates)
    require_same(name, "selection.best", selection.best, found.best)
    require_same(name, "selection.chosen", selection.chosen, found.chosen)
    require_same(name, "verdict.walk_forward", verdict.walk_forward, found.served.walk_forward)
    if not found.is_gate_passed:
        answers = set(bundle.evaluation.y_pred.tolist())
        require_same(name, "answers of a model that looks at nothing", answers, {NO_CHANGE})


def require_comparison(name: str, member: str, stated: NaiveComparison, found: NaiveComparison) -> None:
    """Raise `EvaluationMismatch` if a comparison is not the one that was found; `member` is its place."""
    for part, now in msgspec.structs.asdict(found).items():
        was = getattr(stated, part)
        if isinstance(was, float) and isinstance(now, float):
            require_near(name, f"{member}.{part}", was, now, scale=1.0)
        else:
            require_same(name, f"{member}.{part}", was, now)
