"""What `lockstep train-panel` prints of a bundle that it has trained."""

from collections.abc import Sequence

from rich.console import Console

from lockstep.bundles.selfcheck import describe_reach
from lockstep.bundles.shown_verdict import show_panel_verdict
from lockstep.cli.saved import print_saved, print_verdict
from lockstep.cli.tables import panel_score_table
from lockstep.data.panel.sources import BadSeries
from lockstep.predict.guarantees import describe_guarantees
from lockstep.training.panel.training import TrainedPanel


def print_trained_panel(console: Console, trained: TrainedPanel, bad: Sequence[BadSeries]) -> None:
    """Print the scores, a line for each thing that was decided, and the series that were left out."""
    manifest, split = trained.manifest, trained.split
    console.print(panel_score_table(manifest, manifest.scores))
    counted = f"{manifest.learning.rows} rows"
    if manifest.fitted_rows != manifest.learning.rows:
        counted = f"{manifest.fitted_rows} drawn of {counted}; --learning-rows N draws another number"
    tested = (
        f"{split.cut} … {manifest.test.last}, {manifest.test.rows} rows{': ' if split.reason else ''}{split.reason}"
    )
    inexact = trained.reason
    lines = {
        "series": f"{manifest.series}, {len(bad)} left out",
        "calendar": manifest.schema.calendar.name,
        "learning": f"{manifest.learning.first} … {manifest.learning.last}, {counted}",
        "test": tested,
        "features": f"a row {describe_reach(manifest.feature_set)}",
        "interval": f"none: {trained.no_interval}" if trained.no_interval else "around no change, of each series",
    }
    for name, line in lines.items():
        console.print(f"{name:<9} {line}", highlight=False)
    print_verdict(console, show_panel_verdict(manifest) or [f"none: {trained.unjudged}"])
    predicts = f"scikit-learn predicts: {inexact}" if inexact else "an exact form predicts"
    console.print(f"promised  {describe_guarantees(manifest.guarantees)}; {predicts}", highlight=False)
    if trained.notes:
        console.print(
            f"set       {', '.join(trained.notes)}, so that the same bars give the same bundle", highlight=False
        )
    print_saved(console, manifest, trained.folder)
    print_left_out(console, bad)


def print_left_out(console: Console, bad: Sequence[BadSeries]) -> None:
    """Print the series that are not in the bundle, with the reasons."""
    if bad:
        console.print(f"left out  {len(bad)} series:", highlight=False)
    for each in bad:
        console.print(f"          {each.symbol}: {each.reason}", highlight=False)
