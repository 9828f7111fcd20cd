"""Steps made of steps: branches side by side, each of them a chain."""

from collections.abc import Sequence

import msgspec
import numpy as np

from lockstep.errors import UnknownCategory
from lockstep.predict.exact.columns import count_rows, join_inputs, matrix_of, take_columns
from lockstep.predict.exact.encoding import OneHot, Ordinal
from lockstep.predict.exact.form import MAX_COLUMNS, Inputs, Kinds, Step, Transform, require, require_numbers
from lockstep.predict.exact.imputing import Imputer
from lockstep.predict.exact.scaling import MinMax, Standard
from lockstep.predict.exact.terms import Terms

MAX_DEPTH = 8


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The steps that some of the columns pass: those at `columns`, int64 (m,), all if None; times `weight` in the end.

    A column may be in several branches, or in none.
    """

    columns: np.ndarray | None
    steps: list["AnyStep"]
    weight: float | None = None

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        taken = None if self.columns is None else self._positions(len(kinds))
        inner = kinds if taken is None else tuple(kinds[position] for position in taken)
        outputs, transforms = compile_steps(self.steps, inner)
        if self.weight is not None:
            require_numbers(outputs, "a weighted branch")
            require(np.isfinite(self.weight), "the weight of a branch is not finite")

        def transform(inputs: Inputs) -> Inputs:
            if taken is not None:
                inputs = take_columns(inputs, taken, inner)
            try:
                for step in transforms:
                    inputs = step(inputs)
            except UnknownCategory as refusal:
                raise (refusal if taken is None else refusal.at_column(taken)) from None
            return inputs if self.weight is None else matrix_of(inputs) * self.weight

        return outputs, transform

    def _positions(self, n_columns: int) -> list[int]:
        positions = self.columns
        assert positions is not None  # noqa: S101  # checked by the caller
        require(positions.dtype == np.int64 and positions.ndim == 1, "the columns of a branch are no positions")
        require(((positions >= 0) & (positions < n_columns)).all(), "a branch reads a column that is not there")
        return positions.tolist()


class Branches(Step, frozen=True, tag="branches"):
    """A ColumnTransformer or FeatureUnion: the outputs of all branches, side by side in their order."""

    branches: list[Branch]

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        self._check_depth()
        compiled, n_outputs = [], 0
        for branch in self.branches:  # one by one: a small file can hold many branches of all columns
            compiled.append(branch.compile(kinds))
            n_outputs += len(compiled[-1][0])
            require(n_outputs <= MAX_COLUMNS, f"branches of more than {MAX_COLUMNS} columns")
        outputs = tuple(kind for branch_kinds, _ in compiled for kind in branch_kinds)

        def transform(inputs: Inputs) -> Inputs:
            n_rows = count_rows(inputs)
            return join_inputs([branch(inputs) for _, branch in compiled], outputs, n_rows)

        return outputs, transform

    def _check_depth(self) -> None:
        level = [self]
        for _ in range(MAX_DEPTH):
            steps = (step for each in level for branch in each.branches for step in branch.steps)
            level = [step for step in steps if isinstance(step, Branches)]
        require(not level, f"steps are nested more than {MAX_DEPTH} deep")


AnyStep = Standard | MinMax | Terms | Imputer | OneHot | Ordinal | Branches


def compile_steps(steps: Sequence[AnyStep], kinds: Kinds) -> tuple[Kinds, list[Transform]]:
    """Return the kinds after all steps, and the functions, in order."""
    transforms = []
    for step in steps:
        kinds, transform = step.compile(kinds)
        transforms.append(transform)
    return kinds, transforms
