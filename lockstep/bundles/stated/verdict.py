"""What the bundle of a series states of its verdict: the test, and what follows from the walk-forward comparison."""

import msgspec
from msgspec import UNSET

from lockstep.bundles.entries import RETURN
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.stated.compare import require_near, require_same
from lockstep.bundles.verdicts import NaiveComparison, compare_with_naive, decide_verdict
from lockstep.worth.significance import choose_lag


def check_verdict(bundle: SeriesBundle) -> None:
    """Raise `EvaluationMismatch` if a verdict is of another target, or not what follows; without one there is nothing.

    The walk-forward comparison itself is taken as stated: it needs models that are not in the bundle.
    """
    manifest, evaluation = bundle.manifest, bundle.evaluation
    if (entry := manifest.verdict) is UNSET:
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


def require_comparison(name: str, member: str, stated: NaiveComparison, found: NaiveComparison) -> None:
    """Raise `EvaluationMismatch` if a comparison is not the one that was found; `member` is its place."""
    for part, now in msgspec.structs.asdict(found).items():
        was = getattr(stated, part)
        if isinstance(was, float) and isinstance(now, float):
            require_near(name, f"{member}.{part}", was, now, scale=1.0)
        else:
            require_same(name, f"{member}.{part}", was, now)
