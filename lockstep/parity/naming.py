"""Names of the columns of stages, for reports that say where it broke."""

from dataclasses import dataclass

from lockstep.bundles.bundle import Bundle
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.naming import output_names
from lockstep.predict.intervals import Levels
from lockstep.predict.stages import DECISION, ENCODED, FEATURES, HALF_WIDTH, LEAVES, PROBA, SCALED

TREE, COLUMN = "tree {}", "column {}"


@dataclass(frozen=True)
class Named:
    """What gives columns their names: the inputs of the model, and the levels of the intervals that are answered."""

    inputs: tuple[str, ...]
    levels: Levels


def name_columns(bundle: Bundle, known: Named, stage: str, width: int) -> tuple[str, ...]:
    """Return the names of the `width` columns of a stage."""
    named: tuple[str, ...] = ()
    if stage in (FEATURES, SCALED):
        named = known.inputs
    elif stage == HALF_WIDTH:
        named = tuple(map(str, known.levels))
    elif stage == ENCODED and isinstance(bundle.model, ExactModel):
        named = output_names(bundle.model.form, known.inputs)
    elif stage == LEAVES:
        named = tuple(TREE.format(tree) for tree in range(width))
    elif stage in (PROBA, DECISION):
        named = tuple(map(str, bundle.manifest.classes))
    return named if len(named) == width else tuple(COLUMN.format(place) for place in range(width))
