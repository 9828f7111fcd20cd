"""Make the report card of a model of a series."""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.calibration import measure_reliability
from lockstep.bundles.entries import RETURN
from lockstep.bundles.interval_scores import IntervalScores
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_verdict import serves_no_change, show_verdict
from lockstep.report_card.card import ReportCard, Verdict
from lockstep.report_card.facts import describe_target, list_series_facts
from lockstep.report_card.labels import count_labels
from lockstep.report_card.rows import SeriesRows, read_rows
from lockstep.report_card.scores import describe_scores, list_scores
from lockstep.report_card.series_charts import (
    chart_against,
    chart_coverage,
    chart_errors,
    chart_fan,
    chart_widths,
    list_years,
)


def make_series_card(bundle: SeriesBundle, version: int) -> ReportCard:
    """Return the card of a version; the predictions of its test rows are computed anew."""
    card = fill_card(bundle.manifest, read_rows(bundle), version)
    return msgspec.structs.replace(card, reliability=measure_reliability(bundle))


def fill_card(manifest: SeriesManifest, every: SeriesRows, version: int) -> ReportCard:
    """Return the card of a version from its test rows; charts of intervals only if it has an interval."""
    rows, has_interval = every.came_true, bool(every.levels)
    naive = next(name for name in manifest.scores if name != MODEL)
    return ReportCard(
        model=manifest.name,
        version=version,
        title=f"{manifest.symbol}: {describe_target(manifest)}",
        kind="series",
        unit=rows.unit,
        digest=manifest.digest,
        rows=int(rows.dates.size),
        verdict=_judge(manifest, naive),
        coverage=chart_coverage(rows, manifest.horizon_bars) if has_interval else None,
        errors=chart_errors(rows),
        fan=chart_fan(every) if has_interval else None,
        against=None if rows.is_labels else chart_against(rows),
        widths=chart_widths(rows) if has_interval else None,
        counts=count_labels(rows.y_true, rows.y_pred) if rows.is_labels else None,
        years=list_years(rows),
        scores=list_scores(manifest.scores),
        intervals=_find_interval_scores(manifest),
        selection=None if manifest.selection is UNSET else manifest.selection,
        facts=list_series_facts(manifest),
        missing=list(_list_missing(manifest)),
    )


def _judge(manifest: SeriesManifest, naive: str) -> Verdict:
    entry, tested = manifest.verdict, None if serves_no_change(manifest) else describe_scores(manifest.scores, naive)
    if entry is UNSET:
        return Verdict(None, None, tested)
    return Verdict(entry.verdict, show_verdict(manifest)[0], tested, entry.walk_forward, entry.test)


def _find_interval_scores(manifest: SeriesManifest) -> IntervalScores | None:
    if manifest.interval is UNSET or manifest.interval.scores is UNSET:
        return None
    return manifest.interval.scores


def _list_missing(manifest: SeriesManifest) -> Iterator[str]:
    if manifest.target != RETURN:
        yield f"There is no interval and no verdict: only returns have them, and this forecasts {manifest.target}."
        return
    if manifest.interval is UNSET:
        yield "There is no interval: the model was trained without one. See `lockstep train --help`, --interval."
    elif manifest.interval.scores is UNSET:
        yield "The intervals have no scores: the model is of an earlier version. Train it again."
    elif manifest.interval.experimental:
        yield "The interval is experimental: so far ahead none was shown to be worth having."
    if manifest.verdict is UNSET:
        yield "There is no verdict: the model is of an earlier version, was imported, or has too few learning rows."
