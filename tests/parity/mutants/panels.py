"""Wrong services of a panel: each gives one series of it, or one frame of many, something that is another's."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lockstep.bundles.registry import Registry, Served
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.errors import UnprovenSeries
from tests.parity.mutants.seen import Seen, Told, stand_between

ONE, OTHER = "S3", "S4"
"""The only series that is wrong, and one that it takes things from."""
OF_SERIES = frozenset({"batch", "chunks", "shuffled", "history", "fresh", "concurrent", "backtest"})
FRAMES = frozenset({"frames"})

Json = dict[str, Any]


class PanelMutant(Registry):
    """Share everything with the real registry; a subclass overrides which series answers, or what it is made of."""

    def right(self, served: Served, symbol: str | None) -> Served:
        """Return the right series."""
        return super().pick_series(served, symbol)

    def with_bundle(self, served: Served, symbol: str | None, change: Callable[[SeriesBundle], SeriesBundle]) -> Served:
        """Return a series that is changed."""
        picked = self.right(served, symbol)
        return replace(picked, bundle=change(as_series(picked.bundle)))


class IgnoresSymbols(PanelMutant):
    """Answer with the first series, whatever is asked."""

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        return self.right(served, symbol and "S0")


class SwapsTwoSeries(PanelMutant):
    """Answer two series with the history of each other, under the right names."""

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        other = {ONE: OTHER, OTHER: ONE}.get(symbol or "", symbol)
        history = as_series(self.right(served, other).bundle).forecaster.history if other else None
        return self.with_bundle(served, symbol, lambda bundle: with_history(bundle, history))


class ServesStaleSeries(PanelMutant):
    """Know of one series all bars but the newest."""

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        def cut(bundle: SeriesBundle) -> SeriesBundle:
            history = bundle.forecaster.history
            return with_history(bundle, replace(history, bars=history.bars.select(slice(0, -1))))

        return self.with_bundle(served, symbol, cut) if symbol == ONE else self.right(served, symbol)


class LeaksAnOldBar(PanelMutant):
    """Take one old bar of one series from another one."""

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        def leak(bundle: SeriesBundle) -> SeriesBundle:
            history, others = bundle.forecaster.history, as_series(self.right(served, OTHER).bundle).bars
            values = history.bars.values.copy()
            values[:, -60] = others.values[:, -60]
            return with_history(bundle, replace(history, bars=replace(history.bars, values=values)))

        return self.with_bundle(served, symbol, leak) if symbol == ONE else self.right(served, symbol)


class KeepsTheLastHistory(PanelMutant):
    """Keep a history for the next request if that is of as many bars: a cache whose key is too short."""

    kept: dict[int, Any] = {}  # noqa: RUF012 -- the cache that is wrong

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        picked = self.right(served, symbol)
        history = as_series(picked.bundle).forecaster.history
        found = self.kept.setdefault(len(history.bars) // 20, history)
        return replace(picked, bundle=with_history(as_series(picked.bundle), found))


class RefusesOneSeries(PanelMutant):
    """Serve all series but one, whose files are damaged there."""

    def pick_series(self, served: Served, symbol: str | None) -> Served:
        if symbol == ONE:
            raise UnprovenSeries(f"the series {symbol} is not served")
        return self.right(served, symbol)


def with_history(bundle: SeriesBundle, history: Any) -> SeriesBundle:
    """Return the bundle around another history."""
    return replace(bundle, forecaster=bundle.forecaster.with_history(history or bundle.forecaster.history))


REGISTRIES: dict[str, type[PanelMutant]] = {
    "ignores symbols": IgnoresSymbols,
    "swaps two series": SwapsTwoSeries,
    "serves a stale series": ServesStaleSeries,
    "leaks an old bar": LeaksAnOldBar,
    "keeps the last history": KeepsTheLastHistory,
    "refuses one series": RefusesOneSeries,
}
"""Each is found by a check of a series, and in frames."""


@dataclass(frozen=True)
class FrameMutant:
    """What changes the answers to frames of many series: the decoded body, in place, or its status."""

    change: Callable[[Json], Any]
    status: str = ""

    def wrap(self, app: Any) -> Any:
        """Return the app with these answers changed."""

        def change(_: Seen, told: Told) -> Told:
            if b'"series":[{' not in told.body or b'"forecast":' not in told.body:
                return told
            body = json.loads(told.body)
            self.change(body)
            return replace(told, status=self.status or told.status, body=json.dumps(body).encode())

        return stand_between(app, change)


def _group(body: Json) -> None:
    body["forecast"]["data"].sort(key=lambda row: row[0])


def _hide(body: Json) -> None:
    if "problems" in body:
        data = body["forecast"]["data"]
        data[:] = [[row[0], *[None] * (len(row) - 1)] for row in data]


def _drop_problems(body: Json) -> None:
    body.pop("problems", None)


def _fill(body: Json) -> None:
    for row in body["forecast"]["data"]:
        row[4] = 1.0 if row[4] is None else row[4]


def _number_within_series(body: Json) -> None:
    for problem in body.get("problems", []):
        for cell in problem.get("problems", []):
            cell["row"] = problem["unanswered"].index(cell["row"])


def _move_one_bit(body: Json) -> None:
    row = next(row for row in reversed(body["forecast"]["data"]) if row[4] is not None)
    row[4] = float(np.nextafter(row[4], 2.0))


def _share_traces(body: Json) -> None:
    for each in body["series"]:
        if "trace" in each:
            each["trace"] = body["series"][0]["trace"]


def _swap_symbols(body: Json) -> None:
    first, *_, last = body["forecast"]["data"]
    first[0], last[0] = last[0], first[0]


def _forget_warnings(body: Json) -> None:
    body["warnings"] = []


ANSWERS: dict[str, FrameMutant] = {
    "answers in grouped order": FrameMutant(_group),
    "hides the good rows": FrameMutant(_hide),
    "calls a partial answer whole": FrameMutant(lambda _: None, "200 OK"),
    "says nothing of problems": FrameMutant(_drop_problems),
    "fills what has no forecast": FrameMutant(_fill),
    "numbers rows within their series": FrameMutant(_number_within_series),
    "moves one bit of a frame": FrameMutant(_move_one_bit),
    "shares the trace of the first series": FrameMutant(_share_traces),
    "swaps two symbols": FrameMutant(_swap_symbols),
    "forgets warnings": FrameMutant(_forget_warnings),
}
"""Each is found by the check `frames`."""
