"""Where it broke: the first stage, row and column in which a service differs from what is expected of it."""

from dataclasses import dataclass, replace

import numpy as np

from lockstep.errors import MissingBars
from lockstep.parity.answers import UnexpectedAnswer
from lockstep.parity.compare import Comparison
from lockstep.parity.curl import write_curl
from lockstep.parity.difference import Value, measure_ulp
from lockstep.parity.nodes import Node, walk_row
from lockstep.parity.posted import Posted
from lockstep.parity.quoting import quote_text
from lockstep.parity.sides import NO_TRACE, Sides, read_sides
from lockstep.parity.subject import Subject
from lockstep.predict.stages import ENCODED, FEATURES, HALF_WIDTH, LEAF, LEAVES, SCALED

MAX_NAMED = 20
NOUNS = {FEATURES: "feature", SCALED: "feature", HALF_WIDTH: "level"}


@dataclass(frozen=True)
class Location:
    """The first value that differs; `column` is empty for the stages that are one value a row.

    `node` is, for a model of trees, the node of the local row at which the difference matters: that at which the paths
    part if the leaf differs, else the one nearest to sending the row another way by the column; None if no node reads
    it. `differing` counts the rows that differ, by stage and column, of the request that showed it; `curl` sends that
    request again, or a smaller one that shows it too. A missing value is None.
    """

    key: str
    stage: str
    column: str
    local: Value | None
    served: Value | None
    node: Node | None
    differing: dict[str, dict[str, int]]
    curl: str

    @property
    def ulp(self) -> int | None:
        """Return how many float64 lie between the two values, None if one is no number."""
        return measure_ulp(self.local, self.served)

    def __str__(self) -> str:
        return "\n    ".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """Return what to print, the command last."""
        where = f"{self.key}, stage {self.stage}" + (f", {self.noun} {self.column}" if self.column else "")
        distance = "" if self.ulp is None else f", {self.ulp} ULP apart"
        meaning = "the paths part at" if self.stage in (LEAF, LEAVES) else "nearest split:"
        node = "" if self.node is None else f"; {meaning} {self.node}"
        lines = [f"first differs at {where}: local {self.local!r}, served {self.served!r}{distance}{node}"]
        if len(counts := self.differing[self.stage]) > 1:
            named = ", ".join(f"{name} ({rows})" for name, rows in list(counts.items())[:MAX_NAMED])
            more = f" and {len(counts) - MAX_NAMED} more" if len(counts) > MAX_NAMED else ""
            lines.append(f"{self.noun}s that differ, and in how many rows: {named}{more}")
        return [*map(quote_text, lines), self.curl]

    @property
    def noun(self) -> str:
        """Return what a column of the stage is called."""
        return NOUNS.get(self.stage, "column")


def locate(subject: Subject, comparison: Comparison) -> Location | None:
    """Return where the service's answer to what was posted first differs, None if its values do not tell."""
    if comparison.posted is None:
        return None
    sides = _read(subject, comparison.posted)
    if sides is None or sides.first_stage is None:
        return None
    return _describe(subject, comparison.posted, sides, sides.first_stage)


def _read(subject: Subject, posted: Posted) -> Sides | None:
    try:
        return read_sides(subject, posted)
    except (UnexpectedAnswer, MissingBars, *NO_TRACE):  # a row may need others that were posted with it
        return None


def _describe(subject: Subject, posted: Posted, sides: Sides, stage: str) -> Location:
    row, *column = place = tuple(np.argwhere(sides.differing(stage))[0].tolist())
    key = sides.reference.keys[row]
    node = _find_node(subject, sides, stage, place)
    counts = {name: _count_rows(subject, sides, name) for name in sides.served}
    named = _name_columns(subject, sides, stage)[column[0]] if column else ""
    values = (_as_value(sides.local(stage)[place]), _as_value(sides.served[stage][place]))
    one = np.array([subject.list_keys(posted.rows).index(key)])
    alone = replace(posted, rows=posted.rows.select(one))
    again = _read(subject, alone)
    is_enough = again is not None and again.serves_alike(sides, row)
    curl = write_curl(subject, alone if is_enough else posted, in_line=is_enough)
    return Location(subject.name_row(key), stage, named, *values, node, counts, curl)


def _find_node(subject: Subject, sides: Sides, stage: str, place: tuple[int, ...]) -> Node | None:
    walked = walk_row(subject.bundle, sides.reference.stages, place[0], subject.inputs)
    if walked is None or stage not in (FEATURES, SCALED, ENCODED, LEAF, LEAVES):
        return None
    column = place[1] if len(place) > 1 else 0
    if stage in (LEAF, LEAVES):
        return walked.find_fork(column, int(sides.served[stage][place]))
    return walked.find_nearest(stage, column)


def _count_rows(subject: Subject, sides: Sides, stage: str) -> dict[str, int]:
    """Return how many rows differ, by column, or under the empty name for a stage of one value a row."""
    differs = sides.differing(stage)
    if differs.ndim == 1:
        return {"": int(differs.sum())} if differs.any() else {}
    counts = differs.sum(axis=0).tolist()
    return {name: count for name, count in zip(_name_columns(subject, sides, stage), counts, strict=True) if count}


def _name_columns(subject: Subject, sides: Sides, stage: str) -> tuple[str, ...]:
    return subject.name_columns(stage, sides.served[stage].shape[1], sides.reference.levels)


def _as_value(value: np.generic) -> Value | None:
    plain: Value = value.item()
    if isinstance(plain, str):
        return quote_text(plain)
    return None if plain != plain else plain  # noqa: PLR0124 -- NaN alone differs, and JSON has none
