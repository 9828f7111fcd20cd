"""Make the report card of a model of a table."""

from collections.abc import Iterator

import numpy as np

from lockstep.bundles.calibration import measure_intervals, measure_reliability
from lockstep.bundles.table import TableBundle
from lockstep.predict.stages import PROBA
from lockstep.report_card.card import SHOWN_LEVEL, Against, ReportCard, Verdict
from lockstep.report_card.facts import list_table_facts
from lockstep.report_card.labels import MAX_LABELS, count_labels
from lockstep.report_card.rows import thin
from lockstep.report_card.scores import describe_scores, list_scores
from lockstep.report_card.series_charts import describe_against


def make_table_card(bundle: TableBundle, version: int) -> ReportCard:
    """Return the card of a version: numbers come with their interval, labels with counts and reliability."""
    manifest, evaluation = bundle.manifest, bundle.evaluation
    return ReportCard(
        model=manifest.name,
        version=version,
        title=manifest.target,
        kind="table",
        unit="label" if manifest.classes else "target",
        digest=manifest.digest,
        rows=manifest.test_rows,
        verdict=Verdict(None, None, describe_scores(manifest.scores, bundle.baseline.name)),
        against=None if manifest.classes else _chart_against(bundle),
        counts=count_labels(evaluation.y_true, evaluation.y_pred) if manifest.classes else None,
        reliability=measure_reliability(bundle),
        scores=list_scores(manifest.scores),
        conformal=measure_intervals(bundle),
        facts=list_table_facts(manifest),
        missing=list(_list_missing(bundle)),
    )


def _chart_against(bundle: TableBundle) -> Against:
    realised, predicted = (np.asarray(each, float) for each in (bundle.evaluation.y_true, bundle.evaluation.y_pred))
    shown = thin(realised.size)
    marks = realised[shown].tolist(), predicted[shown].tolist()
    half_width = next((each.half_width for each in measure_intervals(bundle) if each.level == SHOWN_LEVEL), None)
    level = None if half_width is None else SHOWN_LEVEL
    says = describe_against(realised, predicted, is_return=False)
    return Against(says, float(bundle.baseline.answer), *marks, half_width, level)


def _list_missing(bundle: TableBundle) -> Iterator[str]:
    classes = bundle.manifest.classes
    yield "The rows of a table have no order, so there is no chart over time."
    if len(classes) > MAX_LABELS:
        yield f"{len(classes)} labels are too many for a table of pairs."
    if classes and PROBA not in bundle.evaluation.outputs:
        yield "The model gives no probabilities."
