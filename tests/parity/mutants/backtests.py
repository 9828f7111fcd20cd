"""Wrong backtests: each is that of the real service but for one thing."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.outcomes import SCORED, find_outcomes
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import as_series
from lockstep.doors import backtest as door
from lockstep.doors.door import Door, Encoded
from lockstep.predict.stages import HALF_WIDTH, PREDICTION
from lockstep.scoring.backtest import BacktestAnswer, BacktestRequest, backtest
from lockstep.scoring.record import RequestRecord

Change = Callable[[BacktestAnswer], BacktestAnswer]


def with_change(change: Change) -> Door:
    """Return the door whose answers are changed."""

    def score(registry: Registry, request: BacktestRequest, record: RequestRecord | None = None) -> BacktestAnswer:
        return change(backtest(registry, request, record))

    return dataclasses.replace(door.DOOR, score=score)


def with_predictions(answer: BacktestAnswer, values: NDArray[Any]) -> BacktestAnswer:
    stages = {**answer.forecast.stages, PREDICTION: values}
    return dataclasses.replace(answer, forecast=dataclasses.replace(answer.forecast, stages=stages))


def leak_one_bar(answer: BacktestAnswer) -> BacktestAnswer:
    """Forecast each cutoff from the bar after it, if it is stored."""
    bundle = as_series(answer.served.bundle)
    bars, dates = bundle.bars, answer.posted.bars.dates
    places = np.searchsorted(bars.dates, dates)
    later = np.minimum(places + 1, len(bars) - 1)
    return with_predictions(answer, bundle.forecaster.forecast(bars.select(later)).prediction)


def calibrate_on_what_came_true(answer: BacktestAnswer) -> BacktestAnswer:
    """Answer the interval of the next cutoff, which knows what came true after this one."""
    stages = {**answer.forecast.stages}
    if HALF_WIDTH in stages:
        stages[HALF_WIDTH] = np.concatenate([stages[HALF_WIDTH][1:], stages[HALF_WIDTH][-1:]])
    return dataclasses.replace(answer, forecast=dataclasses.replace(answer.forecast, stages=stages))


def answer_the_evaluation(answer: BacktestAnswer) -> BacktestAnswer:
    """Answer the lines of evaluation.csv for their dates, whatever is posted."""
    evaluation = answer.served.bundle.evaluation
    stated = dict(zip(evaluation.keys, evaluation.y_pred.tolist(), strict=True))
    keys, made = answer.posted.bars.dates.astype(str).tolist(), answer.forecast.prediction.tolist()
    return with_predictions(answer, np.array([stated.get(key, value) for key, value in zip(keys, made, strict=True)]))


def score_learning_rows(answer: BacktestAnswer) -> BacktestAnswer:
    """Score every row whose outcome is known; their samples stay right in the frame."""

    class AllScored(type(answer.outcomes)):  # type: ignore[misc] # the class of a value
        @property
        def scored(self) -> NDArray[np.bool_]:
            return np.asarray(self.known)

    return dataclasses.replace(answer, outcomes=AllScored(*dataclasses.astuple(answer.outcomes)))


def call_learning_rows_test_rows(answer: BacktestAnswer) -> BacktestAnswer:
    """Take all stored rows for test rows."""
    samples = np.where(np.isin(answer.outcomes.samples, SCORED), answer.outcomes.samples, SCORED[0])
    return dataclasses.replace(answer, outcomes=dataclasses.replace(answer.outcomes, samples=samples))


def score_the_page_alone(answer: BacktestAnswer) -> BacktestAnswer:
    """Leave the rows of other pages out of the scores."""
    on_page = np.zeros(len(answer.posted), np.bool_)
    on_page[answer.page] = True
    return dataclasses.replace(
        answer, outcomes=dataclasses.replace(answer.outcomes, known=answer.outcomes.known & on_page)
    )


def look_two_bars_ahead(answer: BacktestAnswer) -> BacktestAnswer:
    """Say that the outcome of the next cutoff came true."""
    outcomes = answer.outcomes
    moved = dataclasses.replace(
        outcomes, values=np.roll(outcomes.values, -1), known=outcomes.known & np.roll(outcomes.known, -1)
    )
    return dataclasses.replace(answer, outcomes=moved)


def forget_new_outcomes(answer: BacktestAnswer) -> BacktestAnswer:
    """Know of outcomes what the stored bars say, and nothing of the posted ones."""
    bundle = as_series(answer.served.bundle)
    places = np.searchsorted(bundle.bars.dates, answer.posted.bars.dates).clip(max=len(bundle.bars) - 1)
    stored = find_outcomes(bundle, bundle.bars, places)
    return dataclasses.replace(answer, outcomes=dataclasses.replace(answer.outcomes, known=stored.known))


def move_the_page(begin: int, end: int) -> Change:
    """Return what moves the ends of a page that is not the first."""

    def move(answer: BacktestAnswer) -> BacktestAnswer:
        start, stop = answer.page.start, answer.page.stop
        if not start:
            return answer
        return dataclasses.replace(answer, page=slice(start + begin, max(start + begin + 1, stop + end)))

    return move


def never_end(door: Door) -> Door:
    """Return the door whose last page names the first cutoff as the next."""

    def encode(answer: BacktestAnswer, request_id: str) -> Encoded:
        first = f'"next":"{answer.posted.bars.dates[0]}"'.encode()
        encoded = door.encode(answer, request_id)
        return encoded._replace(body=encoded.body.replace(b'"next":null', first))

    return dataclasses.replace(door, encode=encode)


WRONG: dict[str, Door] = {
    "leaks one bar": with_change(leak_one_bar),
    "calibrates on what came true": with_change(calibrate_on_what_came_true),
    "answers the evaluation": with_change(answer_the_evaluation),
    "scores learning rows": with_change(score_learning_rows),
    "calls learning rows test rows": with_change(call_learning_rows_test_rows),
    "scores each page alone": with_change(score_the_page_alone),
    "looks two bars ahead": with_change(look_two_bars_ahead),
    "forgets new outcomes": with_change(forget_new_outcomes),
    "loses the first row of a page": with_change(move_the_page(1, 0)),
    "repeats the last row of the page before": with_change(move_the_page(-1, 0)),
    "loses the last row of a page": with_change(move_the_page(0, -1)),
    "never ends": never_end(door.DOOR),
    "is no backtest": dataclasses.replace(door.DOOR, encode=lambda answer, request_id: Encoded(b"{}")),
}
"""Each is found by the check `backtest`."""
