"""The answer of `POST /v1/predict`: a frame of predictions, and what is worth knowing beside it."""

from lockstep.bundles.table import TableBundle, as_table
from lockstep.doors.answers import PROBA_COLUMN, describe_model, describe_trace
from lockstep.doors.wire import PredictAnswer, PredictionFrame
from lockstep.predict.stages import PREDICTION, PROBA, Stages
from lockstep.scoring.score import Answer


def describe_predictions(answer: Answer, request_id: str) -> PredictAnswer:
    """Return the answer on the wire: rows in the order posted."""
    frame = _frame(as_table(answer.served.bundle), answer.forecast.stages)
    warnings = answer.posted.describe_unlearned()
    described = PredictAnswer(frame, describe_model(answer.served), warnings, request_id)
    described.trace = describe_trace(answer)
    return described


def _frame(bundle: TableBundle, stages: Stages) -> PredictionFrame:
    columns, values = [PREDICTION], [stages[PREDICTION].tolist()]
    if PROBA in stages:
        columns += [PROBA_COLUMN.format(label) for label in bundle.manifest.classes]
        values += stages[PROBA].T.tolist()
    data = list(zip(*values, strict=True))
    return PredictionFrame(columns, list(range(len(data))), data)
