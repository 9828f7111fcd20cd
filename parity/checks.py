"""The checks: each posts bars to a service and compares the answers with the local forecast of the same bars."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.bundle import Bundle
from parity.client import Answer, ServiceClient
from parity.compare import Comparison, compare_answers, merge_comparisons
from preprocessing.bars import Bars

SINGLE_ROWS = 24
LARGEST_CHANGE = 0.2


@dataclass(frozen=True)
class Subject:
    """Hold what is checked: the service, the bundle that it should be serving, and the seed of all randomness."""

    client: ServiceClient
    bundle: Bundle
    seed: int

    @property
    def evaluated(self) -> dict[str, float]:
        """Return the evaluation's prediction of each date, as the file has it."""
        evaluation = self.bundle.evaluation
        return dict(zip(evaluation.dates.astype(str).tolist(), evaluation.y_pred.tolist(), strict=True))

    @property
    def test_bars(self) -> Bars:
        """Return the bars of the evaluation's dates, oldest first."""
        return self.bundle.bars.select(slice(-len(self.bundle.evaluation.dates), None))

    def draw_rows(self, count: int) -> np.ndarray:
        """Return up to `count` seeded random positions in `test_bars`, sorted, the newest always among them."""
        newest = len(self.test_bars) - 1
        older = np.random.default_rng(self.seed).permutation(newest)[: count - 1]
        return np.sort(np.append(older, newest))


@dataclass(frozen=True)
class Check:
    """Name a check, say what it proves, hold the function that runs it and the rows below which it proves nothing."""

    name: str
    proves: str
    run: Callable[[Subject], Comparison]
    min_rows: int


def check_batch(subject: Subject) -> Comparison:
    """Compare all evaluation rows, posted in one request to each of the two routes."""
    bars = subject.test_bars
    answers = (subject.client.forecast(bars), subject.client.forecast_plain(bars))
    return merge_comparisons([_compare(subject.evaluated, answer) for answer in answers])


def check_single(subject: Subject) -> Comparison:
    """Compare a sample of evaluation rows, the newest among them, posted one by one."""
    parts = []
    for row in subject.draw_rows(SINGLE_ROWS):
        bar = subject.test_bars.select(slice(row, row + 1))
        parts.append(_compare(_only(subject.evaluated, bar), subject.client.forecast_plain(bar)))
    return merge_comparisons(parts)


def check_sensitive(subject: Subject) -> Comparison:
    """Compare all rows, posted with changed prices and volumes, with the local forecast of the very same bars.

    Only rows whose local forecast was changed count: the others cannot tell a service that ignores what is posted.
    """
    bars = _change(subject.test_bars, np.random.default_rng(subject.seed))
    local = subject.bundle.forecaster.forecast(bars).prediction.tolist()
    expected = dict(zip(bars.dates.astype(str).tolist(), local, strict=True))
    moved = sum(value != subject.evaluated[date] for date, value in expected.items())
    return replace(_compare(expected, subject.client.forecast(bars)), compared=moved)


def _change(bars: Bars, rng: np.random.Generator) -> Bars:
    values = bars.values * (1.0 + rng.uniform(-LARGEST_CHANGE, LARGEST_CHANGE, bars.values.shape))
    values[1], values[2] = values[:4].max(axis=0), values[:4].min(axis=0)
    return Bars(bars.dates, values)


def _only(expected: dict[str, float], bars: Bars) -> dict[str, float]:
    return {date: expected[date] for date in bars.dates.astype(str).tolist()}


def _compare(expected: dict[str, float], answer: Answer) -> Comparison:
    return compare_answers(expected, answer.dates, answer.y_pred)


CHECKS = (
    Check("batch", "all evaluation rows in one request give evaluation.csv bit for bit", check_batch, 100),
    Check("single", "so do single rows, one a request, the newest among them", check_single, 10),
    Check("sensitive", "changed prices change the answers exactly as they change the local ones", check_sensitive, 50),
)
