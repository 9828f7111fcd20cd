"""From errors to problems: `describe` is the one place that maps them, so that no other error has to know HTTP."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from lockstep.errors import InvalidInput, LockstepError, MissingBars, UnknownModel, UnknownSymbol, UnprovenSeries
from lockstep.scoring.kinds import INVALID_INPUT, MISSING_BARS, UNKNOWN_MODEL, UNKNOWN_SYMBOL, UNPROVEN_SERIES, Kind
from lockstep.scoring.problems import FAILURE, ProblemAnswer

OF_THE_REGISTRY: dict[type[Exception], Kind] = {
    UnknownModel: UNKNOWN_MODEL,
    UnknownSymbol: UNKNOWN_SYMBOL,
    UnprovenSeries: UNPROVEN_SERIES,
}


class RequestError(LockstepError):
    """A refusal of a request by the kind of problem that answers it."""

    def __init__(self, kind: Kind, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.headers = {**kind.headers, **(headers or {})}


class NoSeriesAnswered(LockstepError):
    """A refusal of a frame of several series, none of which can be answered, by the error of the first."""

    def __init__(self, symbol: str, n_series: int, first: LockstepError) -> None:
        super().__init__(str(first))
        self.first = first
        self.which = symbol if n_series == 1 else f"none of {n_series} series can be answered; {symbol}"


def describe(error: Exception) -> ProblemAnswer:
    """Return the answer to an error; an unforeseen one is the service's fault, 500."""
    if isinstance(error, NoSeriesAnswered):
        problem = describe(error.first)
        return replace(problem, detail=f"{error.which}: {problem.detail}")
    if isinstance(error, RequestError):
        return ProblemAnswer(error.kind, str(error), headers=error.headers)
    if kind := OF_THE_REGISTRY.get(type(error)):
        return ProblemAnswer(kind, str(error))
    if isinstance(error, InvalidInput):
        members = {"problems": [asdict(problem) for problem in error.problems], "total": error.total}
        return ProblemAnswer(INVALID_INPUT, str(error), members)
    if isinstance(error, MissingBars):
        return ProblemAnswer(MISSING_BARS, str(error), _list_missing(error))
    return FAILURE


def _list_missing(error: MissingBars) -> dict[str, object]:
    return {
        "rows": list(error.rows),
        "total_rows": error.total_rows,
        "missing_sessions": list(error.sessions),
        "total": error.total,
    }
