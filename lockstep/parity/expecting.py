"""What a service has to answer: the lines of the evaluation, and the local prediction of all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lockstep.parity.posted import Posted
from lockstep.parity.reference import Reference
from lockstep.predict.stages import PREDICTION, PROBA, Stages

if TYPE_CHECKING:
    from lockstep.parity.subject import Subject


def read_evaluation(subject: Subject) -> Reference:
    """Return the evaluation: outputs as the file has them, stages as all its rows together give them.

    The file has the half widths of some levels; here they are of every level, for any may be asked for.
    """
    evaluation, levels = subject.bundle.evaluation, tuple(subject.bundle.levels)
    outputs: Stages = {PREDICTION: evaluation.y_pred}
    proba = [cells for column, cells in evaluation.stage_cells.items() if column.stage == PROBA]
    if proba:
        outputs[PROBA] = np.stack(proba, axis=1)
    rows = np.arange(len(evaluation.keys))
    stages = {**subject.forecast(subject.tested, levels=levels).stages, **outputs}
    return Reference(evaluation.keys, rows, stages, levels)


def expect_answer(subject: Subject, posted: Posted) -> Reference:
    """Return what the service has to answer to what was posted: the local prediction.

    In an anchored request, rows that were evaluated are expected as they were, whatever was posted beside them: a
    local prediction that depends on its neighbors must not prove the service's.
    """
    levels = subject.bundle.choose_levels(posted.sent.levels)
    local = subject.forecast(posted.rows, posted.history, levels)
    keys = subject.list_keys(posted.rows)
    expected = Reference([keys[row] for row in local.rows.tolist()], local.rows, local.stages, levels, local.oddities)
    if not posted.is_anchored:
        return expected
    unchanged = subject.find_unchanged(posted.rows)[local.rows].tolist()
    held = [row for row, key in enumerate(expected.keys) if unchanged[row] and key in subject.places]
    return expected.overlay(held, subject.evaluated, [subject.places[expected.keys[row]] for row in held])
