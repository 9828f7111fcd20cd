"""What is checked: a service, the bundle that it should be serving, and the seed of all randomness."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.parity.answers import Answer
from lockstep.parity.client import History, ServiceClient
from lockstep.parity.compare import Comparison, Divergence, Posted, compare_answers
from lockstep.parity.frame import find_frame_faults
from lockstep.predict.forecast import Forecast
from lockstep.predict.stages import LEAF, PREDICTION
from lockstep.predict.trace import trace_digests

NOT_IN_ORDER = "the rows were not answered one for one, in the order posted"


@dataclass(frozen=True)
class Reference:
    """What a service has to answer: for each of `dates` one row of the forecast's stages."""

    dates: list[str]
    forecast: Forecast

    @property
    def predictions(self) -> dict[str, float]:
        """Return the prediction of each date."""
        return dict(zip(self.dates, self.forecast.prediction.tolist(), strict=True))

    def select(self, places: NDArray[np.intp]) -> "Reference":
        """Return the dates at `places` and their rows."""
        return Reference([self.dates[place] for place in places], self.forecast.select(places))


@dataclass(frozen=True)
class Subject:
    """The two sides of every comparison."""

    client: ServiceClient
    bundle: SeriesBundle
    seed: int

    @cached_property
    def evaluated(self) -> Reference:
        """Return the evaluation: predictions as the file has them, stages as all its rows together give them."""
        evaluation = self.bundle.evaluation
        local = self.forecast(self.test_bars)
        evaluated = replace(local, stages={**local.stages, PREDICTION: evaluation.y_pred})
        return Reference(evaluation.dates.astype(str).tolist(), evaluated)

    @property
    def stages(self) -> tuple[str, ...]:
        """Return the names of the stages, in the order in which they follow."""
        return self.bundle.manifest.stages

    @cached_property
    def test_bars(self) -> Bars:
        """Return the bars of the evaluation's dates, oldest first."""
        return self.bundle.test_bars

    def with_look_back(self) -> Bars:
        """Return `test_bars` with all the bars before them that their oldest row needs."""
        posted = len(self.test_bars) + self.bundle.forecaster.feature_set.lookback_bars - 1
        return self.bundle.bars.select(slice(-posted, None))

    @cached_property
    def is_default(self) -> bool:
        """Return whether the version that is proven is the one that answers if a request names none."""
        default = next((model for model in self.client.get_version().models if model.default), None)
        return (
            default is not None
            and default.name == self.bundle.manifest.name
            and self.client.version in (None, default.version)
        )

    def random(self) -> np.random.Generator:
        """Return a fresh generator of the seed, so that a check draws the same whatever ran before it."""
        return np.random.default_rng(self.seed)

    def draw_rows(self, count: int) -> np.ndarray:
        """Return up to `count` seeded random positions in `test_bars`, sorted, the newest always among them."""
        newest = len(self.test_bars) - 1
        older = self.random().permutation(newest)[: count - 1]
        return np.sort(np.append(older, newest))

    def forecast(self, bars: Bars, history: History = "stored") -> Forecast:
        """Return the local forecast of the bars."""
        return self.bundle.forecaster.forecast(bars, use_stored=history == "stored")

    def expect(self, posted: Posted) -> Reference:
        """Return what the service has to answer to what was posted.

        For changed bars that is their local forecast. For stored ones it is what was evaluated, whatever was posted
        beside them: a local forecast that depends on its neighbours must not prove the service's.
        """
        if posted.changed:
            local = self.forecast(posted.bars, posted.history)
            return Reference(posted.bars.dates[local.rows].astype(str).tolist(), local)
        judged = posted.bars if posted.only is None else posted.only
        return self.evaluated.select(np.flatnonzero(np.isin(self.test_bars.dates, judged.dates)))

    def compare(
        self, bars: Bars, history: History = "stored", only: Bars | None = None, changed: bool = False
    ) -> Comparison:
        """Post the bars and compare each answered row with what is expected of it, predictions and stages."""
        posted = Posted(bars, history, only, changed)
        reference = self.expect(posted)
        expected = reference.predictions
        answer = self.client.forecast(bars, history)
        in_order = answer.dates == bars.dates.astype(str).tolist()
        faults = find_frame_faults(self.bundle.calendar, bars, answer) if in_order else (NOT_IN_ORDER,)
        answer = _without_look_back(answer, expected) if only is None else _restrict(answer, set(expected))
        untold = [stage for stage in self.stages if stage not in answer.trace]
        if untraced := len(expected if untold else expected.keys() - set(answer.traced_dates)):
            faults += (f"{untraced} rows came without the digests of their stages that were asked for",)
        compared = compare_answers(expected, answer.dates, answer.y_pred)
        leaves = frozenset(reference.forecast.stages.get(LEAF, np.zeros(0, np.int64)).tolist())
        found = replace(
            compared,
            faults=faults,
            divergences=() if untold else self._compare_stages(reference, answer),
            leaves=leaves,
        )
        return replace(found, posted=posted) if found.findings else found

    def _compare_stages(self, reference: Reference, answer: Answer) -> tuple[Divergence, ...]:
        local = trace_digests(reference.forecast.stages)
        served = {date: row for row, date in enumerate(answer.traced_dates)}
        found = []
        for row, date in enumerate(reference.dates):
            if date in served:
                differing = (stage for stage in self.stages if local[stage][row] != answer.trace[stage][served[date]])
                if stage := next(differing, None):
                    found.append(Divergence(date, stage))
        return tuple(found)


def _restrict(answer: Answer, wanted: set[str]) -> Answer:
    kept = [place for place, date in enumerate(answer.dates) if date in wanted]
    dates, y_pred = [answer.dates[place] for place in kept], [answer.y_pred[place] for place in kept]
    return replace(answer, dates=dates, y_pred=y_pred)


def _without_look_back(answer: Answer, expected: dict[str, float]) -> Answer:
    """Return the answer without the rows that neither side forecasts: those that were posted as look-back."""
    pairs = zip(answer.dates, answer.y_pred, strict=True)
    return _restrict(answer, {date for date, value in pairs if value is not None or date in expected})
