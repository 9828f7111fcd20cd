"""The intervals of a bundle: what the manifest of a series states of them, and which levels are answered."""

import msgspec
from msgspec import UNSET

from lockstep.bundles.entries import RETURN, IntervalEntry
from lockstep.bundles.manifest import MANIFEST_FILE, BarsManifest
from lockstep.errors import EvaluationMismatch, InvalidInput, Problem
from lockstep.predict.conformal import SplitConformal
from lockstep.predict.intervals import (
    DEFAULT_LEVELS,
    LARGEST_LEVEL,
    SMALLEST_LEVEL,
    Levels,
    RollingInterval,
    find_level_fault,
    interval_at,
)

LEVEL = "level"
SHOWN = 400
"""Characters of what a manifest states: it may list any number of levels."""


def build_interval(manifest: BarsManifest) -> RollingInterval | None:
    """Return the interval of a manifest, which is the one of its horizon; see `check_interval`."""
    return None if manifest.interval is UNSET else interval_at(manifest.horizon_bars)


def check_interval(manifest: BarsManifest) -> None:
    """Raise `EvaluationMismatch` if a manifest states another interval than there is at its horizon."""
    if manifest.interval is UNSET:
        return
    if manifest.target != RETURN:
        raise EvaluationMismatch(f"{manifest.name}: {MANIFEST_FILE}: an interval, but the target is {manifest.target}")
    stated = msgspec.structs.replace(manifest.interval, scores=UNSET)  # they are compared one by one
    found = IntervalEntry.describe(interval_at(manifest.horizon_bars))
    if stated != found:
        raise EvaluationMismatch(
            f"{manifest.name}: {MANIFEST_FILE}, interval: stated {str(stated)[:SHOWN]}, expected {found}"
        )


def list_levels(manifest: BarsManifest) -> range:
    """Return the levels of the intervals that a model of a series has: all, or none."""
    return range(0) if manifest.interval is UNSET else range(SMALLEST_LEVEL, LARGEST_LEVEL + 1)


def list_evaluated_levels(manifest: BarsManifest) -> Levels:
    """Return the levels of the evaluation's intervals; none without an interval."""
    return () if manifest.interval is UNSET else tuple(manifest.interval.levels)


def choose_series_levels(manifest: BarsManifest, asked: Levels | None) -> Levels:
    """Return the levels to answer: those asked for, else the default ones; none if there is no interval.

    Raises `InvalidInput` for levels that are none, or of which the model has no interval.
    """
    if asked is None:
        return () if manifest.interval is UNSET else DEFAULT_LEVELS
    fault = find_level_fault(asked)
    if asked and not fault and manifest.interval is UNSET:
        fault = f"{manifest.name} has no intervals: {_explain_none(manifest)}. Leave `level` out, or send []"
    return _refuse_fault(asked, fault)


def choose_table_levels(name: str, interval: SplitConformal | None, asked: Levels) -> Levels:
    """Return the levels asked for; raise `InvalidInput` for what is none, or what the test rows do not give."""
    fault = find_level_fault(asked)
    if asked and not fault and interval is None:
        fault = f"{name} has no intervals: it answers labels, and only numbers have them. Leave `level` out, or send []"
    elif not fault and interval is not None and (beyond := [level for level in asked if level not in interval.levels]):
        given = f"give {interval.levels[0]} to {interval.levels[-1]}"
        fault = f"{beyond[0]} is beyond the {interval.rows} test rows of {name}, which {given}; ask for one of these"
    return _refuse_fault(asked, fault)


def _refuse_fault(asked: Levels, fault: str) -> Levels:
    if fault:
        raise InvalidInput([Problem(None, LEVEL, fault)])
    return asked


def _explain_none(manifest: BarsManifest) -> str:
    if manifest.target != RETURN:
        return f"it forecasts {manifest.target}, and only a return has them"
    return "it was trained without; see `lockstep train --help`, --interval"
