import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.parity.answers import UnexpectedAnswer
from lockstep.parity.compare import Comparison, Posted
from lockstep.parity.locate import locate
from lockstep.parity.subject import Subject
from lockstep.parity.thresholds import measure_threshold
from lockstep.parity.wire import read_form, write_forms
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.trace import trace_values
from qa.default_bundle import STAGES

NEWEST_ROWS = 5


class TracingClient:
    """Answer with the local forecast's values, one of them spoilt, wherever its row is posted."""

    url, api_key, named = "http://service", None, {"model": "msft"}

    def __init__(self, bundle: SeriesBundle, stage: str, place: tuple[int, ...], at_least: int = 1) -> None:
        self.bundle, self.stage, self.at_least = bundle, stage, at_least
        self.date = bundle.bars.dates[-NEWEST_ROWS:][place[0]]
        self.column = place[1:]

    def forecast_values(self, bars: Bars, history: str) -> dict[str, object]:
        forecast = self.bundle.forecaster.forecast(bars)
        values = forecast.stages[self.stage].copy()
        for row in np.flatnonzero(bars.dates == self.date) if len(bars) >= self.at_least else ():
            place: tuple[int, ...] = (int(row), *self.column)
            values[place] = np.nextafter(values[place], np.inf) if values.dtype == float else values[place] + 1
        stages = {**forecast.stages, self.stage: values}
        return {"rows": forecast.rows.tolist(), **trace_values(stages)}


EMPTY = Comparison(0, faults=("something",))


def subject_and_posted(client: object, bundle: SeriesBundle) -> tuple[Subject, Posted]:
    subject = Subject(client, bundle, seed=1)  # type: ignore[arg-type] # all that locate() asks of a client
    return subject, Posted(subject.test_bars.select(slice(-NEWEST_ROWS, None)))


@pytest.mark.parametrize(
    ("stage", "place", "feature"),
    [
        ("features", (2, 9), "rsi"),
        ("scaled", (0, 14), "atr"),
        ("leaf", (3,), ""),
        ("prediction", (4,), ""),
    ],
)
def test_the_first_value_that_differs_is_named(
    stage: str, place: tuple[int, ...], feature: str, default_bundle: SeriesBundle
) -> None:
    client = TracingClient(default_bundle, stage, place)
    subject, posted = subject_and_posted(client, default_bundle)
    location = locate(subject, dataclasses.replace(EMPTY, posted=posted))
    assert location is not None
    assert (location.date, location.stage, location.feature) == (str(client.date), stage, feature)
    assert location.ulp == 1 or stage == "leaf"
    assert location.differing == {name: {feature: 1} if name == stage else {} for name in STAGES}
    body = json.loads(location.curl.split("-d '")[1].rstrip("'"))
    assert [row[0] for row in body["dataframe_split"]["data"]] == [location.date]
    assert body["model"] == "msft"


def test_what_one_row_does_not_show_is_sent_again_whole_from_a_file(default_bundle: SeriesBundle) -> None:
    client = TracingClient(default_bundle, "features", (2, 9), at_least=NEWEST_ROWS)
    subject, posted = subject_and_posted(client, default_bundle)
    location = locate(subject, dataclasses.replace(EMPTY, posted=posted))
    assert location is not None
    file = Path(location.curl.split("-d @")[1])
    assert len(json.loads(file.read_bytes())["dataframe_split"]["data"]) == NEWEST_ROWS
    file.unlink()


def test_a_row_that_shows_another_difference_alone_is_not_sent_alone(default_bundle: SeriesBundle) -> None:
    class Moody(TracingClient):
        def forecast_values(self, bars: Bars, history: str) -> dict[str, object]:
            self.column = (9,) if len(bars) == NEWEST_ROWS else (8,)
            return super().forecast_values(bars, history)

    subject, posted = subject_and_posted(Moody(default_bundle, "features", (2, 9)), default_bundle)
    location = locate(subject, dataclasses.replace(EMPTY, posted=posted))
    assert location is not None
    assert "-d @" in location.curl


def test_every_feature_that_differs_is_named(default_bundle: SeriesBundle) -> None:
    client = TracingClient(default_bundle, "features", (2, slice(8, 10)))  # type: ignore[arg-type] # two columns
    subject, posted = subject_and_posted(client, default_bundle)
    location = locate(subject, dataclasses.replace(EMPTY, posted=posted))
    assert "features that differ, and in how many rows: cci (1), rsi (1)" in str(location)


def test_nothing_is_located_where_the_service_tells_no_values(default_bundle: SeriesBundle) -> None:
    class Silent(TracingClient):
        def forecast_values(self, bars: Bars, history: str) -> dict[str, object]:
            raise UnexpectedAnswer("400")

    subject, posted = subject_and_posted(Silent(default_bundle, "leaf", (0,)), default_bundle)
    assert locate(subject, dataclasses.replace(EMPTY, posted=posted)) is None
    assert locate(subject, EMPTY) is None


def test_the_threshold_distance_is_what_turns_the_row(default_bundle: SeriesBundle) -> None:
    """Moved by less than the distance a row keeps its leaf: checked by moving it, in float32 steps."""
    forecaster = default_bundle.forecaster
    assert isinstance(forecaster.model, ExactModel)
    forecast = forecaster.forecast(default_bundle.bars.select(slice(-60, None)))
    distances = [
        (row, column, measure_threshold(forecaster.model, forecast.features[row], column))
        for row in range(60)
        for column in range(17)
    ]
    told = [(row, column, distance) for row, column, distance in distances if distance is not None]
    assert 60 <= len(told) < len(distances)
    for row, column, distance in told:
        nudged = forecast.stages["scaled"][row].copy()
        nudged[column] *= 1.0 + distance * 2.0**-26
        if distance > 4:
            assert forecaster.model.estimate(nudged[None])["leaf"][0] == forecast.stages["leaf"][row]


def test_every_form_says_the_same_dates_and_nearly_the_same_numbers(default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-8, None))
    forms = list(write_forms(bars, np.random.default_rng(1), "prices"))
    assert len(forms) == len(set(forms)) == 20
    for text in forms:
        said = read_form(text, "prices").oldest_first()
        assert (said.dates == bars.dates).all()
        np.testing.assert_allclose(said.values[:4], bars.values[:4], rtol=0.05)
    assert read_form(forms[-1], "prices").values.tobytes() == bars.values.tobytes()


def test_a_form_with_a_close_adjusted_alone_keeps_low_and_high(default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-8, None))
    bars.values[3] *= 0.5
    *_, exact = write_forms(bars, np.random.default_rng(1), "prices")
    assert read_form(exact, "close").values.tobytes() == bars.values.tobytes()
    assert (read_form(exact, "prices").low == bars.close).all()
