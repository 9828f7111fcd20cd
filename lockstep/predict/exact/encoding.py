"""Encoders of categories: columns of 0 and 1, or one number for each category."""

from collections.abc import Callable

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.columns import column_of, count_rows
from lockstep.predict.exact.form import MAX_COLUMNS, Inputs, Kinds, Step, Transform, numbers, require
from lockstep.predict.exact.lookup import Lookup

NOWHERE = -1.0
"""The code of a category that sets none of a OneHotEncoder's columns."""


class OneHot(Step, frozen=True, tag="one_hot"):
    """A OneHotEncoder: `lookups` give, for each input column, the output column that is 1; `width` counts those."""

    lookups: list[Lookup]
    width: int

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        require(0 <= self.width <= MAX_COLUMNS, f"an encoder of {self.width} columns; at most {MAX_COLUMNS}")
        allowed = {NOWHERE, *map(float, range(self.width))}
        require(all(allowed.issuperset(each.all_codes) for each in self.lookups), "an encoder sets another's column")
        look_ups = _compile(self.lookups, kinds)

        def transform(inputs: Inputs) -> Inputs:
            outputs = np.zeros((count_rows(inputs), self.width))
            for position, look_up in enumerate(look_ups):
                codes = look_up(column_of(inputs, position)).astype(np.int64)
                rows = np.flatnonzero(codes >= 0)
                outputs[rows, codes[rows]] = 1.0
            return outputs

        return numbers(self.width), transform


class Ordinal(Step, frozen=True, tag="ordinal"):
    """An OrdinalEncoder: `lookups` give the number of each category; NaN stands for a missing or unknown one."""

    lookups: list[Lookup]

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        require(not any(np.isinf(each.all_codes).any() for each in self.lookups), "a code of an encoder is infinite")
        look_ups = _compile(self.lookups, kinds)

        def transform(inputs: Inputs) -> Inputs:
            outputs = np.empty((count_rows(inputs), len(look_ups)))
            for position, look_up in enumerate(look_ups):
                outputs[:, position] = look_up(column_of(inputs, position))
            return outputs

        return numbers(len(look_ups)), transform


def _compile(lookups: list[Lookup], kinds: Kinds) -> list[Callable[[np.ndarray], Array]]:
    require(len(lookups) == len(kinds), f"an encoder of {len(lookups)} columns meets {len(kinds)}")
    pairs = zip(lookups, kinds, strict=True)
    return [lookup.compile(kind, position) for position, (lookup, kind) in enumerate(pairs)]
