"""Derive the exact form of a whole model: a scaler if a series has one, the steps, and the estimator."""

from collections.abc import Mapping

import msgspec
import numpy as np
from sklearn.pipeline import Pipeline

from lockstep.errors import InvalidBundle
from lockstep.predict.derive import boosting, constant, forest, histogram, linear, scaling, terms, tree
from lockstep.predict.derive.families import Derive, Derived, Form, NoExactForm
from lockstep.predict.exact.forms import LAYOUT, AnyEstimator, AnyStep, ExactForm
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.exact.terms import Terms

STEPS = scaling.STEPS | terms.STEPS
TREES = tree.ESTIMATORS | forest.ESTIMATORS | boosting.ESTIMATORS | histogram.ESTIMATORS
ESTIMATORS = TREES | linear.ESTIMATORS | constant.ESTIMATORS


def derive_model(scaler: object | None, model: object) -> Derived[ExactForm]:
    """Return the exact form of a fitted scaler, if there is one, and a fitted Pipeline or estimator.

    `bound` is the largest of its parts. Raises `NoExactForm` for a class or parameter without an exact form, and
    `InvalidBundle` for what is not fitted.
    """
    *before, last = (step for _, step in model.steps) if isinstance(model, Pipeline) else (model,)
    first = None if scaler is None else derive_step(scaler)
    steps = [derive_step(step) for step in before]
    estimator = derive_estimator(last)
    bound = max(each.bound for each in (first, *steps, estimator) if each is not None)
    forms = [each.form for each in steps]
    if forms and isinstance(forms[-1], Terms) and getattr(last, "n_features_in_", None) != forms[-1].first.size:
        raise InvalidBundle("the estimator does not fit the terms")
    form = ExactForm(LAYOUT, first.form if first else None, *_drop_unread_terms(forms, estimator.form))
    return Derived(form, bound)


def derive_step(fitted: object) -> Derived[AnyStep]:
    """Return the form of a fitted transformer."""
    return _derive(STEPS, fitted)


def derive_estimator(fitted: object) -> Derived[AnyEstimator]:
    """Return the form of a fitted regressor or classifier."""
    return _derive(ESTIMATORS, fitted)


def _derive(families: Mapping[type, Derive[Form]], fitted: object) -> Derived[Form]:
    derive = families.get(type(fitted))  # not isinstance: a subclass may predict in another way
    if derive is None:
        raise NoExactForm(f"{type(fitted).__module__}.{type(fitted).__qualname__} has no exact form")
    try:
        return derive(fitted)
    except (AttributeError, TypeError, ValueError) as error:  # what scikit-learn says of a part that is not fitted
        raise InvalidBundle(f"{type(fitted).__qualname__} is not a fitted one: {error}") from error


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
