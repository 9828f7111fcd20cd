"""Train one model of many series, evaluate each of them, and write the bundle series by series."""

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import UNSET

from lockstep.bundles.fitted_state.steps import list_classes
from lockstep.bundles.manifest import MANIFEST_FILE, PanelManifest, decode_manifest
from lockstep.bundles.panels.saving import draft_panel
from lockstep.bundles.sealing import seal_model
from lockstep.bundles.series import list_features
from lockstep.training.choosing_interval import Chosen, Needs, choose_interval
from lockstep.training.guarantees import promise_outputs
from lockstep.training.learning import find_kind
from lockstep.training.panel.describing import describe_panel
from lockstep.training.panel.evaluating import PanelModel, evaluate_panel
from lockstep.training.panel.learning import DEFAULT_LEARNING_ROWS, pool_rows
from lockstep.training.panel.prices import OnStep, PanelPrices, pass_over
from lockstep.training.panel.split import PanelSplit, split_panel
from lockstep.training.panel.walk_forward import judge_panel
from lockstep.training.recipe import Recipe


@dataclass(frozen=True)
class TrainedPanel:
    """A trained panel: the folder of its version, its manifest, and the split, with the series that were left out.

    The texts are those of `lockstep.training.training.Trained`.
    """

    folder: Path
    manifest: PanelManifest
    split: PanelSplit
    notes: tuple[str, ...] = ()
    reason: str = ""
    no_interval: str = ""
    unjudged: str = ""


def train_panel(
    folder: Path, prices: PanelPrices, recipe: Recipe, most: int = DEFAULT_LEARNING_ROWS, on_step: OnStep = pass_over
) -> TrainedPanel:
    """Train one model on the series of `prices`, and save it with all of them as the next version in `folder`.

    It is fitted on at most `most` rows, all of which lie before the common cut. The same prices, recipe and library
    versions give the same bytes. Raises what the training of one series raises, and `TrainingError` if no series can
    be used.
    """
    chosen = _choose_interval(recipe)
    whole = split_panel(prices, recipe, chosen.interval.lookback_bars if chosen.interval else 0)
    pooled, bad = pool_rows(prices, whole, recipe, most, on_step)
    on_step("fit", 0, 1)
    split, fitted = whole.without(bad), pooled.fit(recipe)
    inputs, classes = list_features(recipe.feature_set.features), list_classes(fitted[1])
    sealed = seal_model(*fitted, inputs, recipe.load_trusted())
    on_step("fit", 1, 1)
    with draft_panel(folder, classes) as draft:
        model = PanelModel(recipe, sealed, classes, chosen.interval)
        tested = evaluate_panel(model, prices, split.series, draft, on_step)
        judged = judge_panel(pooled, recipe, tested.rows, on_step)
        manifest = msgspec.structs.replace(
            describe_panel(recipe, prices.calendar, fitted, chosen.interval),
            predictor=sealed.predictor,
            guarantees=promise_outputs(sealed, inputs, tested.features, tested.outputs),
            trusted=dict(sealed.trusted),
            fitted_rows=len(pooled.features),
            verdict=UNSET if isinstance(judged, str) else judged,
        )
        version = draft.save(manifest, sealed.files)
    unjudged = judged if isinstance(judged, str) else ""
    notes = recipe.make(find_kind(pooled.targets)).notes
    return TrainedPanel(version, _read_manifest(version), split, notes, sealed.reason, chosen.reason, unjudged)


def _choose_interval(recipe: Recipe) -> Chosen:
    """Return the interval of a panel; a series that has too few bars for it is left out, see `split_panel`."""
    adjusts = recipe.feature_set.features.adjusts
    return choose_interval(recipe.interval, Needs(recipe.target.name, recipe.target.horizon_bars, adjusts, sys.maxsize))


def _read_manifest(folder: Path) -> PanelManifest:
    manifest = decode_manifest((folder / MANIFEST_FILE).read_bytes())
    if not isinstance(manifest, PanelManifest):
        raise TypeError(f"{folder} holds a {manifest.kind}")
    return manifest
