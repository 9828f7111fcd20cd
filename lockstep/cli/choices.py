"""What `lockstep train` makes of the target, the estimator, the scaler and the grid that were asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from lockstep.applications import Application
from lockstep.bundles.verdicts import FOLDS
from lockstep.data.bars import Bars
from lockstep.errors import TrainingError
from lockstep.training.estimators import parse_estimator, parse_scaler
from lockstep.training.grid import GRID, Candidate, candidates, name_parameters, search
from lockstep.training.grid_files import read_grid
from lockstep.training.learning import LearningRows, build_learning_rows, find_kind
from lockstep.training.named_targets import load_target
from lockstep.training.prices import Prices
from lockstep.training.recipe import Recipe, Unfitted
from lockstep.training.selecting import CANDIDATES, check_selectable, select_model

DEFAULT_GRID = "the default tree's"
"""What `--grid` without a value stands for."""


@dataclass(frozen=True)
class Choices:
    """What was asked for by name: target, horizon, estimator, scaler and grid; and whether to select an estimator."""

    application: Application
    target: str
    horizon_bars: int
    estimator: str | None
    scaler: str | None
    grid: str | None
    select: bool = False


def complete_recipe(recipe: Recipe, loaded: Prices, choices: Choices) -> tuple[Recipe, list[Candidate]]:
    """Return the recipe with what was chosen, and the candidates of the grid, the best first."""
    check_select(choices)
    chosen = choose_model(recipe, loaded.bars, choices)
    if choices.select:
        return _select(chosen, loaded), []
    unfitted, grid = chosen.make(find_kind(chosen.target.build(loaded.bars))), _choose_grid(choices)
    if not grid:
        return chosen, []
    found = _search(build_learning_rows(loaded.bars, chosen), unfitted, grid)
    best = name_parameters(unfitted.model, found[0].parameters)
    return msgspec.structs.replace(chosen, parameters=best), found


def choose_model(recipe: Recipe, bars: Bars, choices: Choices) -> Recipe:
    """Return the recipe with the target, the estimator and the scaler that were asked for, and which fit each other.

    Raises `TrainingError`.
    """
    target = load_target(choices.target, choices.horizon_bars, choices.application)
    kind = find_kind(target.build(bars))
    estimator = parse_estimator(choices.estimator, kind) if choices.estimator else None
    chosen = msgspec.structs.replace(recipe, target=target, estimator=estimator)
    if choices.scaler is not None:
        chosen = msgspec.structs.replace(chosen, scaler=parse_scaler(choices.scaler))
    chosen.make(kind)
    return chosen


def check_select(choices: Choices) -> None:
    """Refuse `--select` beside another choice of the estimator."""
    others = {"--estimator": choices.estimator, "--grid": choices.grid}
    if choices.select and (named := [option for option, value in others.items() if value is not None]):
        raise click.UsageError(f"--select tries estimators of its own; leave out {' and '.join(named)}, or --select")


def _select(recipe: Recipe, loaded: Prices) -> Recipe:
    learning = build_learning_rows(loaded.bars, recipe)
    check_selectable(learning, recipe)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("select", total=len(CANDIDATES) * FOLDS)
        selection = select_model(learning, recipe, on_fold=lambda: progress.advance(task))
    return msgspec.structs.replace(recipe, selection=selection, estimator=parse_estimator(selection.chosen))


def _choose_grid(choices: Choices) -> Mapping[str, Sequence[Any]]:
    if choices.grid != DEFAULT_GRID:
        return {} if choices.grid is None else read_grid(choices.grid)
    if choices.estimator is not None:
        raise TrainingError(
            "--grid without a value is for the default tree; name the values to try for another estimator, such as "
            """--grid '{"max_depth": [3, 6]}'"""
        )
    return GRID


def _search(learning: LearningRows, unfitted: Unfitted, grid: Mapping[str, Sequence[Any]]) -> list[Candidate]:
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("grid", total=len(candidates(grid)))
        return search(learning, unfitted, grid, on_scored=lambda _: progress.advance(task))
