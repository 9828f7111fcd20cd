"""Answers and problems as MLflow's clients read them."""

import msgspec

from lockstep.data.table_csv import quote_cell
from lockstep.doors.answers import spread
from lockstep.doors.door import JSON, Encoded
from lockstep.doors.mlflow.media import CSV
from lockstep.scoring.problems import ProblemAnswer, ProblemBody
from lockstep.scoring.score import Answer

ERROR_CODES = {
    401: "UNAUTHENTICATED",
    404: "RESOURCE_DOES_NOT_EXIST",
    422: "INVALID_PARAMETER_VALUE",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    501: "NOT_IMPLEMENTED",
}
"""MLflow's name for what a status means; any other is BAD_REQUEST."""
MISSING = '""'
"""A line of a cell without a value; readers skip a blank one."""


class Invoked(msgspec.Struct):
    """The answer: a prediction for each row in the order posted, null if there is no forecast."""

    predictions: list[bool | int | float | str | None]


class InvocationProblem(ProblemBody, kw_only=True):
    """The body of every problem, with MLflow's `error_code` beside `message`."""

    error_code: str


def encode(answer: Answer, _: str) -> Encoded:
    """Return the predictions as JSON, or as CSV: one in a line."""
    predictions = spread(answer.forecast, len(answer.posted), answer.forecast.prediction)
    if answer.request.reply == CSV:
        return Encoded("".join(f"{_write(each)}\n" for each in predictions).encode(), CSV)
    return Encoded(msgspec.json.encode(Invoked(predictions)))


def encode_problem(problem: ProblemAnswer, request_id: str) -> Encoded:
    """Return a problem as JSON that MLflow's clients read."""
    code = ERROR_CODES.get(problem.kind.status, "BAD_REQUEST")
    body = {**msgspec.json.decode(problem.encode(request_id)), "error_code": code}
    return Encoded(msgspec.json.encode(body), JSON, problem.kind.status, problem.headers)


def _write(prediction: object) -> str:
    """Return a prediction as a cell; a number in its shortest round-trip form."""
    return MISSING if prediction is None else quote_cell(str(prediction))
