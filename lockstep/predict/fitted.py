"""Which fitted models `Forecaster` can follow to the bit; everything else is refused before it is used."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import Tree

from lockstep.errors import InvalidBundle

POLYNOMIAL = "polynomial"
TREE = "tree"
MAX_DEGREE = 2
LEAF = -1


def check_model(scaler: object, model: object, n_features: int) -> tuple[PolynomialFeatures, Tree]:
    """Return the polynomial step and the tree of a fitted model.

    Raises `InvalidBundle` where a part is of another kind, not fitted, made for another number of features, or a
    tree whose nodes point outside it or back.
    """
    try:
        _check_scaler(scaler, n_features)
        return _check_steps(model, n_features)
    except (AttributeError, TypeError, ValueError) as error:  # what scikit-learn says of a part that is not fitted
        raise InvalidBundle(f"scaler or model is not a fitted one: {error}") from error


def _check_scaler(scaler: object, n_features: int) -> None:
    if not (isinstance(scaler, StandardScaler) and scaler.with_mean and scaler.with_std):
        raise InvalidBundle("the scaler is not a StandardScaler with mean and deviation")
    mean, scale = np.asarray(scaler.mean_, np.float64), np.asarray(scaler.scale_, np.float64)
    if mean.shape != (n_features,) or scale.shape != (n_features,):
        raise InvalidBundle(f"the scaler does not fit the {n_features} features")
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0.0).all()):
        raise InvalidBundle("the scaler's mean and scale are not finite, or a scale is not above 0")


def _check_steps(model: object, n_features: int) -> tuple[PolynomialFeatures, Tree]:
    if not isinstance(model, Pipeline) or [name for name, _ in model.steps] != [POLYNOMIAL, TREE]:
        raise InvalidBundle(f"the model is not a Pipeline of the steps {POLYNOMIAL!r} and {TREE!r} alone")
    polynomial, regressor = model[POLYNOMIAL], model[TREE]
    if not (isinstance(polynomial, PolynomialFeatures) and isinstance(regressor, DecisionTreeRegressor)):
        raise InvalidBundle("the steps of the model are not PolynomialFeatures and DecisionTreeRegressor")
    if polynomial.degree not in range(1, MAX_DEGREE + 1):
        raise InvalidBundle(f"polynomial degree {polynomial.degree}; 1 to {MAX_DEGREE} can be followed to the bit")
    if polynomial.n_features_in_ != n_features or polynomial._max_degree != polynomial.degree:
        raise InvalidBundle(f"the polynomial does not fit the {n_features} features")
    n_terms = polynomial.powers_.shape[0]
    if regressor.n_features_in_ != n_terms:
        raise InvalidBundle(f"the tree does not fit the {n_terms} terms of {n_features} features")
    _check_tree(regressor.tree_, n_terms)
    return polynomial, regressor.tree_


def _check_tree(tree: object, n_terms: int) -> None:
    """Refuse a tree that scikit-learn's compiled code, which checks no index, could leave or never end in."""
    if not isinstance(tree, Tree) or tree.node_count < 1 or (tree.n_outputs, tree.max_n_classes) != (1, 1):
        raise InvalidBundle("the tree has no nodes, or answers more than one number")
    nodes, left, right = np.arange(tree.node_count), tree.children_left, tree.children_right
    forward = (left > nodes) & (right > nodes) & (np.maximum(left, right) < tree.node_count)
    reads = (tree.feature >= 0) & (tree.feature < n_terms) & np.isfinite(tree.threshold)
    sound = np.where(left == LEAF, right == LEAF, forward & reads) & np.isfinite(tree.value[:, 0, 0])
    if not sound.all():
        raise InvalidBundle(f"node {int(np.argmin(sound))} of the tree points outside it, or is not finite")
