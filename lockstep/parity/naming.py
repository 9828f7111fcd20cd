"""Names of the columns of stages, for reports that say where it broke."""

from lockstep.bundles.bundle import Bundle
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.naming import output_names
from lockstep.predict.stages import DECISION, ENCODED, FEATURES, LEAVES, PROBA, SCALED

TREE, COLUMN = "tree {}", "column {}"


def name_columns(bundle: Bundle, inputs: tuple[str, ...], stage: str, width: int) -> tuple[str, ...]:
    """Return the names of the `width` columns of a stage; `inputs` are those of what the model is fed with."""
    named: tuple[str, ...] = ()
    if stage in (FEATURES, SCALED):
        named = inputs
    elif stage == ENCODED and isinstance(bundle.model, ExactModel):
        named = output_names(bundle.model.form, inputs)
    elif stage == LEAVES:
        named = tuple(TREE.format(tree) for tree in range(width))
    elif stage in (PROBA, DECISION):
        named = tuple(map(str, bundle.manifest.classes))
    return named if len(named) == width else tuple(COLUMN.format(place) for place in range(width))
