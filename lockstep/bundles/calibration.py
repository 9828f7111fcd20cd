"""What the test rows of a bundle say of its intervals and of its probabilities."""

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.table import TableBundle
from lockstep.predict.stages import PROBA
from lockstep.worth.conformal import ConformalCoverage, measure_coverage
from lockstep.worth.reliability import Reliability, tabulate_classes


def measure_reliability(bundle: Bundle) -> list[Reliability]:
    """Return the reliability of the probabilities of a classifier, of a table or a series; none without them."""
    evaluation, realised = bundle.evaluation, bundle.evaluation.realised
    proba = evaluation.outputs.get(PROBA)
    if proba is None:
        return []
    return tabulate_classes(evaluation.y_true[realised], proba[realised], bundle.manifest.classes)


def measure_intervals(bundle: TableBundle) -> list[ConformalCoverage]:
    """Return what is known of the coverage of the intervals of a table; none for a classifier."""
    if bundle.manifest.classes:
        return []
    evaluation, realised = bundle.evaluation, bundle.evaluation.realised
    return measure_coverage(evaluation.y_true[realised], evaluation.y_pred[realised])
