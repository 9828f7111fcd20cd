import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.parity.answers import UnexpectedAnswer, Version
from lockstep.parity.compare import Comparison
from lockstep.parity.forms import read_bars
from lockstep.parity.locate import locate
from lockstep.parity.nodes import walk_row
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.series import SeriesSubject
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.intervals import Levels
from lockstep.predict.trace import trace_values
from qa.default_bundle import STAGES

OF_INTERVALS = ("scale", "half_width")
"""They are compared if levels are asked for, which here they are not."""

NEWEST_ROWS = 5


class TracingClient:
    """Answer with the local forecast's values, one of them spoilt, wherever its row is posted."""

    url, api_key, needs_login, named = "http://service", None, False, {"model": "msft"}

    def __init__(self, bundle: SeriesBundle, stage: str, place: tuple[int, ...], at_least: int = 1) -> None:
        self.bundle, self.stage, self.at_least = bundle, stage, at_least
        self.date = bundle.bars.dates[-NEWEST_ROWS:][place[0]]
        self.column = place[1:]

    version = None

    def get_version(self) -> Version:
        return Version([], {}, {})

    def post_for_values(self, path: str, body: bytes) -> dict[str, object]:
        assert path == "/v1/forecast"
        asked = json.loads(body)
        return self.trace(read_bars(asked["dataframe_split"], "prices"), tuple(asked["level"]))

    def trace(self, bars: Bars, levels: Levels) -> dict[str, object]:
        forecast = self.bundle.forecaster.forecast(bars, levels=levels)
        values = forecast.stages[self.stage].copy()
        for row in np.flatnonzero(bars.dates == self.date) if len(bars) >= self.at_least else ():
            place: tuple[int, ...] = (int(row), *self.column)
            values[place] = np.nextafter(values[place], np.inf) if values.dtype == float else values[place] + 1
        stages = {**forecast.stages, self.stage: values}
        return {"rows": forecast.rows.tolist(), **trace_values(stages)}


EMPTY = Comparison(0, faults=("something",))


@pytest.mark.parametrize(
    ("stage", "place", "level"), [("scale", (2,), ""), ("half_width", (1, 0), "95"), ("half_width", (3, 1), "5")]
)
def test_half_widths_are_named_by_their_levels(
    stage: str, place: tuple[int, ...], level: str, default_bundle: SeriesBundle
) -> None:
    client = TracingClient(default_bundle, stage, place)
    subject, posted = subject_and_posted(client, default_bundle, (95, 5))
    location = locate(subject, dataclasses.replace(EMPTY, posted=posted))
    assert location is not None
    assert (location.stage, location.column, location.ulp) == (stage, level, 1)
    assert location.differing[stage] == {level: 1}
    assert f"stage {stage}, level {level}: local" in str(location) or not level
    assert json.loads(location.curl.split("-d '")[1].rstrip("'"))["level"] == [95, 5]


def subject_and_posted(client: object, bundle: SeriesBundle, levels: Levels = ()) -> tuple[SeriesSubject, Posted]:
    subject = SeriesSubject(client, bundle, seed=1)  # type: ignore[arg-type] # all that locate() asks of a client
    return subject, Posted(subject.tested.select(slice(-NEWEST_ROWS, None)), Sent("/v1/forecast", b"", levels=levels))


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
    assert (location.key, location.stage, location.column) == (str(client.date), stage, feature)
    assert location.ulp == 1 or stage == "leaf"
    assert location.differing == {
        name: {feature: 1} if name == stage else {} for name in STAGES if name not in OF_INTERVALS
    }
    body = json.loads(location.curl.split("-d '")[1].rstrip("'"))
    assert [row[0] for row in body["dataframe_split"]["data"]] == [location.key]
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
        def trace(self, bars: Bars, levels: Levels) -> dict[str, object]:
            self.column = (9,) if len(bars) == NEWEST_ROWS else (8,)
            return super().trace(bars, levels)

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
        def trace(self, bars: Bars, levels: Levels) -> dict[str, object]:
            raise UnexpectedAnswer("400")

    subject, posted = subject_and_posted(Silent(default_bundle, "leaf", (0,)), default_bundle)
    assert locate(subject, dataclasses.replace(EMPTY, posted=posted)) is None
    assert locate(subject, EMPTY) is None


def test_the_nearest_node_is_what_turns_the_row(default_bundle: SeriesBundle) -> None:
    """Moved by less than the distance a row keeps its leaf: checked by moving it, in float32 steps."""
    forecaster = default_bundle.forecaster
    assert isinstance(forecaster.model, ExactModel)
    forecast = forecaster.forecast(default_bundle.bars.select(slice(-60, None)))
    told = []
    for row in range(60):
        walked = walk_row(default_bundle, forecast.stages, row, forecaster.feature_set.columns)
        assert walked is not None
        nodes = [(row, column, walked.find_nearest("features", column)) for column in range(17)]
        told += [(row, column, node) for row, column, node in nodes if node is not None]
    assert 60 <= len(told) < 60 * 17
    for row, column, node in told:
        assert forecaster.feature_set.columns[column] in node.column
        nudged = forecast.stages["scaled"][row].copy()
        nudged[column] *= 1.0 + node.steps * 2.0**-26
        if node.steps > 4:
            assert forecaster.model.estimate(nudged[None])["leaf"][0] == forecast.stages["leaf"][row]


def test_the_node_where_the_paths_part_is_on_both_of_them(default_bundle: SeriesBundle) -> None:
    stages = default_bundle.forecaster.forecast(default_bundle.test_bars).stages
    walked = walk_row(default_bundle, stages, 0, default_bundle.forecaster.feature_set.columns)
    assert walked is not None
    own, others = int(stages["leaf"][0]), set(stages["leaf"].tolist())
    assert walked.find_fork(0, own) is None
    assert walked.find_fork(0, 10_000) is None
    forks = {leaf: walked.find_fork(0, leaf) for leaf in others - {own}}
    assert len(forks) > 10
    trees = walked.trees
    for leaf, fork in forks.items():
        assert fork is not None
        under = [_list_below(trees.left, trees.right, child[fork.node]) for child in (trees.left, trees.right)]
        assert [(own in nodes, leaf in nodes) for nodes in under] in (
            [(True, False), (False, True)], [(False, True), (True, False)],
        )  # fmt: skip


def _list_below(left: np.ndarray, right: np.ndarray, node: int) -> set[int]:
    if node < 0:
        return set()
    return {int(node)} | _list_below(left, right, left[node]) | _list_below(left, right, right[node])
