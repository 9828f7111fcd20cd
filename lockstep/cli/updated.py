"""What `lockstep update` prints."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.shown_scores import show_scores
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.cli.new_bars import NewBars
from lockstep.cli.saved import print_saved, print_verdict
from lockstep.data.bars import Dates

MAX_SHOWN = 5


@dataclass(frozen=True)
class Updated:
    """The bars that were new, and the folders and the manifests of the version before and the version after."""

    bars: NewBars
    folder_before: Path
    before: SeriesManifest
    folder: Path
    after: SeriesManifest


class Changes(msgspec.Struct):
    """The JSON object: what the file had beside the stored bars, by date, and the manifest of the new version."""

    added: list[str]
    earlier: list[str]
    corrected: list[str]
    missing: list[str]
    prices: str
    version_before: int
    version: int
    manifest: SeriesManifest


def describe_updated(updated: Updated) -> Changes:
    """Return what has changed."""
    bars = updated.bars
    return Changes(
        _write(bars.added),
        _write(bars.earlier),
        _write(bars.corrected),
        _write(bars.missing),
        bars.overlap.says,
        int(updated.folder_before.resolve().name),
        int(updated.folder.name),
        updated.after,
    )


def print_updated(console: Console, updated: Updated) -> None:
    """Print what was new in the file, the scores of both versions, the verdict and what to type next."""
    bars, before, after = updated.bars, updated.before, updated.after
    console.print(f"added     {_describe(bars.added)}")
    if bars.earlier.size:
        console.print(f"earlier   {_describe(bars.earlier)}")
    if bars.missing.size:
        console.print(f"missing   {_describe(bars.missing)}: stored before, and no longer learned from")
    console.print(f"corrected {_list(bars.corrected)}")
    console.print(f"prices    {bars.overlap.says}")
    console.print(_compare_scores(updated))
    for name, manifest in (("before", before), ("now", after)):
        window = f"{manifest.test.first} … {manifest.test.last}, {manifest.test.rows} rows"
        console.print(f"test      {name}: {window}")
    was = [f"before: {sentence}" for sentence in show_verdict(before)[:1]]
    print_verdict(console, [*(show_verdict(after) or ["none"]), *was])
    print_saved(console, after, updated.folder)


def _compare_scores(updated: Updated) -> Table:
    """Return the scores of both versions on their own test rows, those of the naive forecast beside them."""
    versions = " and ".join(folder.resolve().name for folder, _ in _list_versions(updated))
    table = Table("score", title=f"{updated.after.symbol}: versions {versions}, each on its own test rows")
    shown = [(folder, show_scores(manifest.scores)) for folder, manifest in _list_versions(updated)]
    names = [name for name in shown[1][1] if name == MODEL] + [name for name in shown[1][1] if name != MODEL][:1]
    columns = [(f"{name}, {folder.resolve().name}", scores.get(name, {})) for name in names for folder, scores in shown]
    for heading, _ in columns:
        table.add_column(heading, justify="right")
    for score in shown[1][1][MODEL]:
        table.add_row(score, *(cells.get(score, "-") for _, cells in columns))
    return table


def _list_versions(updated: Updated) -> list[tuple[Path, SeriesManifest]]:
    return [(updated.folder_before, updated.before), (updated.folder, updated.after)]


def _write(dates: Dates) -> list[str]:
    texts: list[str] = dates.astype(str).tolist()
    return texts


def _describe(dates: Dates) -> str:
    span = str(dates[0]) if dates.size == 1 else f"{dates[0]} … {dates[-1]}"
    return f"{dates.size} bar{'s' if dates.size > 1 else ''}, {span}"


def _list(dates: Dates) -> str:
    """Return how many dates there are, and the newest of them."""
    if not dates.size:
        return "none of the stored bars"
    listed = ", ".join(dates[: -MAX_SHOWN - 1 : -1].astype(str).tolist())
    more = f" and {dates.size - MAX_SHOWN} more" if dates.size > MAX_SHOWN else ""
    return f"{dates.size} of the stored bars: {listed}{more}"
