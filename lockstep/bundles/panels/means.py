"""The mean of each score over the series of a panel."""

import math
from collections.abc import Sequence

import msgspec

from lockstep.bundles.panels.index_lines import Scores
from lockstep.bundles.scores import AnyScores


def average_scores(scored: Sequence[Scores]) -> dict[str, AnyScores]:
    """Return the mean of each score over the series that have it, by predictor; the scores of all have one form."""
    return {name: _average([each[name] for each in scored]) for name in scored[0]}


def _average(scores: Sequence[AnyScores]) -> AnyScores:
    members: dict[str, float | None] = {}
    for each in msgspec.structs.fields(type(scores[0])):
        known = [value for one in scores if isinstance(value := getattr(one, each.name), float)]
        if known:
            members[each.name] = math.fsum(known) / len(known)
        elif each.required:
            members[each.name] = None
    return msgspec.convert(members, type(scores[0]))
