"""What `lockstep train` prints of a bundle that it has trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import UNSET
from rich.console import Console

from lockstep.bundles.selections import describe_selection
from lockstep.bundles.selfcheck import describe_reach
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.cli.saved import print_saved, print_verdict
from lockstep.cli.tables import candidate_table, interval_table, score_table, selection_table
from lockstep.predict.guarantees import describe_guarantees
from lockstep.training.grid import Candidate
from lockstep.training.learning import split_bars
from lockstep.training.prices import Prices, describe_calendar
from lockstep.training.recipe import Recipe
from lockstep.training.training import Trained


@dataclass(frozen=True)
class Report:
    """What is printed: the bundle, the recipe, the candidates of a grid, and the folder of the version."""

    trained: Trained
    recipe: Recipe
    found: Sequence[Candidate]
    folder: Path


def print_trained(console: Console, loaded: Prices, report: Report) -> None:
    """Print the scores, and a line for each thing that was decided."""
    manifest, folder = report.trained.manifest, report.folder
    if report.found:
        console.print(candidate_table(report.found))
    if manifest.selection is not UNSET:
        console.print(selection_table(manifest.selection))
        console.print(describe_selection(manifest.selection), highlight=False)
    console.print(score_table(manifest, manifest.scores, manifest.up_rate))
    if manifest.interval is not UNSET and manifest.interval.scores is not UNSET:
        console.print(interval_table(manifest.interval.scores))
    console.print(f"calendar  {describe_calendar(loaded)}", highlight=False)
    console.print(f"learning  {manifest.learning.first} … {manifest.learning.last}, {manifest.learning.rows} rows")
    reason = split_bars(loaded.bars, report.recipe).reason
    tested = f"{manifest.test.first} … {manifest.test.last}, {manifest.test.rows} rows"
    console.print(f"test      {tested}{': ' if reason else ''}{reason}")
    console.print(f"features  a row {describe_reach(manifest.feature_set)}", highlight=False)
    console.print(f"interval  {_describe_interval(report.trained)}", highlight=False)
    print_verdict(console, show_verdict(manifest) or [f"none: {report.trained.unjudged}"])
    inexact = report.trained.reason
    predicts = f"scikit-learn predicts: {inexact}" if inexact else "an exact form predicts"
    console.print(f"promised  {describe_guarantees(manifest.guarantees)}; {predicts}", highlight=False)
    if notes := report.trained.notes:
        console.print(f"set       {', '.join(notes)}, so that the same bars give the same bundle", highlight=False)
    print_saved(console, manifest, folder)


def _describe_interval(trained: Trained) -> str:
    if trained.no_interval:
        return f"none: {trained.no_interval}"
    entry = trained.manifest.interval
    if entry is UNSET:
        raise TypeError("a bundle without interval and without a reason for it")
    note = "; experimental at this horizon" if entry.experimental else ""
    return f"around no change, from the {entry.lookback_bars} bars that end in a row{note}"
