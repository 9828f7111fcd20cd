"""`python -m qa.intervals.selection TUTORIAL ENVIRONMENT`: what verdict and selection say, block by block.

Each block is the test rows of a bundle that has learned from all rows before it. So the share of blocks in which a
selected model is significantly worse than "no change" is what its users would meet.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from lockstep.applications import find_application
from lockstep.bundles.entries import Source
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.verdicts import WORSE, VerdictEntry
from lockstep.data.calendar import calendar_from_sessions
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.features.loading import load_feature_set
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import build_learning_rows
from lockstep.training.prices import WITHOUT_VOLUME
from lockstep.training.recipe import Recipe
from lockstep.training.selecting import CANDIDATES, select_model
from lockstep.training.training import train
from lockstep.worth.significance import CRITICAL_T
from qa.errors import RunFailed
from qa.intervals.blocks import BLOCK_ROWS, MIN_LEARNING_ROWS
from qa.intervals.series import Series, load_series
from qa.servers import ROOT

COMMAND = "make intervals"
WIDTH = 140


@dataclass(frozen=True)
class Judged:
    """A block of test rows: the verdict on the default tree, and on the selected model, with its selection."""

    series: str
    first: str
    default: VerdictEntry
    selected: VerdictEntry
    selection: SelectionEntry

    @property
    def is_worse(self) -> bool:
        """Return whether the selected model is significantly worse than no change in the test rows."""
        return self.selected.test.t > CRITICAL_T


def judge_blocks(series: Series, features: NamedFeatureSet, candidates: Sequence[str] = CANDIDATES) -> Iterator[Judged]:
    """Yield the disjoint blocks of test rows that have `MIN_LEARNING_ROWS` before them, the newest first."""
    before = features.features.lookback_bars - 1 + MIN_LEARNING_ROWS
    source = Source("prices.csv", "0" * 64)
    recipe = Recipe("block", "BLOCK", source, features, BLOCK_ROWS, interval="none")
    for stop in range(len(series.bars), before + BLOCK_ROWS - 1, -BLOCK_ROWS):
        bars = series.bars.select(slice(stop))
        calendar = calendar_from_sessions("file", bars.dates, bars.dates[-1] + 366)
        selection = select_model(build_learning_rows(bars, recipe), recipe, candidates=candidates)
        chosen = msgspec.structs.replace(recipe, selection=selection, estimator=parse_estimator(selection.chosen))
        default, selected = (train(bars, calendar, each).manifest for each in (recipe, chosen))
        if default.verdict and selected.verdict:
            yield Judged(series.name, default.test.first, default.verdict, selected.verdict, selection)


def show_blocks(blocks: list[Judged]) -> Table:
    """Return what was judged, a row for each block."""
    table = Table("series", "first", "served", title='beside "no change": t of Diebold and Mariano, above 0 if worse')
    for heading in ("λ", "t folds", "t test", "MSE ratio test", "tree: t folds", "t test"):
        table.add_column(heading, justify="right")
    for each in blocks:
        served, test = each.selection.served, each.selected.test
        numbers = (each.selected.walk_forward.t, test.t, test.mse_ratio or 1.0)
        tree = (each.default.walk_forward.t, each.default.test.t)
        cells = [f"{served.shrinkage:g}", *(f"{value:.3f}" for value in numbers), *(f"{value:.2f}" for value in tree)]
        table.add_row(each.series, each.first, served.estimator.partition("(")[0], *cells)
    return table


def count_blocks(blocks: list[Judged]) -> str:
    """Return how many blocks are of which kind, for people."""
    no_change = sum(not each.selection.is_gate_passed for each in blocks)
    worse = sum(each.is_worse for each in blocks)
    tree = sum(each.default.verdict == WORSE for each in blocks)
    return (
        f"{len(blocks)} blocks: {no_change} serve no change; {worse} selected models are significantly worse in the "
        f"test rows; the default tree's verdict is {WORSE} in {tree}"
    )


def main(tutorial: Path, environment: Path) -> int:
    """Print the table; return 1 if there is no block, or a selected model is significantly worse in one."""
    features = load_feature_set(WITHOUT_VOLUME, find_application(ROOT))
    try:
        blocks = [block for series in load_series(tutorial, environment) for block in judge_blocks(series, features)]
    except RunFailed as error:
        print(f"{COMMAND}: {error}", file=sys.stderr)
        return 1
    console = Console(width=WIDTH)
    console.print(show_blocks(blocks))
    console.print(count_blocks(blocks))
    return int(not blocks or any(each.is_worse for each in blocks))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
