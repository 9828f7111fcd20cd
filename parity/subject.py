"""What is checked: a service, the bundle that it should be serving, and the seed of all randomness."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models.bundle import Bundle
from models.forecast import Forecast
from models.trace import STAGES, trace_digests
from parity.client import Answer, History, ServiceClient
from parity.compare import Comparison, Divergence, compare_answers
from preprocessing.bars import Bars


@dataclass(frozen=True)
class Subject:
    """Hold the two sides of every comparison, and compare them."""

    client: ServiceClient
    bundle: Bundle
    seed: int

    @cached_property
    def evaluated(self) -> dict[str, float]:
        """Return the evaluation's prediction of each date, as the file has it."""
        evaluation = self.bundle.evaluation
        return dict(zip(evaluation.dates.astype(str).tolist(), evaluation.y_pred.tolist(), strict=True))

    @cached_property
    def test_bars(self) -> Bars:
        """Return the bars of the evaluation's dates, oldest first."""
        return self.bundle.bars.select(slice(-len(self.bundle.evaluation.dates), None))

    def random(self) -> np.random.Generator:
        """Return a fresh generator of the seed, so that a check draws the same whatever ran before it."""
        return np.random.default_rng(self.seed)

    def draw_rows(self, count: int) -> np.ndarray:
        """Return up to `count` seeded random positions in `test_bars`, sorted, the newest always among them."""
        newest = len(self.test_bars) - 1
        older = self.random().permutation(newest)[: count - 1]
        return np.sort(np.append(older, newest))

    def forecast(self, bars: Bars, history: History = "stored") -> Forecast:
        """Return the local forecast of the bars: the side that the service has to agree with."""
        return self.bundle.forecaster.forecast(bars, use_stored=history == "stored")

    def compare(
        self, bars: Bars, history: History = "stored", only: Bars | None = None, changed: bool = False
    ) -> Comparison:
        """Post the bars and compare each answered row: its stages with the local forecast, its prediction with more.

        Unless the bars are `changed` ones, that is what evaluation.csv says of the row: a local forecast that depends
        on what else is posted must not prove the service's. With `only`, the answers of other dates are not looked at.
        """
        local = self.forecast(bars, history)
        dates = bars.dates[local.rows].astype(str).tolist()
        expected = dict(zip(dates, local.prediction.tolist(), strict=True))
        if not changed:
            expected |= {date: self.evaluated[date] for date in dates if date in self.evaluated}
        answer = self.client.forecast(bars, history)
        in_order = answer.dates == bars.dates.astype(str).tolist()
        faults: tuple[str, ...] = () if in_order else ("the rows were not answered one for one, in the order posted",)
        answer = _without_look_back(answer, expected)
        if only is not None:
            wanted = set(only.dates.astype(str).tolist())
            expected = {date: value for date, value in expected.items() if date in wanted}
            answer = _restrict(answer, wanted)
        if untraced := len(expected.keys() - set(answer.traced_dates)):
            faults += (f"{untraced} rows came without the digests of their stages that were asked for",)
        compared = compare_answers(expected, answer.dates, answer.y_pred)
        diverged = _compare_stages(trace_digests(local), dates, answer, set(expected))
        leaves = frozenset(local.leaf[[date in expected for date in dates]].tolist())
        found = replace(compared, faults=faults, divergences=diverged, leaves=leaves)
        return replace(found, bars=bars, history=history) if found.findings else found


def _restrict(answer: Answer, wanted: set[str]) -> Answer:
    kept = [place for place, date in enumerate(answer.dates) if date in wanted]
    dates, y_pred = [answer.dates[place] for place in kept], [answer.y_pred[place] for place in kept]
    return replace(answer, dates=dates, y_pred=y_pred)


def _without_look_back(answer: Answer, expected: dict[str, float]) -> Answer:
    """Return the answer without the rows that neither side forecasts: those that were posted as look-back."""
    pairs = zip(answer.dates, answer.y_pred, strict=True)
    return _restrict(answer, {date for date, value in pairs if value is not None or date in expected})


def _compare_stages(
    local: dict[str, list[str]], dates: list[str], answer: Answer, wanted: set[str]
) -> tuple[Divergence, ...]:
    served = dict(zip(answer.traced_dates, range(len(answer.traced_dates)), strict=True))
    found = []
    for row, date in enumerate(dates):
        if date in wanted and date in served:
            differing = (stage for stage in STAGES if local[stage][row] != answer.trace[stage][served[date]])
            if stage := next(differing, None):
                found.append(Divergence(date, stage))
    return tuple(found)
