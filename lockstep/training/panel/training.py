"""Train one model of many series, evaluate each of them, and write the bundle series by series."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from msgspec import UNSET

from lockstep.bundles.fitted_state.steps import list_classes
from lockstep.bundles.manifest import PanelManifest
from lockstep.bundles.panels.saving import PanelDraft, draft_panel
from lockstep.bundles.sealing import SealedModel, seal_model
from lockstep.bundles.series import list_features
from lockstep.data.panel.sources import BadSeries
from lockstep.predict.intervals import RollingInterval
from lockstep.training.choosing_interval import Needs, choose_interval
from lockstep.training.learning import Fitted
from lockstep.training.panel.describing import describe_panel
from lockstep.training.panel.evaluating import PanelEvaluator
from lockstep.training.panel.learning import DEFAULT_LEARNING_ROWS, Pooled, pool_rows
from lockstep.training.panel.prices import PanelPrices
from lockstep.training.panel.split import PanelSplit, split_panel
from lockstep.training.panel.walk_forward import judge_panel
from lockstep.training.recipe import Recipe

OnStep = Callable[[str, int], None]
"""Is called with what is done now and how many series or fits that takes, once before the first and after each."""


@dataclass(frozen=True)
class TrainedPanel:
    """A saved panel: its folder, its manifest, its split, and the series that were left out after they were read.

    `learned_rows` were drawn of all learning rows. The texts are those of `lockstep.training.training.Trained`.
    """

    folder: Path
    manifest: PanelManifest
    split: PanelSplit
    bad: tuple[BadSeries, ...]
    learned_rows: int
    notes: tuple[str, ...] = ()
    reason: str = ""
    no_interval: str = ""
    unjudged: str = ""
