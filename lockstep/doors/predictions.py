"""The answer of `POST /v1/predict`: a frame of predictions, and what is worth knowing beside it."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from lockstep.bundles.table import TableBundle, as_table
from lockstep.data.bars import Array
from lockstep.doors.answers import LOWER, PROBA_COLUMN, UPPER, describe_model, describe_trace
from lockstep.doors.wire import PredictAnswer, PredictionFrame, PredictionInterval
from lockstep.predict.conformal import METHOD, SplitConformal
from lockstep.predict.intervals import Levels
from lockstep.predict.stages import PREDICTION, PROBA
from lockstep.scoring.score import Answer


def describe_predictions(answer: Answer, request_id: str) -> PredictAnswer:
    """Return the answer on the wire: rows in the order posted."""
    bundle = as_table(answer.served.bundle)
    warnings = [*answer.posted.describe_unlearned(), *_warn_of_intervals(bundle, answer.levels)]
    described = PredictAnswer(_frame(bundle, answer), describe_model(answer.served), warnings, request_id)
    described.interval, described.trace = _describe_interval(bundle, answer.levels), describe_trace(answer)
    return described


def _describe_interval(bundle: TableBundle, levels: Levels) -> PredictionInterval | UnsetType:
    """Return what the intervals of an answer are, if it has any."""
    if bundle.interval is None or not levels:
        return UNSET
    return PredictionInterval(METHOD, PREDICTION, list(levels), bundle.interval.rows)


def _warn_of_intervals(bundle: TableBundle, levels: Levels) -> Iterator[str]:
    """Yield that intervals may be too narrow, if a model has learned elsewhere: nobody knows from which rows."""
    if levels and bundle.manifest.learning_rows == 0:
        name = bundle.manifest.name
        yield f"{name} was imported: if it has learned from its test rows, its intervals are too narrow"


def _frame(bundle: TableBundle, answer: Answer) -> PredictionFrame:
    stages = answer.forecast.stages
    columns, values = [PREDICTION], [stages[PREDICTION].tolist()]
    if PROBA in stages:
        columns += [PROBA_COLUMN.format(label) for label in bundle.manifest.classes]
        values += stages[PROBA].T.tolist()
    bounds = _name_bounds(bundle.interval, answer.levels, stages[PREDICTION]) if bundle.interval else {}
    values += [each.tolist() for each in bounds.values()]
    data = list(zip(*values, strict=True))
    return PredictionFrame([*columns, *bounds], list(range(len(data))), data)


def _name_bounds(interval: SplitConformal, levels: Levels, prediction: NDArray[Any]) -> dict[str, Array]:
    """Return the bounds of the intervals by column, each (n,)."""
    columns: dict[str, Array] = {}
    for level in levels:
        lower, upper = interval.find_bounds(prediction, level)
        columns |= {LOWER.format(level): lower, UPPER.format(level): upper}
    return columns
