"""A model of a series and the service that should forecast as it does."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import msgspec
import numpy as np

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.parity.answers import Answer
from lockstep.parity.bodies import split_frame
from lockstep.parity.client import History
from lockstep.parity.compare import Comparison, Posted, compare_answers, merge_comparisons
from lockstep.parity.frame import find_frame_faults
from lockstep.parity.subject import Subject, Trace
from lockstep.predict.forecast import Forecast
from lockstep.predict.stages import PREDICTION

NOT_IN_ORDER = "the rows were not answered one for one, in the order posted"
LARGEST_CHANGE = 0.2


@dataclass(frozen=True)
class SeriesSubject(Subject):
    """A service and the bundle of a series: bars are posted, with their dates as keys."""

    bundle: SeriesBundle

    route: ClassVar[str] = "/v1/forecast"

    @cached_property
    def tested(self) -> Bars:
        """Return the bars of the evaluation's dates, oldest first."""
        return self.bundle.test_bars

    def with_look_back(self) -> Bars:
        """Return `tested` with all the bars before them that their oldest row needs."""
        posted = len(self.tested) + self.bundle.forecaster.feature_set.lookback_bars - 1
        return self.bundle.bars.select(slice(-posted, None))

    def list_keys(self, rows: Bars) -> list[str]:
        """Return the dates of the bars."""
        return rows.dates.astype(str).tolist()

    def forecast(self, rows: Bars, history: History = "stored") -> Forecast:
        """Return the local forecast of the bars."""
        return self.bundle.forecaster.forecast(rows, use_stored=history == "stored")

    def change(self, rows: Bars, rng: np.random.Generator) -> Bars:
        """Return bars of the same dates with other prices and volumes; see `change_bars`."""
        return change_bars(rows, rng)

    def write_body(self, posted: Posted, trace: Trace | None) -> bytes:
        """Return the body that posts the bars, with the model and version that are asked."""
        body = {"dataframe_split": split_frame(posted.rows), "history": posted.history}
        return msgspec.json.encode({**body, **({"trace": trace} if trace else {}), **self.client.named})

    def ask(self, posted: Posted) -> Answer:
        """Return what `/v1/forecast` answers to the bars; its own dates are the keys."""
        return self.client.forecast(posted.rows, posted.history)

    def find_frame_faults(self, rows: Bars, answer: Answer) -> tuple[str, ...]:
        """Return which columns do not follow from the bars; see `find_frame_faults`."""
        in_order = answer.keys == self.list_keys(rows)
        return find_frame_faults(self.bundle, rows, answer) if in_order else (NOT_IN_ORDER,)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the names of the features."""
        return self.bundle.forecaster.feature_set.columns

    def compare_routes(self, rows: Bars, changed: bool = False) -> Comparison:
        """Compare the answers of both routes; the plain one forecasts the default only."""
        if not self.is_default:
            return self.compare(rows, changed=changed)
        plain = self.client.forecast_plain(rows)
        expected = self.expect(Posted(rows, changed=changed)).list_outputs([])[PREDICTION]
        guarantee = self.demand.of_column(PREDICTION)
        by_date = compare_answers(expected, plain.keys, plain.predictions, guarantee=guarantee)
        return merge_comparisons([self.compare(rows, changed=changed), by_date])


def change_bars(bars: Bars, rng: np.random.Generator) -> Bars:
    """Return bars of the same dates whose prices and volumes are all changed by up to a fifth."""
    values = bars.values * (1.0 + rng.uniform(-LARGEST_CHANGE, LARGEST_CHANGE, bars.values.shape))
    values[1], values[2] = values[:4].max(axis=0), values[:4].min(axis=0)
    return Bars(bars.dates, values)
