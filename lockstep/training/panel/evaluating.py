"""Evaluate each series of a panel by the one model, and keep what is judged of all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lockstep.bundles.evaluation import Evaluation, lay_out_stages
from lockstep.bundles.panels.saving import PanelDraft
from lockstep.bundles.panels.verdict import TestedRows, join_tested, select_realised
from lockstep.bundles.sealing import SealedModel
from lockstep.bundles.series_scores import score_series
from lockstep.data.bars import Array, Bars
from lockstep.predict.exact.form import Labels
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History
from lockstep.predict.intervals import RollingInterval
from lockstep.predict.stages import PREDICTION, PROBA, Stages
from lockstep.training.evaluation import predict_tested, record_evaluation
from lockstep.training.learning import build_features
from lockstep.training.panel.prices import OnStep, PanelPrices
from lockstep.training.recipe import Recipe
from lockstep.training.split import Split

PROBED_ROWS = 20_000
"""So many test rows, of all series alike, show what can be promised of the outputs; more would take minutes."""


@dataclass(frozen=True)
class PanelModel:
    """The fitted model of a panel, the labels that it knows, and its interval."""

    recipe: Recipe
    sealed: SealedModel
    classes: Labels
    interval: RollingInterval | None


@dataclass(frozen=True)
class PanelTest:
    """What is known of the test rows of all series: what came true, and of some the features and the outputs."""

    rows: TestedRows
    features: Array
    outputs: Stages


def evaluate_panel(
    model: PanelModel, prices: PanelPrices, splits: Mapping[str, Split], draft: PanelDraft, on_step: OnStep
) -> PanelTest:
    """Evaluate each series, add it to the draft, and return what is known of all; raise `EvaluationMismatch`."""
    tested, features, outputs = [], [], []
    for done, (symbol, split) in enumerate(splits.items(), 1):
        bars = prices.series[symbol]
        newest = build_features(model.recipe.feature_set, bars)[-split.test_rows :]
        forecaster = Forecaster(
            History(bars, prices.calendar), model.recipe.feature_set.features, model.sealed.model, model.interval
        )
        stages = predict_tested(forecaster, bars, newest)
        evaluation = _record(model, forecaster, bars, stages)
        learned = model.recipe.target.build(bars)[split.learning]
        draft.add(symbol, bars, evaluation, score_series(evaluation, model.recipe.target.name, learned, model.classes))
        probed = np.linspace(0, len(newest) - 1, min(len(newest), -(-PROBED_ROWS // len(splits))), dtype=np.intp)
        tested.append(select_realised(evaluation))
        features.append(newest[probed])
        outputs.append({name: stages[name][probed] for name in (PROBA, PREDICTION) if name in stages})
        on_step("evaluate", done, len(splits))
    joined = {name: np.concatenate([each[name] for each in outputs]) for name in outputs[0]}
    return PanelTest(join_tested(tested), np.concatenate(features), joined)


def _record(model: PanelModel, forecaster: Forecaster, bars: Bars, stages: Stages) -> Evaluation:
    laid_out = lay_out_stages(stages, model.classes, model.sealed.kept_stages)
    return record_evaluation(forecaster, bars, model.recipe.target, laid_out)
