"""What a version was made with, and how two versions differ, as lines to read."""

import re
import textwrap
from collections.abc import Iterator

import msgspec
import numpy as np

from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import Manifest
from lockstep.parity.quoting import quote_text

SHOWN_DATES = 5
MAX_SHOWN = 72
DETAIL = re.compile(r"(files|evaluation|schema\.calendar)\.(?!name$)|scores\..*\.type$")
"""Members that only programs read."""


def list_members(manifest: Manifest) -> Iterator[str]:
    """Yield a line for each member of a manifest that people look for; long values are cut."""
    leaves = _flatten(msgspec.to_builtins(manifest)).items()
    members = {key: value for key, value in leaves if value not in (None, []) and not DETAIL.match(key)}
    width = max(map(len, members))
    return (f"{key:<{width}}  {_shorten(value)}" for key, value in members.items())


def list_changes(before: Manifest, after: Manifest) -> Iterator[str]:
    """Yield a line for each member of two manifests that differs, but for the digests of files."""
    old, new = (_flatten(msgspec.to_builtins(manifest)) for manifest in (before, after))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key) and not key.startswith("files.")]
    width = max(map(len, changed), default=0)
    return (f"{key:<{width}}  {_shorten(old.get(key, '-'))} -> {_shorten(new.get(key, '-'))}" for key in changed)


def compare_answers(before: Evaluation, after: Evaluation) -> Iterator[str]:
    """Yield how many answers differ on the dates or rows that both evaluations have, then those that differ most.

    Labels have no distance: the first that differ are shown.
    """
    keys, old, new = np.intersect1d(before.keys, after.keys, return_indices=True)
    was, now = before.y_pred[old], after.y_pred[new]
    differing = np.flatnonzero(was != now)
    yield f"answers: {differing.size} of {keys.size} {before.columns[0].name}s that both evaluations have differ"
    if {was.dtype.kind, now.dtype.kind} != {"f"}:
        yield from (f"  {keys[row]}  {was[row].item()!r} -> {now[row].item()!r}" for row in differing[:SHOWN_DATES])
        return
    change = now - was
    for row in differing[np.argsort(-np.abs(change[differing]), kind="stable")][:SHOWN_DATES]:
        yield f"  {keys[row]}  {float(was[row])!r} -> {float(now[row])!r}  ({change[row]:+.6f})"


def _flatten(value: object, name: str = "") -> dict[str, object]:
    """Return the leaves of nested members by their path; a list of plain values is a leaf, and a column is one.

    So is what the intervals of a level are worth.
    """
    if isinstance(value, list | tuple) and value and all(isinstance(each, dict) and "name" in each for each in value):
        return {f"{name}.{each['name']}": _describe_column(each) for each in value}
    if isinstance(value, list | tuple) and value and all(isinstance(each, dict) and "level" in each for each in value):
        return {f"{name}.{each['level']}": _describe_level(each) for each in value}
    if isinstance(value, dict):
        items = [(f"{name}.{key}" if name else key, each) for key, each in value.items()]
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        items = [(f"{name}.{place}", each) for place, each in enumerate(value)]
    else:
        return {name: value}
    return {key: leaf for path, each in items for key, leaf in _flatten(each, path).items()}


def _describe_column(column: dict[str, object]) -> str:
    """Return what a column of a schema or an evaluation has beside its name, on one line."""
    has = [(key, value) for key, value in column.items() if key != "name" and value not in (None, False, [], ())]
    return ", ".join(_write(value) if key == "type" else f"{key} {_write(value)}" for key, value in has)


def _describe_level(scores: dict[str, object]) -> str:
    """Return the numbers of the intervals of a level, on one line."""
    return ", ".join(f"{name} {score:.4g}" for name, score in scores.items() if isinstance(score, float))


def _write(value: object) -> str:
    return f"{len(value)}: {', '.join(map(str, value))}" if isinstance(value, list | tuple) and value else str(value)


def _shorten(value: object) -> str:
    text = quote_text(_write(value))
    if " " in text:
        return textwrap.shorten(text, MAX_SHOWN, placeholder=" …")
    return text  # a name or a digest, of which the end may be what matters
