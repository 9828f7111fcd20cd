"""What the bundle of a series states of its intervals."""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET

from lockstep.bundles.comparing import require_member
from lockstep.bundles.scoring_intervals import Evidence, score_intervals
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array
from lockstep.predict.stages import Stages

WHERE, NOTHING = "interval.scores", "nothing"


def check_interval_scores(bundle: SeriesBundle, learned: Array, stages: Stages) -> None:
    """Raise `EvaluationMismatch` at the first score of intervals that is stated and not the one that was found.

    `learned` are the returns of the learning rows, `stages` those of the test rows. Older bundles state no such score.
    """
    manifest, interval = bundle.manifest, bundle.forecaster.interval
    if manifest.interval is UNSET or manifest.interval.scores is UNSET or interval is None:
        return
    stated = manifest.interval.scores
    found = score_intervals(Evidence(bundle.bars, learned, bundle.evaluation, stages), interval)
    listed = [dict(_list_members(msgspec.to_builtins(scores), WHERE)) for scores in (stated, found)]
    for member in {**listed[1], **listed[0]}:
        require_member(manifest.name, member, *(scores.get(member, NOTHING) for scores in listed))


def _list_members(value: object, name: str) -> Iterator[tuple[str, object]]:
    """Yield the path of every number and text in nested members, and what it is."""
    if not isinstance(value, dict | list | tuple):
        yield name, value
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _list_members(each, f"{name}.{key}")
