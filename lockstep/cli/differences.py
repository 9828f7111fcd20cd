"""What a version was made with, and how two versions differ, as lines to read."""

import textwrap
from collections.abc import Iterator

import msgspec
import numpy as np

from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import Manifest

SHOWN_DATES = 5
MAX_SHOWN = 72


def list_members(manifest: Manifest) -> Iterator[str]:
    """Yield a line for each member of a manifest; long values are cut."""
    members = _flatten(msgspec.to_builtins(manifest))
    width = max(map(len, members))
    return (f"{key:<{width}}  {_shorten(value)}" for key, value in members.items())


def list_changes(before: Manifest, after: Manifest) -> Iterator[str]:
    """Yield a line for each member of two manifests that differs, but for the digests of files."""
    old, new = (_flatten(msgspec.to_builtins(manifest)) for manifest in (before, after))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key) and not key.startswith("files.")]
    width = max(map(len, changed), default=0)
    return (f"{key:<{width}}  {_shorten(old.get(key, '-'))} -> {_shorten(new.get(key, '-'))}" for key in changed)


def compare_answers(before: Evaluation, after: Evaluation) -> Iterator[str]:
    """Yield how many answers differ on the dates that both evaluations have, then those that differ most.

    Of labels the newest that differ are shown.
    """
    dates, old, new = np.intersect1d(before.dates, after.dates, return_indices=True)
    was, now = before.y_pred[old], after.y_pred[new]
    are_numbers = was.dtype.kind == now.dtype.kind == "f"
    differing = np.flatnonzero(was != now if are_numbers else was.astype(str) != now.astype(str))
    yield f"answers: {differing.size} of {dates.size} dates that both evaluations have differ"
    size = np.abs(now - was)[differing] if are_numbers else differing
    for row in differing[np.argsort(-size, kind="stable")][:SHOWN_DATES]:
        change = f"  ({now[row] - was[row]:+.6f})" if are_numbers else ""
        yield f"  {dates[row]}  {was[row].item()!r} -> {now[row].item()!r}{change}"


def _flatten(value: object, name: str = "") -> dict[str, object]:
    """Return the leaves of nested members by their path; a list of plain values is a leaf."""
    if isinstance(value, dict):
        items = [(f"{name}.{key}" if name else key, each) for key, each in value.items()]
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        items = [(f"{name}.{place}", each) for place, each in enumerate(value)]
    else:
        return {name: value}
    return {key: leaf for path, each in items for key, leaf in _flatten(each, path).items()}


def _shorten(value: object) -> str:
    text = f"{len(value)}: {', '.join(map(str, value))}" if isinstance(value, list) and value else str(value)
    return textwrap.shorten(text, MAX_SHOWN, placeholder=" …")
