"""Compare what a bundle states with what was recomputed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from lockstep.bundles.evaluation import EVALUATION_FILE, MIN_EVALUATION_ROWS, PROBA_COLUMN, Column, Evaluation
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.verdicts import NaiveComparison
from lockstep.data.bits import same_bits
from lockstep.errors import EvaluationMismatch, InvalidBundle
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PROBA

TOLERANCE = 1e-9
"""Sums of 10,000 numbers differ by 1e-12 of themselves between levels of SIMD, and what is computed of them by little
more; a false score is further away."""

IN_UNITS = {"mae", "mse", "rmse", "mean_width", "winkler_score", "wis"}
"""Scores in units of the target, compared relative to themselves; all others are near 1, or less something near 1."""

NEXT = "restore the bundle from version control, or train again"


def require_same(name: str, member: str, stated: object, found: object) -> None:
    """Raise `EvaluationMismatch` if a member of the manifest of the model `name` is not the one that was found."""
    if stated != found:
        raise describe_false(name, f"{MANIFEST_FILE}, {member}", stated, found)


def require_classes(name: str, stated: Labels, found: Labels) -> None:
    """Raise `EvaluationMismatch` if a manifest states other labels; the labels 1, 1.0 and true are three."""
    typed = [[(type(label).__name__, label) for label in labels] for labels in (stated, found)]
    if typed[0] != typed[1]:
        raise describe_false(name, f"{MANIFEST_FILE}, classes", stated, found)


def require_near(name: str, member: str, stated: float, found: float, scale: float = 0.0) -> None:
    """Raise `EvaluationMismatch` if a number is further away than `TOLERANCE`, relative to the largest of the three."""
    if not abs(stated - found) <= TOLERANCE * max(abs(stated), abs(found), scale):  # not >: NaN is far away
        raise describe_false(name, f"{MANIFEST_FILE}, {member}", stated, found)


def describe_false(name: str, where: str, stated: object, found: object) -> EvaluationMismatch:
    """Return the refusal of a false statement."""
    return EvaluationMismatch(f"{name}: {where}: stated {stated}, recomputed {found}; {NEXT}")


def require_scores(name: str, stated: Mapping[str, AnyScores], found: Mapping[str, AnyScores]) -> None:
    """Raise `EvaluationMismatch` at the first score that a manifest states and that is not the one that was found."""
    require_same(name, "scores", ", ".join(stated), ", ".join(found))
    for predictor, scores in found.items():
        members = msgspec.structs.asdict(stated[predictor])
        require_same(name, f"scores of {predictor}", type(stated[predictor]).__name__, type(scores).__name__)
        for member, value in msgspec.structs.asdict(scores).items():
            if members[member] is not UNSET:  # a bundle of before has no such score
                require_member(name, f"{member} of {predictor}", members[member], value)


def require_member(name: str, member: str, stated: object, found: object) -> None:
    """Raise `EvaluationMismatch` if a score, a text or None is not the one that was found, for numbers near it."""
    if isinstance(stated, float) and isinstance(found, float):
        in_units = not IN_UNITS.isdisjoint(re.split(r"\W", member))
        require_near(name, member, stated, found, scale=0.0 if in_units else 1.0)
    else:
        require_same(name, member, stated, found)


def require_comparison(name: str, member: str, stated: NaiveComparison, found: NaiveComparison) -> None:
    """Raise `EvaluationMismatch` if a comparison is not the one that was found; `member` is its place."""
    for part, now in msgspec.structs.asdict(found).items():
        was = getattr(stated, part)
        if isinstance(was, float) and isinstance(now, float):
            require_near(name, f"{member}.{part}", was, now, scale=1.0)
        else:
            require_same(name, f"{member}.{part}", was, now)


def require_columns(name: str, stated: Evaluation, found: Evaluation) -> None:
    """Raise `EvaluationMismatch` unless an evaluation begins with the columns that were found, cell by cell."""
    first = stated.columns[: len(found.columns)]
    if first != found.columns:
        raise describe_false(name, f"{EVALUATION_FILE}, first columns", _list(first), _list(found.columns))
    for column in found.columns:
        was, now = stated.cells[column.name], found.cells[column.name]
        if (rows := np.flatnonzero(_differs(was, now))).size:
            count, row = f"{rows.size} of {was.size} rows differ", rows[0]
            where = f"{EVALUATION_FILE}, {column.name}: {count}; first {stated.keys[row]}"
            raise describe_false(name, where, was[row], now[row])


def _list(columns: Sequence[Column]) -> str:
    return ", ".join(f"{column.name} ({column.type})" for column in columns)


def _differs(stated: NDArray[Any], found: NDArray[Any]) -> NDArray[np.bool_]:
    if found.dtype.kind == "f":
        return ~same_bits(stated, found)
    if found.dtype.kind == "M":  # not a date differs from itself
        return np.asarray(stated.astype(str) != found.astype(str))
    return np.asarray(stated != found)


def require_outputs(name: str, evaluation: Evaluation, classes: Labels) -> None:
    """Raise `InvalidBundle` unless an evaluation holds what a model with these classes answers, and what came true.

    Without classes both are numbers. With them every answer is one of them, and something of what came true as well.
    """
    listed = [column.name for column in evaluation.columns if column.stage == PROBA]
    if listed and listed != [PROBA_COLUMN.format(label) for label in classes]:
        raise InvalidBundle(f"{name}: {EVALUATION_FILE} holds {', '.join(listed)}; the classes are {classes}")
    kinds = {evaluation.y_true.dtype.kind, evaluation.y_pred.dtype.kind}
    if classes:
        came_true, answered = set(evaluation.y_true.tolist()), set(evaluation.y_pred.tolist())
        fits = (kinds == {"U"} or "U" not in kinds) and answered <= set(classes) and bool(came_true & set(classes))
    else:
        fits = kinds <= {"f", "i"}
    if not fits:
        expected = f"labels, and of answers only {classes}" if classes else "numbers"
        raise InvalidBundle(f"{name}: {EVALUATION_FILE}, y_true and y_pred: expected {expected}; {NEXT}")


def require_rows(name: str, n_scored: int) -> None:
    """Raise `InvalidBundle` for an evaluation of too few rows that can be scored."""
    if n_scored < MIN_EVALUATION_ROWS:
        raise InvalidBundle(
            f"{name}: {EVALUATION_FILE} has {n_scored} rows that can be scored; at least {MIN_EVALUATION_ROWS} are "
            "needed; train again with more test rows"
        )
