"""The members of a body beside its rows: which model is asked, what it may read and what it should tell."""

import json

from lockstep.bundles.bundle import Bundle
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Trace
from lockstep.parity.subject import Subject
from lockstep.predict.intervals import EVALUATED_LEVELS, Levels

MOST_LEVELS = 4


def draw_options(subject: Subject, draws: Draws, trace: Trace | None) -> dict[str, str]:
    """Return members as JSON text: those that have to be there, and some of those that may be."""
    members = {name: json.dumps(value) for name, value in draw_names(subject, draws).items()}
    return members if trace is None else {**members, "trace": json.dumps(trace)}


def write_levels(levels: Levels, draws: Draws) -> str:
    """Return levels as JSON: whole numbers, or numbers with a decimal point, which are the same to it."""
    return json.dumps([*map(float, levels)] if draws.chance(4) else levels)


def draw_levels(bundle: Bundle, draws: Draws) -> Levels | None:
    """Return the levels to ask for: often those that the service chooses, else none or some in any order.

    The outermost ones are among them more often than others: theirs are the first and the last of what is sorted. Some
    requests ask for those of the evaluation.
    """
    there = bundle.levels
    if not there or draws.chance(2):
        return None
    if draws.chance(6):
        return tuple(level for level in EVALUATED_LEVELS if level in there)
    levels = (there[0] + draws.permute(len(there))[: draws.below(MOST_LEVELS + 1)]).tolist()
    if levels and draws.chance(3):
        levels[draws.below(len(levels))] = draws.choose((there[0], there[-1]))
    return tuple(dict.fromkeys(levels))


def draw_names(subject: Subject, draws: Draws) -> dict[str, str | int]:
    """Return a way to name the version that is proven; the default model's champion needs no name."""
    served, asked = subject.served, subject.client.version
    if served is None:
        return {**subject.client.named, **subject.series_name}
    names: dict[str, str | int] = {}
    if not served.default or draws.chance(2):
        names["model"] = served.name
    if asked is not None and not served.default:
        names["version"] = asked
    elif draws.chance(2):
        names["version"] = draws.choose(subject.client.list_names(served))
    if served.symbol is not None and draws.chance(2):
        names["symbol"] = served.symbol
    return {**names, **subject.series_name}
