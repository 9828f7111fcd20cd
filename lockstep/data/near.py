"""Names that were sent, beside those that were expected."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import islice

from lockstep.errors import Problem

MAX_COMPARED, MAX_CHARACTERS = 20, 40
"""How many names of the input are compared, and how much of each: it may have a million, of any length."""
MAX_NAMES = 200
"""How many names of this side are compared: that takes some milliseconds."""
ALIKE = 0.5
"""How alike two names are, of 1, that differ by two letters that changed places in a name of four."""
ALIKE_COLUMNS = 0.6
"""How alike the names of two columns are, of 1: more than `open` and `volumen`, less than `volume` and `vol`."""
LETTERS = re.compile(r"[\W_]")
"""What two names are compared without, as in `<CLOSE>`."""
MAX_LISTED = 3
MISSING = "the column is missing"


def find_near(name: str, others: Iterable[str], n_compared: int = MAX_COMPARED) -> str | None:
    """Return the one of the first `n_compared` other names that is most like a name, None if none is."""
    compared = {other[:MAX_CHARACTERS].lower(): other[:MAX_CHARACTERS] for other in islice(others, n_compared)}
    found = get_close_matches(name[:MAX_CHARACTERS].lower(), compared, n=1, cutoff=ALIKE)
    return compared[found[0]] if found else None


def name_nearest(asked: str, names: Iterable[str]) -> str:
    """Return the end of a refusal that names what was probably meant by an unknown name; empty if nothing is near.

    Of many names those are compared that begin with the same letter, `MAX_NAMES` at most.
    """
    known = list(names)
    if len(known) > MAX_COMPARED:
        known = [name for name in known if name[:1].lower() == asked[:1].lower()]
    near = find_near(asked, known, MAX_NAMES)
    return f"; did you mean {near!r}?" if near else ""


def find_missing(names: Iterable[str], unknown: Iterable[str]) -> list[Problem]:
    """Return a problem for each name of a missing column; the first few say which unknown names were sent."""
    missing = list(names)
    shown = [each[:MAX_CHARACTERS] for each in islice(unknown, MAX_COMPARED)]
    pairs = pair_names(missing, shown)
    near, others = {name: sent for sent, name in pairs.items()}, [each for each in shown if each not in pairs]
    return [
        Problem(None, name, _describe(near.get(name), others) if place < MAX_COMPARED else MISSING)
        for place, name in enumerate(missing)
    ]


def pair_names(missing: Sequence[str], unknown: Sequence[str]) -> dict[str, str]:
    """Return which of the first unknown names mean which of the first missing ones: each at most once, best first."""
    found = [(_compare(name, sent), sent, name) for sent in unknown[:MAX_COMPARED] for name in missing[:MAX_COMPARED]]
    pairs: dict[str, str] = {}
    for alike, sent, name in sorted(found, key=lambda each: -each[0]):
        if alike >= ALIKE_COLUMNS and sent not in pairs and name not in pairs.values():
            pairs[sent] = name
    return pairs


def _compare(name: str, other: str) -> float:
    one, two = (LETTERS.sub("", each[:MAX_CHARACTERS]).lower() for each in (name, other))
    return SequenceMatcher(None, one, two).ratio() if one and two else 0.0


def _describe(near: str | None, shown: Sequence[str]) -> str:
    """Return that a column is missing, with the unknown name that may be meant by it, or the first that were sent."""
    if near is not None:
        return f"{MISSING}; {near!r} was sent, which is unknown"
    listed = ", ".join(map(repr, shown[:MAX_LISTED])) + (", …" if len(shown) > MAX_LISTED else "")
    return f"{MISSING}; unknown are {listed}" if shown else MISSING
