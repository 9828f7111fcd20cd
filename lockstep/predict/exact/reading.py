"""What a model's steps make of each of its columns: missing cells and categories, read off the exact form."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from lockstep.predict.exact.composition import AnyStep, Branch, Branches
from lockstep.predict.exact.encoding import OneHot, Ordinal
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.imputing import Imputer
from lockstep.predict.exact.lookup import Lookup
from lockstep.predict.exact.terms import Terms

Gap = tuple[int, Literal["missing", "unknown"]]
"""A model's column, and which of its cells become missing numbers."""


@dataclass(frozen=True)
class ColumnReading:
    """How a model reads one of its columns.

    `categories` are those that every encoder of the column knows, sorted, None if none encodes it as it is posted;
    `refuses_unknown` is whether the model has no answer for others.
    """

    takes_missing: bool
    categories: tuple[str | float, ...] | None
    refuses_unknown: bool


@dataclass(frozen=True)
class _Flow:
    """A column between two steps: the model's column that it still is, or None, and the gaps that reach it."""

    source: int | None = None
    gaps: frozenset[Gap] = frozenset()


@dataclass
class _Findings:
    refused: set[Gap] = field(default_factory=set)
    known: dict[int, set[str | float]] = field(default_factory=dict)


def describe_inputs(form: ExactForm, n_columns: int) -> tuple[ColumnReading, ...]:
    """Return how the model reads each of its `n_columns` columns; compile the form first, which checks it."""
    findings = _Findings()
    flows = [_Flow(column, frozenset({(column, "missing")})) for column in range(n_columns)]
    flows = _follow([*([] if form.scaler is None else [form.scaler]), *form.steps], flows, findings)
    if not getattr(form.estimator, "takes_missing", False):
        findings.refused.update(*(flow.gaps for flow in flows))
    return tuple(_read_column(column, findings) for column in range(n_columns))


def _read_column(column: int, findings: _Findings) -> ColumnReading:
    known = findings.known.get(column)
    return ColumnReading(
        takes_missing=(column, "missing") not in findings.refused,
        categories=None if known is None else tuple(sorted(known, key=_by_type)),
        refuses_unknown=(column, "unknown") in findings.refused,
    )


def _by_type(category: str | float) -> tuple[bool, str | float]:
    return isinstance(category, str), category


def _follow(steps: Sequence[AnyStep], flows: list[_Flow], findings: _Findings) -> list[_Flow]:
    for step in steps:
        flows = _follow_step(step, flows, findings)
    return flows


def _follow_step(step: AnyStep, flows: list[_Flow], findings: _Findings) -> list[_Flow]:
    match step:
        case Imputer():
            return [_Flow(flows[position].source) for position in step.kept] + [_Flow()] * step.indicated.size
        case OneHot():
            for lookup, flow in zip(step.lookups, flows, strict=True):
                _encode(lookup, flow, findings)
            return [_Flow()] * step.width
        case Ordinal():
            return [_encode(lookup, flow, findings) for lookup, flow in zip(step.lookups, flows, strict=True)]
        case Terms():  # scikit-learn refuses a gap in any column, even one whose terms nothing reads
            findings.refused.update(*(flow.gaps for flow in flows))
            return [_Flow()] * step.first.size
        case Branches():
            return [flow for branch in step.branches for flow in _follow_branch(branch, flows, findings)]
    return [_Flow(None, flow.gaps) for flow in flows]


def _encode(lookup: Lookup, flow: _Flow, findings: _Findings) -> _Flow:
    """Return the flow of the column's codes; note which categories it knows and which gaps it refuses."""
    if not lookup.takes_missing:
        findings.refused |= flow.gaps
    code = lookup.unknown if lookup.missing is None else lookup.missing
    gaps = flow.gaps if code is not None and np.isnan(code) else frozenset()
    if flow.source is None:
        return _Flow(None, gaps)
    unknown: Gap = (flow.source, "unknown")
    known = findings.known.setdefault(flow.source, set(lookup.known))
    known &= set(lookup.known)
    if lookup.unknown is None:
        findings.refused.add(unknown)
    elif np.isnan(lookup.unknown):
        gaps |= {unknown}
    return _Flow(None, gaps)


def _follow_branch(branch: Branch, flows: list[_Flow], findings: _Findings) -> list[_Flow]:
    taken = flows if branch.columns is None else [flows[position] for position in branch.columns]
    left = _follow(branch.steps, taken, findings)
    return left if branch.weight is None else [_Flow(None, flow.gaps) for flow in left]
