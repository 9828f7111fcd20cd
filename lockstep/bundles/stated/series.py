"""What the bundle of a series states: horizon, windows, closes, what came true, scores, rates and the verdict."""

from collections.abc import Callable

import numpy as np

from lockstep.bundles.baselines import MODEL, score_outputs
from lockstep.bundles.comparing import (
    NEXT,
    describe_false,
    require_columns,
    require_near,
    require_outputs,
    require_rows,
    require_same,
    require_scores,
)
from lockstep.bundles.evaluation import Cells, make_evaluation
from lockstep.bundles.interval import check_interval
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.series_scores import score_series
from lockstep.bundles.stated.interval import check_interval_scores
from lockstep.bundles.stated.verdict import check_verdict
from lockstep.bundles.targets import BUILT_IN, Targets
from lockstep.bundles.windows import describe_window, list_keys
from lockstep.data.bars import Bars
from lockstep.errors import InvalidBundle
from lockstep.predict.stages import Stages

Build = Callable[[Bars], Cells]
"""From all bars, oldest first, to their targets at the horizon of the manifest."""


def check_series_windows(bundle: SeriesBundle) -> None:
    """Raise a `BundleError` if horizon, windows and interval are not those of the bars and the evaluation."""
    manifest, dates = bundle.manifest, bundle.evaluation.dates
    if manifest.horizon_bars < 1:
        raise InvalidBundle(f"{manifest.name}: horizon_bars is {manifest.horizon_bars}; expected 1 or more; {NEXT}")
    require_rows(manifest.name, dates.size - manifest.horizon_bars)
    require_same(manifest.name, "test", manifest.test, describe_window(dates))
    learned = bundle.bars.dates[bundle.learning_rows]
    if not learned.size:
        raise InvalidBundle(f"{manifest.name}: before the {dates.size} test rows there is no bar to learn from")
    require_same(manifest.name, "learning", manifest.learning, describe_window(learned))
    check_interval(manifest)  # before so many levels are measured


def check_series_statements(bundle: SeriesBundle, stages: Stages, build: Build | None) -> None:
    """Raise a `BundleError` if closes, what came true, scores, rates or verdict are not those of bars and predictions.

    `stages` are those of the test rows. `build` makes the targets if they are not built in. Without it `y_true` is
    taken as stated, and only the model's own scores are compared: those of the baseline need the learned targets.
    """
    manifest, evaluation = bundle.manifest, bundle.evaluation
    targets = _build_targets(bundle, build)
    n_rows = evaluation.dates.size
    y_true = evaluation.y_true if targets is None else targets[-n_rows:]
    keys = list_keys(bundle.test_bars, bundle.calendar, manifest.horizon_bars)
    require_columns(manifest.name, evaluation, make_evaluation(keys, y_true, {}))
    require_outputs(manifest.name, evaluation, manifest.classes)
    if targets is None:
        _check_stated_targets(bundle)
    else:
        learned = targets[bundle.learning_rows]
        _check_scores(bundle, learned)
        check_interval_scores(bundle, learned, stages)
    check_verdict(bundle)


def _build_targets(bundle: SeriesBundle, build: Build | None) -> Targets | None:
    if built_in := BUILT_IN.get(bundle.manifest.target):
        return built_in(bundle.bars, bundle.manifest.horizon_bars)
    return None if build is None else build(bundle.bars)


def _check_scores(bundle: SeriesBundle, learned: Targets) -> None:
    manifest = bundle.manifest
    found = score_series(bundle.evaluation, manifest.target, learned, manifest.classes)
    require_scores(manifest.name, manifest.scores, found.scores)
    for member, was, now in (("naive", manifest.naive, found.naive), ("up_rate", manifest.up_rate, found.up_rate)):
        if isinstance(was, float) and isinstance(now, float):
            require_near(manifest.name, member, was, now)
        else:
            require_same(manifest.name, member, was, now)


def _check_stated_targets(bundle: SeriesBundle) -> None:
    """Compare the model's scores with targets that are taken as stated; exactly the newest are not known yet."""
    manifest, evaluation = bundle.manifest, bundle.evaluation
    realised = evaluation.realised
    expected = np.arange(realised.size) < realised.size - manifest.horizon_bars
    if (rows := np.flatnonzero(realised != expected)).size:
        known = ["not known" if each else "known" for each in (expected[rows[0]], realised[rows[0]])]
        raise describe_false(manifest.name, f"evaluation.csv, y_true of {evaluation.keys[rows[0]]}", *known)
    outputs = {name: held[realised] for name, held in evaluation.outputs.items()}
    scores: dict[str, AnyScores] = {MODEL: score_outputs(evaluation.y_true[realised], outputs, manifest.classes)}
    stated = {name: scored for name, scored in manifest.scores.items() if name == MODEL}
    require_scores(manifest.name, stated, scores)
    require_same(manifest.name, "up_rate", manifest.up_rate, None)
