"""Watch a model: from its answers to the bars of a file to what has become of its evaluation."""

from collections.abc import Iterator

import numpy as np

from lockstep.drift.evaluated import Evaluated, ask_evaluated
from lockstep.drift.filed_bars import FiledBars
from lockstep.drift.forecasting import Forecasts, Plan, forecast_file, plan_forecasts
from lockstep.drift.outcomes import list_outcomes
from lockstep.drift.overlap import Overlap, compare_closes
from lockstep.drift.ranges import Outside, learn_ranges
from lockstep.drift.report import DriftReport, Watched, report_drift
from lockstep.drift.samples import Sample, read_sample
from lockstep.drift.sources import Learned, NotWatched, Source
from lockstep.predict.intervals import JUMP_SCALES
from lockstep.predict.stages import FEATURES, SCALE

MAX_JUMPS = 3


def watch(source: Source, file: FiledBars) -> DriftReport:
    """Return what the bars of a file that are newer than the stored ones say of a model.

    Raises a `LockstepError`, of which `OtherPrices` for a file of another series. It is `NotWatched` for a file without
    a newer bar, or whose older bars are too few, and adjusted otherwise than the stored ones.
    """
    evaluated = ask_evaluated(source)
    n_new = _count_newer(evaluated, file)
    overlap = compare_overlap(evaluated, file)
    forecasts = forecast_file(file, _plan(source, file, evaluated, overlap), source, evaluated.levels)
    outside, notes = compare_features(source, file, evaluated, forecasts)
    model, jumps = evaluated.model, _find_jumps(forecasts)
    return report_drift(
        Watched(
            f"{model['name']}/{model['version']}", model["digest"], model["symbol"], evaluated.horizon_bars,
            str(evaluated.dates[-1]), n_new, evaluated.sample, _score(forecasts, evaluated), outside, overlap,
            len(jumps), [*jumps[:MAX_JUMPS], *notes, *_note_left_out(evaluated)],
        )
    )  # fmt: skip


def _count_newer(evaluated: Evaluated, file: FiledBars) -> int:
    """Return how many bars of the file are newer than the stored ones; raise `NotWatched` if none is."""
    stored_until = evaluated.dates[-1]
    n_new = len(file) - file.find_place(stored_until + 1)
    if n_new:
        return n_new
    raise NotWatched(
        f"the file ends on {file.dates[-1]}, and the stored bars on {stored_until}: it has no newer bar to compare"
    )


def _plan(source: Source, file: FiledBars, evaluated: Evaluated, overlap: Overlap) -> Plan:
    """Return how the rows whose outcome is new are forecast; raise `NotWatched`."""
    lookback_bars = int(evaluated.model["lookback_bars"])
    # at the evaluation the outcomes of its newest rows were still to come
    start = file.find_place(evaluated.dates[-evaluated.horizon_bars])
    plan = plan_forecasts(file, start, source, lookback_bars)
    if plan.before is None and overlap.kind in ("scaled", "changed"):
        raise _refuse_mixture(plan, overlap, file, 0 if source.whole_history else lookback_bars - 1)
    return plan


def _score(forecasts: Forecasts, evaluated: Evaluated) -> Sample:
    """Return the rows that came true; none if only training knows what does."""
    columns, build = forecasts.columns, evaluated.build_outcome
    outcomes = [None] * len(columns["date"]) if build is None else list_outcomes(columns, build)
    return read_sample(columns, outcomes, evaluated.levels)


def compare_overlap(evaluated: Evaluated, file: FiledBars) -> Overlap:
    """Return how the closes of the test rows compare with those of the file; raise `OtherPrices`."""
    dates, stored, filed = np.intersect1d(evaluated.dates, file.dates, assume_unique=True, return_indices=True)
    return compare_closes(dates, evaluated.close[stored], file.close[filed])


def _refuse_mixture(plan: Plan, overlap: Overlap, file: FiledBars, n_needed: int) -> NotWatched:
    """Return the refusal of forecasts that would read bars of the file and stored ones, adjusted otherwise.

    `n_needed` is how many older bars of the file would do, 0 if none would.
    """
    differ = f"{overlap.different} of {overlap.bars} common closes are not the stored ones"
    if not n_needed:
        return NotWatched(f"{differ}, and forecasts also read all stored ones; expected prices adjusted as those are")
    return NotWatched(
        f"{differ}, and forecasts would read both: the file has {plan.start} bars before {file.dates[plan.start]}; "
        f"expected {n_needed}, so that its own bars reach back"
    )


def compare_features(
    source: Source, file: FiledBars, evaluated: Evaluated, forecasts: Forecasts
) -> tuple[Outside | None, list[str]]:
    """Return how far the features of the new rows are out of range, and what is to be noted of that."""
    learned = source.learned or _learn_from_file(source, file, evaluated)
    if learned is None:
        return None, ["features: the file has no learning rows of the model, so their ranges are not known here"]
    ranges, tested = learned
    is_new = np.array(forecasts.columns["date"], "datetime64[D]") > evaluated.dates[-1]
    features = np.array(forecasts.stages[FEATURES])[is_new]
    share, tested_share = ranges.share_outside(features), ranges.share_outside(tested) if len(tested) else None
    return Outside(len(features), share, tested_share, ranges.list_worst(features)), []


def _learn_from_file(source: Source, file: FiledBars, evaluated: Evaluated) -> Learned | None:
    """Return the ranges of the learning rows that are in the file, whose features a service numbers, not names."""
    start, stop = int(evaluated.model["lookback_bars"]) - 1, file.find_place(evaluated.dates[-1] + 1)
    first_tested = file.find_place(evaluated.dates[0])
    if source.whole_history or first_tested <= start:
        return None
    features = np.array(forecast_file(file, Plan(start, stop, start), source, ()).stages[FEATURES])
    names = [f"feature {place}" for place in range(1, features.shape[1] + 1)]
    return learn_ranges(names, features[: first_tested - start]), features[first_tested - start :]


def _find_jumps(forecasts: Forecasts) -> list[str]:
    """Return a note for each close that is much further from the one before than is usual, the newest first."""
    if SCALE not in forecasts.stages:
        return []
    close, dates = np.array(forecasts.columns["close"]), forecasts.columns["date"]
    moves = np.abs(close[1:] / close[:-1] - 1.0) / np.array(forecasts.stages[SCALE])[:-1]
    return [
        f"jump: the close of {dates[place + 1]}, {close[place + 1]:.6g}, is {moves[place]:.1f} scales from that of "
        f"{dates[place]}, {close[place]:.6g}: a split or dividend that is not adjusted, or news?"
        for place in np.flatnonzero(moves > JUMP_SCALES)[::-1].tolist()
    ]


def _note_left_out(evaluated: Evaluated) -> Iterator[str]:
    if evaluated.build_outcome is None:
        yield "outcomes: the target is neither a return nor a direction, and only its own code knows what came true"
    if not evaluated.levels:
        yield "intervals: the model has none, so neither coverage nor misses are compared"
