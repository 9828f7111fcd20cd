"""What is reported of the bars since an evaluation: the numbers, a verdict and a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from lockstep.bundles.evaluation import MIN_EVALUATION_ROWS
from lockstep.drift.bets import FEWER_MISSES, LARGER_LOSS, MORE_MISSES, TESTED_LEVEL, Evidence, run_tests
from lockstep.drift.overlap import Overlap
from lockstep.drift.ranges import Outside
from lockstep.drift.samples import Sample
from lockstep.worth.chance import find_chance_band
from lockstep.worth.intervals import coverage

Verdict = Literal["as-evaluated", "left-evaluation", "too-little", "other-prices"]
EXIT_CODES: dict[Verdict, int] = {"as-evaluated": 0, "left-evaluation": 1, "too-little": 2, "other-prices": 2}


class Coverage(msgspec.Struct, frozen=True):
    """The share of truths in their interval, in the evaluation and since, and the band that chance leaves it."""

    level: int
    evaluated: float
    new: float | None
    chance: tuple[float, float] | None


class Errors(msgspec.Struct, frozen=True):
    """The mean loss of the model and of the naive predictor, in the evaluation and since; of labels the wrong share."""

    evaluated: float
    evaluated_naive: float
    new: float | None
    new_naive: float | None

    @property
    def ratios(self) -> tuple[float | None, float | None]:
        """Return the loss of the model over that of the naive predictor, in the evaluation and since."""
        return _divide(self.evaluated, self.evaluated_naive), _divide(self.new, self.new_naive)


class DriftReport(msgspec.Struct, frozen=True):
    """A model, the bars since its evaluation, and what they say. Dates are those that a row forecasts.

    `scored_rows` are those whose outcome has become known since, `evaluated_rows` those of the evaluation.
    """

    verdict: Verdict
    says: str
    model: str
    digest: str
    symbol: str
    horizon_bars: int
    stored_until: str
    new_bars: int
    evaluated_rows: int
    scored_rows: int
    coverage: list[Coverage]
    errors: Errors
    features: Outside | None
    tests: list[Evidence]
    overlap: Overlap
    notes: list[str]

    @property
    def exit_code(self) -> int:
        """Return the exit code of the command."""
        return EXIT_CODES[self.verdict]


@dataclass(frozen=True)
class Watched:
    """What was found of a model: its rows in the evaluation and since, its features, and how the prices compare."""

    model: str
    digest: str
    symbol: str
    horizon_bars: int
    stored_until: str
    n_new_bars: int
    evaluated: Sample
    new: Sample
    features: Outside | None
    overlap: Overlap
    n_jumps: int
    notes: Sequence[str]


def report_drift(watched: Watched) -> DriftReport:
    """Return the report of what was found."""
    tests = run_tests(watched.evaluated, watched.new, watched.horizon_bars)
    verdict = _judge(watched, tests)
    return DriftReport(
        verdict, _say(watched, tests, verdict), watched.model, watched.digest, watched.symbol, watched.horizon_bars,
        watched.stored_until, watched.n_new_bars, len(watched.evaluated), len(watched.new),
        _list_coverage(watched), _compare_errors(watched), watched.features, tests, watched.overlap,
        list(watched.notes),
    )  # fmt: skip


def _judge(watched: Watched, tests: Sequence[Evidence]) -> Verdict:
    if any(test.alarm for test in tests):
        return "left-evaluation"
    if watched.overlap.kind == "changed":
        return "other-prices"
    return "too-little" if len(watched.new) < MIN_EVALUATION_ROWS or not tests else "as-evaluated"


def _say(watched: Watched, tests: Sequence[Evidence], verdict: Verdict) -> str:
    rows = "1 row has" if len(watched.new) == 1 else f"{len(watched.new)} rows have"
    since = f"{rows} come true since {watched.stored_until}"
    if verdict == "as-evaluated":
        return f"No alarm: {since}, and no test says that {watched.model} has left its evaluation{_but(watched)}."
    if verdict == "left-evaluation":
        first = min((test for test in tests if test.alarm), key=lambda test: test.alarm or "")
        return f"{watched.model} left its evaluation by {first.alarm}: {_explain(first)}{_but(watched)}."
    if verdict == "other-prices":
        return (
            f"Nothing can be said of {watched.model}: {since}, but the prices of the file are adjusted otherwise than "
            "the stored ones. Use a file that is adjusted as the training file was."
        )
    if len(watched.new) < MIN_EVALUATION_ROWS:
        return f"No verdict yet on {watched.model}: {since}, and it takes {MIN_EVALUATION_ROWS}."
    return f"Nothing to test: {since}, but {watched.model} answers as the naive predictor does, without intervals."


def _but(watched: Watched) -> str:
    """Return what makes the prices themselves suspect, as the end of a sentence."""
    if watched.n_jumps:
        return f"; but look at the prices first, which jump {watched.n_jumps} time(s): see the newest below"
    return "; but look at the prices first, which are adjusted otherwise" if watched.overlap.kind == "changed" else ""


def _explain(test: Evidence) -> str:
    if test.name == LARGER_LOSS:
        what = "of each step away from the naive forecast it loses"
        return f"{what} {test.new:.3f} on average since, and {test.evaluated:.3f} in the evaluation"
    than = {MORE_MISSES: "more", FEWER_MISSES: "fewer"}[test.name]
    missed = f"{test.new:.1%} of the {TESTED_LEVEL} % intervals are missed since"
    return f"{missed}, {than} than the {test.evaluated:.1%} in the evaluation"


def _list_coverage(watched: Watched) -> list[Coverage]:
    evaluated, new, found = watched.evaluated, watched.new, []
    for each, since in zip(evaluated.intervals, new.intervals, strict=True):
        covered = coverage(new.y_true, since) if len(new) else None
        chance = find_chance_band(each.level, len(new), watched.horizon_bars) if len(new) else None
        found.append(Coverage(each.level, coverage(evaluated.y_true, each), covered, chance))
    return found


def _compare_errors(watched: Watched) -> Errors:
    evaluated = [float(np.mean(losses)) for losses in watched.evaluated.losses]
    new = [float(np.mean(losses)) if losses.size else None for losses in watched.new.losses]
    return Errors(*evaluated, *new)


def _divide(loss: float | None, naive: float | None) -> float | None:
    return loss / naive if loss is not None and naive else None
