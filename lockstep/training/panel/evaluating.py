"""Evaluate each series of a panel by the one model, and keep what is judged of all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lockstep.bundles.evaluation import Evaluation, lay_out_stages
from lockstep.bundles.panels.saving import PanelDraft
from lockstep.bundles.sealing import SealedModel
from lockstep.bundles.series_scores import score_series
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.predict.exact.form import Labels
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History
from lockstep.predict.intervals import RollingInterval
from lockstep.predict.stages import PREDICTION, PROBA, Stages
from lockstep.training.evaluation import predict_tested, record_evaluation
from lockstep.training.learning import build_features
from lockstep.training.panel.prices import OnStep, PanelPrices
from lockstep.training.panel.walk_forward import TestedRows
from lockstep.training.recipe import Recipe
from lockstep.training.split import Split

PROBED_ROWS = 20_000
"""So many test rows of all series show what can be promised of the outputs; more would take minutes."""


@dataclass(frozen=True)
class PanelModel:
    """The model of a panel, and what it is asked with."""

    recipe: Recipe
    calendar: Calendar
    sealed: SealedModel
    classes: Labels
    interval: RollingInterval | None


@dataclass(frozen=True)
class PanelTest:
    """What is known of the test rows of all series: what came true, and some features with their outputs."""

    rows: TestedRows
    features: Array
    outputs: Stages


@dataclass
class _Collected:
    evaluations: list[Evaluation] = field(default_factory=list)
    features: list[Array] = field(default_factory=list)
    outputs: list[Stages] = field(default_factory=list)


def evaluate_panel(
    model: PanelModel, prices: PanelPrices, splits: Mapping[str, Split], draft: PanelDraft, on_step: OnStep
) -> PanelTest:
    """Evaluate each series, add it to the draft, and return what is judged of all; raise `EvaluationMismatch`."""
    pass
