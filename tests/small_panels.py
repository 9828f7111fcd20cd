"""Small panels: a model of several random series, trained in a second."""

from pathlib import Path

import numpy as np
from msgspec import UNSET
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lockstep.applications import find_application
from lockstep.bundles.entries import FeatureSetEntry, IntervalEntry, SchemaEntry, Source, Window
from lockstep.bundles.evaluation import Evaluation, lay_out_stages
from lockstep.bundles.fitted_state.steps import describe_steps, list_classes
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import PanelManifest
from lockstep.bundles.panels.saving import draft_panel
from lockstep.bundles.sealing import SealedModel, seal_model
from lockstep.bundles.series import list_features
from lockstep.bundles.series_scores import score_series
from lockstep.bundles.windows import find_learning_rows
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar, calendar_from_sessions
from lockstep.features.loading import load_feature_set
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History
from lockstep.predict.intervals import EVALUATED_LEVELS, RollingInterval
from lockstep.training.evaluation import record_evaluation
from lockstep.training.target import NEXT_RETURN, Target
from qa.servers import ROOT

TEST_ROWS = 40
DAILY = load_feature_set("daily", find_application(ROOT))


def make_calendar() -> Calendar:
    """Return a calendar of weekdays from 2020 on, less some holidays."""
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2023-01-01"))
    sessions = np.delete(days[np.is_busday(days)], slice(30, None, 37))
    return calendar_from_sessions("file", sessions, sessions[-1] + np.timedelta64(366, "D"))


def make_series(n_series: int, seed: int = 3) -> dict[str, Bars]:
    """Return series of random bars, S0, S1, … by symbol: each starts and ends on sessions of its own."""
    rng, calendar = np.random.default_rng(seed), make_calendar()
    series: dict[str, Bars] = {}
    for place in range(n_series):
        n_bars = 300 + int(rng.integers(0, 60))
        close = 100.0 * np.cumprod(1.0 + rng.normal(0.0, 0.01, n_bars))
        open_ = close * (1.0 + rng.normal(0.0, 0.004, n_bars))
        high, low = np.maximum(open_, close) * 1.003, np.minimum(open_, close) * 0.997
        values = np.stack([open_, high, low, close, rng.integers(1, 10**6, n_bars).astype(float)])
        series[f"S{place}"] = Bars(calendar.dates_from(int(rng.integers(0, 100)), n_bars), values)
    return series


def save_panel(
    model: Path,
    series: dict[str, Bars],
    target: Target = NEXT_RETURN,
    estimator: BaseEstimator | None = None,
    interval: RollingInterval | None = None,
) -> Path:
    """Train one model on all series, save it as a panel, and return the folder of its version."""
    calendar, features = make_calendar(), DAILY.features
    learned = {symbol: _learn(bars, target) for symbol, bars in series.items()}
    stacked = np.concatenate([features.build(bars)[_rows(bars, target)] for bars in series.values()])
    scaler = StandardScaler().fit(stacked)
    tree = DecisionTreeRegressor if target is NEXT_RETURN else DecisionTreeClassifier
    fitted = estimator or tree(max_depth=4, random_state=1)
    fitted.fit(scaler.transform(stacked), np.concatenate(list(learned.values())))
    sealed, classes = seal_model(scaler, fitted, list_features(features)), list_classes(fitted)
    with draft_panel(model, classes) as draft:
        for symbol, bars in series.items():
            forecaster = Forecaster(History(bars, calendar), features, sealed.model, interval)
            evaluation = _evaluate(forecaster, bars, target, sealed)
            draft.add(symbol, bars, evaluation, score_series(evaluation, target.name, learned[symbol], classes))
        manifest = PanelManifest(
            schema_version=2,
            name=model.name,
            estimator=describe_steps(scaler, fitted),
            classes=classes,
            predictor=sealed.predictor,
            guarantees={
                stage: "bits" for stage in ("proba", "prediction") if stage in sealed.model.predict(stacked[:1])
            },
            libraries=installed_libraries(),
            source=Source("panel.csv", "0" * 64),
            schema=SchemaEntry.describe(calendar, features),
            feature_set=FeatureSetEntry(
                DAILY.name, list(features.columns), features.lookback_bars, features.whole_history, DAILY.source_sha256
            ),
            target=target.name,
            horizon_bars=target.horizon_bars,
            interval=UNSET if interval is None else IntervalEntry.describe(interval),
            series=0,
            learning=Window("", "", 0),
            test=Window("", "", 0),
            scores={},
            evaluation=[],
            files={},
        )
        return draft.save(manifest, sealed.files)


def _rows(bars: Bars, target: Target) -> slice:
    return find_learning_rows(len(bars), DAILY.features.lookback_bars, target.horizon_bars, TEST_ROWS)


def _learn(bars: Bars, target: Target) -> "np.ndarray[tuple[int], np.dtype[np.generic]]":
    return target.build_learning(bars, _rows(bars, target))


def _evaluate(forecaster: Forecaster, bars: Bars, target: Target, sealed: SealedModel) -> Evaluation:
    tested = bars.select(slice(-TEST_ROWS, None))
    levels = EVALUATED_LEVELS if forecaster.interval else ()
    stages = forecaster.forecast(tested, levels=levels).stages
    fitted = getattr(sealed.model, "form", None)
    classes = getattr(getattr(fitted, "estimator", None), "classes", [])
    return record_evaluation(forecaster, bars, target, lay_out_stages(stages, classes, sealed.kept_stages))
