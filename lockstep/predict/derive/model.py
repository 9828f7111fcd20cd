"""Derive the exact form of a whole model: a scaler if a series has one, the steps, and the estimator."""

from typing import Any

import msgspec
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import FeatureUnion, Pipeline

from lockstep.errors import InvalidBundle
from lockstep.predict.derive import boosting, constant, forest, histogram, linear, tree
from lockstep.predict.derive.composition import Chain, StepDeriver
from lockstep.predict.derive.families import UNFITTED, Derived, derive_from
from lockstep.predict.derive.target import bound_inverse, derive_inverse
from lockstep.predict.exact.composition import MAX_DEPTH, AnyStep, Branch, Branches
from lockstep.predict.exact.forms import LAYOUT, LAYOUTS, AnyEstimator, ExactForm
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.exact.target import AnyInverse
from lockstep.predict.exact.terms import Terms

TREES = tree.ESTIMATORS | forest.ESTIMATORS | boosting.ESTIMATORS | histogram.ESTIMATORS
ESTIMATORS = TREES | linear.ESTIMATORS | constant.ESTIMATORS


def derive_model(
    scaler: object | None, model: object, columns: tuple[str, ...] | None = None, layout: int = LAYOUT
) -> Derived[ExactForm]:
    """Return the exact form of a fitted scaler, if there is one, and a fitted Pipeline or estimator, in a layout.

    `columns` are the names of what the model is given, in order, None if it has none; `bound` is the largest of the
    parts. Raises `NoExactForm` for a class or parameter without an exact form, and `InvalidBundle` for what is not
    fitted, or was on other columns.
    """
    if layout not in LAYOUTS:
        raise InvalidBundle(f"has layout {layout}; this version derives {', '.join(map(str, LAYOUTS))}")
    if columns is not None:
        check_columns(scaler, columns)
        check_columns(model, columns)
    deriver = StepDeriver()
    scaled = Chain() if scaler is None else deriver.extend(Chain(), scaler)
    chain, last, target = _unwrap(deriver, Chain(is_sparse=scaled.is_sparse), model)
    estimator = derive_estimator(last)
    steps = list(chain.steps)
    if steps and isinstance(steps[-1], Terms) and getattr(last, "n_features_in_", None) != steps[-1].first.size:
        raise InvalidBundle("the estimator does not fit the terms")
    first = None if scaler is None else _as_one_step(scaled)
    form = ExactForm(layout, first, *_drop_unread_terms(steps, estimator.form), target)
    return Derived(form, bound_inverse(target, max(scaled.bound, chain.bound, estimator.bound)))


def derive_step(fitted: object) -> Derived[AnyStep]:
    """Return the form of a fitted transformer, which may be made of others."""
    chain = StepDeriver().extend(Chain(), fitted)
    return Derived(_as_one_step(chain), chain.bound)


def derive_estimator(fitted: object) -> Derived[AnyEstimator]:
    """Return the form of a fitted regressor or classifier."""
    return derive_from(ESTIMATORS, fitted)


def check_columns(fitted: Any, columns: tuple[str, ...]) -> None:
    """Raise `InvalidBundle` if the object was fitted on a DataFrame with other columns, or in another order."""
    for _ in range(MAX_DEPTH):
        fitted = _first_part(fitted)
    # not getattr: a Pipeline's property follows its first step, without end if a pickle puts it into itself
    names = getattr(fitted, "__dict__", {}).get("feature_names_in_", columns)
    if not isinstance(names, tuple | np.ndarray):
        raise InvalidBundle(f"{type(fitted).__qualname__} was fitted on columns without names")
    if tuple(names) == columns:
        return
    places = zip(range(max(len(names), len(columns))), [*names, None], [*columns, None], strict=False)
    place, name, column = next(each for each in places if each[1] != each[2])
    raise InvalidBundle(f"{type(fitted).__qualname__} was fitted on column {place} {name!r:.60}, not {column!r:.60}")


def _first_part(fitted: Any) -> Any:
    """Return the first of the parts that a composite gives its inputs to, or what is no composite."""
    try:
        parts = {Pipeline: "steps", FeatureUnion: "transformer_list"}.get(type(fitted))
        named = [] if parts is None else getattr(fitted, parts)
        return next((part for _, part in named if part is not None and not isinstance(part, str)), fitted)
    except UNFITTED as error:
        raise InvalidBundle(f"{type(fitted).__qualname__} is not a fitted one: {error}") from error


def _unwrap(deriver: StepDeriver, chain: Chain, model: Any) -> tuple[Chain, object, list[AnyInverse]]:
    """Return the steps of a model, however its pipelines are nested, its estimator, and what its predictions pass."""
    target: list[AnyInverse] = []
    for _ in range(MAX_DEPTH):
        try:
            if type(model) is Pipeline:
                *before, (_, last) = model.steps
                for _, step in before:
                    chain = deriver.extend(chain, step)
                model = last
            elif type(model) is TransformedTargetRegressor:
                target = [*derive_inverse(model), *target]
                model = model.regressor_
            else:
                return chain, model, target
        except UNFITTED as error:
            raise InvalidBundle(f"{type(model).__qualname__} is not a fitted one: {error}") from error
    raise InvalidBundle(f"the model is nested more than {MAX_DEPTH} deep")


def _as_one_step(chain: Chain) -> AnyStep:
    return chain.steps[0] if len(chain.steps) == 1 else Branches([Branch(None, list(chain.steps))])


def _drop_unread_terms(steps: list[AnyStep], estimator: AnyEstimator) -> tuple[list[AnyStep], AnyEstimator]:
    """Return steps and estimator where of the polynomial terms only those are made that a tree reads."""
    if not (steps and isinstance(steps[-1], Terms) and isinstance(estimator, TreeEstimator)):
        return steps, estimator
    if getattr(estimator, "categories", None) is not None:  # they know columns by number as well
        return steps, estimator
    reads = estimator.feature >= 0
    read = np.unique(estimator.feature[reads])
    if read.size and read[-1] >= steps[-1].first.size:
        raise InvalidBundle("a node of the tree points outside the terms")
    feature = estimator.feature.copy()
    feature[reads] = np.searchsorted(read, feature[reads])
    kept = Terms(steps[-1].first[read], steps[-1].second[read])
    return [*steps[:-1], kept], msgspec.structs.replace(estimator, feature=feature)
