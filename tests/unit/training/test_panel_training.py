"""One model of many series: one calendar, one cut, pooled rows that know nothing after it, and a whole bundle."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.entries import Source
from lockstep.bundles.manifest import PanelManifest, SeriesManifest
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.panels.verdict import TestedRows, check_panel_verdict, compare_sessions
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.scores import ReturnScores
from lockstep.bundles.selfcheck import check_evaluation, check_whole
from lockstep.bundles.shown_verdict import show_panel_verdict, show_verdict
from lockstep.bundles.targets import BUILT_IN
from lockstep.bundles.verdicts import NaiveComparison, VerdictEntry, compare_losses
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar, exchange_calendar
from lockstep.errors import EvaluationMismatch, TrainingError
from lockstep.features.feature_set import FeatureSet, NamedFeatureSet
from lockstep.training.panel.learning import PooledRows, draw_rows, pool_rows
from lockstep.training.panel.prices import PanelPrices, choose_panel_calendar, find_calendar_fault
from lockstep.training.panel.split import split_panel
from lockstep.training.panel.training import TrainedPanel, train_panel
from lockstep.training.panel.walk_forward import walk_panel_forward
from lockstep.training.recipe import Recipe
from lockstep.training.target import Target
from lockstep.training.training import train

RELATIVE = 1e-9
"""Sums of the same numbers in another order: the rows lie otherwise in memory."""
SOURCE = Source("prices", "0" * 64)
N_TESTED, ALL = 60, 10**9


def vary(bars: Bars, seed: int) -> Bars:
    """Return other prices on the same dates."""
    factors = np.cumprod(1.0 + np.random.default_rng(seed).normal(0.0, 0.01, len(bars)))
    values = bars.values.copy()
    values[:4] *= factors
    return replace(bars, values=values)


@pytest.fixture(scope="module")
def prices(market: Bars, calendar: Calendar) -> PanelPrices:
    """Four series: a long one, one that starts later, one that ends before most, and one that ends after them."""
    parts = {"LATE": slice(150, 500), "LONG": slice(0, 500), "OVER": slice(40, 520), "STOP": slice(10, 470)}
    series = {symbol: vary(market, seed).select(part) for seed, (symbol, part) in enumerate(parts.items())}
    return PanelPrices(series, calendar, SOURCE, ())


@pytest.fixture(scope="module")
def panel_recipe(recipe: Recipe) -> Recipe:
    return msgspec.structs.replace(
        recipe, name="panel", symbol="", test_rows=N_TESTED, estimator=DecisionTreeRegressor(max_depth=3)
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, prices: PanelPrices, panel_recipe: Recipe) -> TrainedPanel:
    return train_panel(tmp_path_factory.mktemp("models") / "panel", prices, panel_recipe)


@pytest.fixture(scope="module")
def panel(trained: TrainedPanel) -> PanelBundle:
    bundle = load_bundle(trained.folder)
    assert isinstance(bundle, PanelBundle)
    return bundle


def pool(prices: PanelPrices, recipe: Recipe, most: int = ALL) -> PooledRows:
    pooled, bad = pool_rows(prices, split_panel(prices, recipe), recipe, most)
    assert bad == ()
    return pooled


def with_horizon(recipe: Recipe, horizon_bars: int) -> Recipe:
    return msgspec.structs.replace(recipe, target=Target("return", horizon_bars, BUILT_IN["return"]))


def change(
    prices: PanelPrices, is_changed: Callable[[Bars], "np.ndarray[tuple[int], np.dtype[np.bool_]]"]
) -> PanelPrices:
    """Return prices of which some bars are others."""
    series = {}
    for symbol, bars in prices.series.items():
        values = bars.values.copy()
        values[:4, is_changed(bars)] *= 1.7
        series[symbol] = replace(bars, values=values)
    return replace(prices, series=series)


def test_all_series_are_tested_from_one_session_on(prices: PanelPrices, panel_recipe: Recipe) -> None:
    split = split_panel(prices, panel_recipe)
    ends = sorted(bars.dates[-1] for bars in prices.series.values())
    assert split.cut == prices.series["LONG"].dates[-N_TESTED]
    assert prices.series["LONG"].dates[-1] == ends[1]  # the median of four, the lower one
    assert {symbol: each.test_rows for symbol, each in split.series.items()} == {
        symbol: int((bars.dates >= split.cut).sum()) for symbol, bars in prices.series.items()
    }
    assert [each.test_rows for each in split.series.values()] == [60, 60, 80, 30]


@pytest.mark.parametrize(("asked", "interval_bars"), [(3, 0), (3, 400), (480, 0), (480, 400)])
def test_if_no_series_can_be_used_the_test_rows_that_would_do_are_named(
    asked: int, interval_bars: int, prices: PanelPrices, panel_recipe: Recipe
) -> None:
    few = replace(prices, series={symbol: prices.series[symbol] for symbol in ("LATE", "LONG")})
    with pytest.raises(TrainingError, match=r"^no series of 2 can be used; ") as refused:
        split_panel(few, msgspec.structs.replace(panel_recipe, test_rows=asked), interval_bars)
    fewest, most = map(int, re.findall(r"pass --test-rows (\d+), or up to (\d+)$", str(refused.value))[0])
    for rows in (fewest, most):
        assert "LONG" in split_panel(few, msgspec.structs.replace(panel_recipe, test_rows=rows), interval_bars).series
    for rows in (fewest - 1, most + 1):
        with pytest.raises(TrainingError):
            split_panel(few, msgspec.structs.replace(panel_recipe, test_rows=rows), interval_bars)


@pytest.mark.parametrize("horizon_bars", [1, 4])
def test_what_is_learned_knows_no_bar_of_any_series_after_the_first_test_session(
    prices: PanelPrices, panel_recipe: Recipe, horizon_bars: int
) -> None:
    recipe = with_horizon(panel_recipe, horizon_bars)
    cut, learned = split_panel(prices, recipe).cut, pool(prices, recipe)
    later = pool(change(prices, lambda bars: bars.dates > cut), recipe)
    assert (later.features.tobytes(), later.targets.tobytes()) == (
        learned.features.tobytes(),
        learned.targets.tobytes(),
    )
    at_cut = pool(change(prices, lambda bars: bars.dates == cut), recipe)
    changed = np.flatnonzero(at_cut.targets != learned.targets)
    newest = prices.calendar.session_dates(prices.calendar.session_numbers(np.array([cut])) - horizon_bars)[0]
    assert learned.dates[changed].tolist() == [newest] * len(prices.series)
    assert learned.dates.max() == newest


def test_without_a_number_a_third_of_the_usable_rows_of_the_median_series_is_tested(
    prices: PanelPrices, panel_recipe: Recipe
) -> None:
    split = split_panel(prices, msgspec.structs.replace(panel_recipe, test_rows=None))
    usable = len(prices.series["STOP"]) - 199
    assert split.series["LONG"].test_rows == usable // 3 == 87
    assert split.reason == "a third of the 261 usable rows of the median series"


def test_series_that_lie_on_one_side_of_the_cut_are_left_out_with_the_reason(
    market: Bars, prices: PanelPrices, panel_recipe: Recipe
) -> None:
    others = {"GONE": slice(0, 441), "NEW": slice(400, 500), "SHORT": slice(190, 500)}
    series = {**prices.series, **{symbol: market.select(part) for symbol, part in others.items()}}
    split = split_panel(replace(prices, series=series), panel_recipe, interval_bars=260)
    cut = split.cut
    assert cut == market.dates[440]
    assert list(split.series) == ["LATE", "LONG", "OVER", "STOP"]
    assert {each.symbol: each.reason for each in split.bad} == {
        "GONE": f"1 bar(s) from the cut, {cut}, to its newest of {cut}; at least 11 are needed: more --test-rows move "
        "the cut back",
        "NEW": f"40 bar(s) before the cut, {cut}, of which 0 have a look-back of 200 bars and can be learned from; at "
        "least 50 are needed",
        "SHORT": f"251 bar(s) end in its oldest test row, of {cut}, and an interval reads 260; --interval none needs "
        "no more",
    }
    few = replace(prices, series={symbol: series[symbol] for symbol in ("GONE", "NEW")})
    with pytest.raises(TrainingError, match=r"no series of 2 can be used; GONE: 1 bar\(s\) from the cut"):
        split_panel(few, msgspec.structs.replace(panel_recipe, test_rows=1))


def list_compared(manifest: SeriesManifest | PanelManifest) -> list[NaiveComparison]:
    assert isinstance(manifest.verdict, VerdictEntry)
    return [manifest.verdict.walk_forward, manifest.verdict.test]


def test_a_panel_of_one_series_learns_and_answers_what_that_series_alone_does(
    tmp_path: Path, prices: PanelPrices, panel_recipe: Recipe
) -> None:
    bars = prices.series["LONG"]
    alone = train(bars, prices.calendar, panel_recipe)
    found = train_panel(tmp_path / "one", replace(prices, series={"LONG": bars}), panel_recipe)
    bundle = load_bundle(found.folder)
    assert isinstance(bundle, PanelBundle)
    view = bundle.pick("LONG")
    assert view.evaluation.y_pred.tolist() == pytest.approx(alone.evaluation.y_pred.tolist(), rel=RELATIVE)
    assert view.evaluation.y_true.tobytes() == alone.evaluation.y_true.tobytes()
    assert (view.manifest.learning, view.manifest.test) == (alone.manifest.learning, alone.manifest.test)
    for judged, expected in zip(list_compared(found.manifest), list_compared(alone.manifest), strict=True):
        assert (judged.rows, judged.lag) == (expected.rows, expected.lag)
        assert judged.t == pytest.approx(expected.t, rel=RELATIVE)
    assert found.manifest.guarantees == alone.manifest.guarantees


def test_the_model_is_the_one_that_scikit_learn_fits_on_the_rows_of_all_series(
    prices: PanelPrices, panel_recipe: Recipe
) -> None:
    rows, targets = [], []
    for symbol, bars in prices.series.items():
        features = panel_recipe.feature_set.features.build(bars)
        stop = len(bars) - split_panel(prices, panel_recipe).series[symbol].test_rows
        for row in range(199, stop):
            rows.append(features[row])
            targets.append(bars.close[row + 1] / bars.close[row])
    expected = make_pipeline(StandardScaler(), Ridge(alpha=3.0)).fit(np.array(rows), np.array(targets))
    pooled = pool(prices, panel_recipe)
    scaler, model = pooled.fit(msgspec.structs.replace(panel_recipe, estimator=Ridge(alpha=3.0)))
    assert scaler is not None
    assert pooled.features.tolist() == np.array(rows).tolist()
    found = model.predict(scaler.transform(pooled.features)).tolist()
    assert found == pytest.approx(expected.predict(np.array(rows)).tolist(), rel=RELATIVE)


def test_rows_are_drawn_from_all_series_alike_and_the_same_each_time(prices: PanelPrices, panel_recipe: Recipe) -> None:
    assert draw_rows(7, 7).tolist() == list(range(7))
    drawn = draw_rows(100_000, 1_000)
    assert drawn.tolist() == sorted(set(drawn.tolist()))
    assert drawn[:4].tolist() == [77, 230, 312, 385]
    assert abs(float(drawn.mean()) - 50_000) < 5_000
    whole, some = pool(prices, panel_recipe), pool(prices, panel_recipe, 100)
    places = draw_rows(len(whole.targets), 100)
    assert some.features.tobytes() == whole.features[places].tobytes()
    assert some.targets.tobytes() == whole.targets[places].tobytes()
    assert some.dates.tolist() == whole.dates[places].tolist()


def test_a_series_whose_features_are_wrong_is_left_out(
    prices: PanelPrices, panel_recipe: Recipe, tmp_path: Path
) -> None:
    odd = float(prices.series["LATE"].close[300])

    def build(bars: Bars) -> Array:
        return np.where(bars.close == odd, np.nan, bars.close)[:, np.newaxis]

    named = NamedFeatureSet("odd", FeatureSet(("close",), 1, build), (), "0" * 64)
    recipe = msgspec.structs.replace(panel_recipe, feature_set=named)
    found = train_panel(tmp_path / "odd", prices, recipe)
    assert list(found.split.series) == ["LONG", "OVER", "STOP"]
    (bad,) = found.split.bad
    assert bad.symbol == "LATE"
    assert "returned nan for close on" in bad.reason
    with pytest.raises(TrainingError, match="no series of 1 can be used; LATE: the feature set odd returned nan"):
        train_panel(tmp_path / "none", replace(prices, series={"LATE": prices.series["LATE"]}), recipe)
    assert not list((tmp_path / "none").glob("*"))


def test_every_series_of_a_trained_panel_reproduces_its_evaluation(
    panel: PanelBundle, prices: PanelPrices, trained: TrainedPanel
) -> None:
    assert panel.index.symbols == list(prices.series)
    evaluations = [panel.pick(symbol).evaluation for symbol in prices.series]
    for symbol, bars in prices.series.items():
        view = panel.pick(symbol)
        assert view.bars.values.tobytes() == bars.values.tobytes()
        assert check_evaluation(view) == trained.split.series[symbol].test_rows
        assert view.manifest.test.first == str(trained.split.cut) == panel.manifest.test.first
    errors = [float(np.mean(np.abs(each.y_true - each.y_pred)[each.realised])) for each in evaluations]
    found = panel.manifest.scores[MODEL]
    assert isinstance(found, ReturnScores)
    assert found.mae == pytest.approx(sum(errors) / len(errors), rel=RELATIVE)
    assert panel.manifest.fitted_rows == panel.manifest.learning.rows == trained.split.n_learning


def test_the_same_prices_give_the_same_digest(
    tmp_path: Path, prices: PanelPrices, panel_recipe: Recipe, trained: TrainedPanel
) -> None:
    steps: list[tuple[str, int, int]] = []
    again = train_panel(tmp_path / "panel", prices, panel_recipe, on_step=lambda *each: steps.append(each))
    assert again.manifest.digest == trained.manifest.digest
    works = {"features": range(1, 5), "fit": range(2), "evaluate": range(1, 5), "verdict": range(6)}
    assert steps == [(work, done, numbers[-1]) for work, numbers in works.items() for done in numbers]


def test_a_classifier_has_probabilities_of_each_series_and_no_verdict(
    tmp_path: Path, prices: PanelPrices, panel_recipe: Recipe
) -> None:
    recipe = msgspec.structs.replace(
        panel_recipe, target=Target("direction", 2, BUILT_IN["direction"]), estimator=LogisticRegression()
    )
    found = train_panel(tmp_path / "direction", prices, recipe)
    assert found.unjudged == '"no change" is a forecast of the target return alone'
    assert found.manifest.guarantees == {"proba": "bits", "prediction": "bits"}
    bundle = load_bundle(found.folder)
    assert isinstance(bundle, PanelBundle)
    check_panel_verdict(bundle)
    assert all(check_evaluation(bundle.pick(symbol)) for symbol in prices.series)


def test_errors_are_averaged_over_the_series_of_a_session() -> None:
    rng = np.random.default_rng(2)
    dates = np.datetime64("2020-01-01") + rng.integers(0, 40, 300)
    y_true, y_pred = 1.0 + rng.normal(0.0, 0.01, (2, 300))
    losses, naive = [], []
    for date in sorted(set(dates.tolist())):
        rows = [row for row in range(300) if dates[row] == date]
        losses.append(sum((y_pred[row] - y_true[row]) ** 2 for row in rows) / len(rows))
        naive.append(sum((1.0 - y_true[row]) ** 2 for row in rows) / len(rows))
    found = compare_sessions(TestedRows(dates, y_true, y_pred), 3)
    expected = compare_losses(np.array(losses), np.array(naive), 3)
    assert (found.rows, found.lag) == (expected.rows, expected.lag) == (len(losses), 4)
    assert [found.t, found.mse_ratio] == pytest.approx([expected.t, expected.mse_ratio], rel=RELATIVE)


def test_copies_of_a_series_make_a_verdict_no_surer(prices: PanelPrices, panel_recipe: Recipe) -> None:
    """A thousand series that move together say no more than one of them."""
    one = replace(prices, series={"LONG": prices.series["LONG"]})
    copies = replace(prices, series={f"COPY{place}": prices.series["LONG"] for place in range(5)})
    recipe = msgspec.structs.replace(panel_recipe, estimator=Ridge(alpha=3.0))
    found = [walk_panel_forward(pool(each, recipe), recipe) for each in (one, copies)]
    assert found[0].rows == found[1].rows
    assert found[1].t == pytest.approx(found[0].t, rel=0.2)  # five copies change how strong the ridge is


@pytest.mark.parametrize("horizon_bars", [1, 4])
def test_a_fold_learns_from_no_target_that_reads_beyond_its_first_session(
    prices: PanelPrices, panel_recipe: Recipe, horizon_bars: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, learned = with_horizon(panel_recipe, horizon_bars), list[tuple[object, object]]()
    pooled, fit = pool(prices, recipe), PooledRows.fit
    sessions = np.unique(pooled.dates)

    def watch(self: PooledRows, recipe: Recipe, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> object:
        learned.append((self.dates[rows].max(), len(self.dates[rows])))
        return fit(self, recipe, rows)

    monkeypatch.setattr(PooledRows, "fit", watch)
    compared = walk_panel_forward(pooled, recipe)
    edges = np.linspace(sessions.size // 2, sessions.size, 6).astype(int)
    expected = [
        (sessions[edge - horizon_bars], int((pooled.dates <= sessions[edge - horizon_bars]).sum())) for edge in edges
    ]
    assert learned == expected[:-1]
    assert compared.rows == sessions.size - sessions.size // 2


def test_a_series_has_the_verdict_of_its_panel_and_the_test_of_its_own_rows(panel: PanelBundle) -> None:
    judged, view = list_compared(panel.manifest), panel.pick("LATE")
    assert show_verdict(view.manifest)[0] == show_panel_verdict(panel.manifest)[0]
    walked, tested = list_compared(view.manifest)
    assert walked == judged[0]
    assert tested.rows == 59
    assert tested != judged[1]


def test_a_verdict_that_does_not_follow_is_refused(panel: PanelBundle) -> None:
    assert check_whole(panel) == 230
    entry = panel.manifest.verdict
    assert isinstance(entry, VerdictEntry)
    tested = msgspec.structs.replace(entry.test, t=entry.test.t + 0.1)
    for changed in ({"test": tested}, {"verdict": "better-than-naive"}, {"folds": 4}):
        forged = msgspec.structs.replace(panel.manifest, verdict=msgspec.structs.replace(entry, **changed))
        with pytest.raises(EvaluationMismatch, match=f"verdict.{next(iter(changed))}"):
            check_whole(replace(panel, manifest=forged))


def make_dates(calendar: Calendar, first: int, n_bars: int) -> Bars:
    """Return bars of consecutive sessions whose prices do not matter."""
    return Bars(calendar.dates_from(first, n_bars), np.ones((5, n_bars)))


def list_series(*series: Bars) -> Mapping[str, Bars]:
    return {f"S{place}": bars for place, bars in enumerate(series)}


@pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars
def test_the_calendar_is_that_of_new_york_if_most_series_follow_it() -> None:
    xnys = exchange_calendar("XNYS", np.datetime64("2010-01-04"), np.datetime64("2012-12-31"))
    stocks = [make_dates(xnys, first, 300) for first in (0, 50, 100)]
    coin = Bars(np.arange(np.datetime64("2010-01-11"), np.datetime64("2011-02-15")), np.ones((5, 400)))
    chosen = choose_panel_calendar(None, list_series(*stocks, coin))
    assert chosen.name == "XNYS"
    assert [find_calendar_fault(bars.dates, chosen) for bars in stocks] == ["", "", ""]
    assert find_calendar_fault(coin.dates, chosen).startswith(
        "123 date(s) are no sessions of XNYS: 2010-01-16, 2010-01-17"
    )
    with pytest.raises(TrainingError, match="2 of 3 series have dates that are no sessions of XNYS; name the exchange"):
        choose_panel_calendar(None, list_series(stocks[0], coin, coin))
    assert choose_panel_calendar("XNYS", list_series(stocks[0], coin, coin)).name == "XNYS"


@pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars
def test_sessions_on_which_no_series_has_a_bar_are_counted_if_a_series_spans_them() -> None:
    xnys = exchange_calendar("XNYS", np.datetime64("2010-01-04"), np.datetime64("2013-12-31"))
    whole = make_dates(xnys, 0, 900)
    holed = Bars(np.delete(whole.dates, slice(400, 406)), np.ones((5, 894)))
    assert choose_panel_calendar(None, list_series(holed, whole)).name == "XNYS"
    with pytest.raises(TrainingError, match="the panel has no bar for 6 of 900 sessions of XNYS; the longest hole, 6 "):
        choose_panel_calendar(None, list_series(holed, holed))
    apart = choose_panel_calendar(None, list_series(whole.select(slice(0, 444)), whole.select(slice(450, None))))
    assert apart.name == "XNYS without 6 session(s)"


def test_the_dates_of_all_series_together_can_be_the_calendar() -> None:
    days = np.arange(np.datetime64("2020-01-06"), np.datetime64("2021-01-04"))
    weekdays = days[np.is_busday(days)]
    some, others = (Bars(weekdays[start::2][:100], np.ones((5, 100))) for start in (0, 1))
    chosen = choose_panel_calendar("file", list_series(some, others))
    assert (chosen.name, chosen.n_sessions > 200) == ("file", True)
    assert find_calendar_fault(some.dates, chosen).startswith("no bar for 99 session(s) of file: 2020-01-07, ")
