"""The exact forms of transformers made of transformers: pipelines, unions, and transformers by column."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from lockstep.errors import InvalidBundle
from lockstep.predict.derive import encoding, imputing, scaling, terms
from lockstep.predict.derive.families import BITS, UNFITTED, Derive, NoExactForm, derive_from
from lockstep.predict.exact.composition import MAX_DEPTH, AnyStep, Branch, Branches

STEPS: dict[type, Derive[AnyStep]] = scaling.STEPS | terms.STEPS | imputing.STEPS | encoding.STEPS

MAX_PARTS = 10_000
"""More steps than any model has: a pickle may hold one step a thousand times, in a thousand more."""


@dataclass(frozen=True)
class Chain:
    """The forms of the steps so far, their bound, and whether scikit-learn hands a sparse matrix on."""

    steps: tuple[AnyStep, ...] = ()
    bound: float = BITS
    is_sparse: bool = False


@dataclass
class StepDeriver:
    """What derives the steps of one model; it counts them, and refuses more than `MAX_PARTS`."""

    left: int = field(default=MAX_PARTS)

    def extend(self, chain: Chain, fitted: Any, depth: int = 0) -> Chain:
        """Return the chain with the forms of one more fitted transformer, which may be made of others."""
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            raise InvalidBundle(f"the model's steps are nested more than {MAX_DEPTH} deep, or more than {MAX_PARTS}")
        composite = {Pipeline: self._pipeline, ColumnTransformer: self._by_column, FeatureUnion: self._union}
        try:
            if is_identity(fitted):
                return chain
            if type(fitted) in composite:
                return composite[type(fitted)](chain, fitted, depth + 1)
        except UNFITTED as error:
            raise InvalidBundle(f"{type(fitted).__qualname__} is not a fitted one: {error}") from error
        return self._single(chain, fitted)

    def _single(self, chain: Chain, fitted: Any) -> Chain:
        derived = derive_from(STEPS, fitted)
        form = scaling.scale_sparse(derived.form) if chain.is_sparse else derived.form
        is_sparse = fitted.sparse_output if type(fitted) is OneHotEncoder else chain.is_sparse
        is_sparse = bool(is_sparse) and type(fitted) is not OrdinalEncoder
        return Chain((*chain.steps, form), max(chain.bound, derived.bound), is_sparse)

    def _pipeline(self, chain: Chain, pipeline: Pipeline, depth: int) -> Chain:
        for _, step in pipeline.steps:
            chain = self.extend(chain, step, depth)
        return chain

    def _by_column(self, chain: Chain, by_column: ColumnTransformer, depth: int) -> Chain:
        branches = []
        weights = by_column.transformer_weights or {}
        for name, fitted, _ in by_column.transformers_:
            columns = np.array(by_column._transformer_to_input_indices[name], np.int64)
            if columns.size and not is_named(fitted, "drop"):
                inner = self.extend(replace(chain, steps=()), fitted, depth)
                branches.append((Branch(columns, list(inner.steps), _weight(weights.get(name))), inner))
        return _join(chain, branches, bool(by_column.sparse_output_))

    def _union(self, chain: Chain, union: FeatureUnion, depth: int) -> Chain:
        branches = []
        weights = union.transformer_weights or {}
        for name, fitted in union.transformer_list:
            if not is_named(fitted, "drop"):
                inner = self.extend(replace(chain, steps=()), fitted, depth)
                branches.append((Branch(None, list(inner.steps), _weight(weights.get(name))), inner))
        return _join(chain, branches, any(inner.is_sparse for _, inner in branches))


def is_named(fitted: object, word: str) -> bool:
    """Return whether a word stands in the transformer's place, such as `drop`."""
    return isinstance(fitted, str) and fitted == word


def is_identity(fitted: Any) -> bool:
    """Return whether a step passes its inputs on; raise `NoExactForm` for a function of the user's."""
    if type(fitted) is FunctionTransformer and fitted.func is not None:
        raise NoExactForm("FunctionTransformer with a function has no exact form")
    return fitted is None or is_named(fitted, "passthrough") or type(fitted) is FunctionTransformer


def _join(chain: Chain, branches: list[tuple[Branch, Chain]], is_sparse: bool) -> Chain:
    bound = max([chain.bound, *(inner.bound for _, inner in branches)])
    return Chain((*chain.steps, Branches([branch for branch, _ in branches])), bound, is_sparse)


def _weight(weight: float | None) -> float | None:
    return None if weight is None else float(weight)
