"""The tables that commands share."""

from io import StringIO

import msgspec
from msgspec import UNSET
from rich.console import Console

from lockstep.bundles.interval_scores import IntervalScores
from lockstep.bundles.series import SeriesBundle
from lockstep.cli.calibration_tables import CHANCE
from lockstep.cli.tables import interval_table

WIDE = 200


def show(scores: IntervalScores) -> str:
    console = Console(width=WIDE, record=True, file=StringIO())
    console.print(interval_table(scores))
    return console.export_text()


def test_a_coverage_beyond_chance_has_a_star_and_a_legend(default_bundle: SeriesBundle) -> None:
    interval = default_bundle.manifest.interval
    assert interval is not UNSET
    assert interval.scores is not UNSET
    first, *others = interval.scores.levels
    unlucky = msgspec.structs.replace(first, chance=(0.0, first.coverage / 2))
    shown = show(msgspec.structs.replace(interval.scores, levels=[unlucky, *others]))
    assert shown.count(f"{first.coverage:.4f}*") == 1
    assert (shown.count("*"), CHANCE in shown) == (2, True)
    assert "*" not in show(interval.scores)
