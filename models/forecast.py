"""The one way from bars to predictions; training, evaluation, serving and parity all take it.

It yields its stages by name: `features`, `scaled`, `leaf`, `prediction`. The arithmetic is that of
`scaler.transform` and `Pipeline.predict`, to the bit; of the polynomial terms only those are made that
the tree reads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import Tree

from models.errors import InvalidBundle
from models.history import History
from preprocessing.bars import Array, Bars
from preprocessing.features import FeatureSet

POLYNOMIAL = "polynomial"
TREE = "tree"
MAX_DEGREE = 2


@dataclass(frozen=True)
class Forecast:
    """Hold the stages of the answerable rows of a forecast, in the order posted.

    `rows` (n,) are their positions as posted; `features` and `scaled` float64 (n, n_features); `leaf`
    int64 (n,), the tree's node; `prediction` float64 (n,), gross return of the next bar.
    """

    rows: NDArray[np.intp]
    features: Array
    scaled: Array
    leaf: NDArray[np.int64]
    prediction: Array


class Forecaster:
    """Forecast posted bars with a feature set, a fitted scaler and a fitted tree."""

    def __init__(self, history: History, feature_set: FeatureSet, scaler: StandardScaler, model: Pipeline) -> None:
        polynomial, tree = check_model(scaler, model, len(feature_set.columns))
        self.history = history
        self.feature_set = feature_set
        self._mean = scaler.mean_
        self._scale = scaler.scale_
        terms = np.unique(tree.feature[tree.feature >= 0])
        self._factors = _term_factors(polynomial.powers_[terms])
        self._tree = _renumber_features(tree, terms)
        self._leaf_values = tree.value[:, 0, 0].copy()

    def forecast(self, posted: Bars, use_stored: bool = True) -> Forecast:
        """Return the forecast of every answerable posted row.

        `posted` holds sessions of the calendar in any order. Raises `MissingBars`; see `History.gather`.
        """
        gathered = self.history.gather(posted, self.feature_set.lookback_bars, use_stored)
        rows = np.flatnonzero(gathered.answerable)
        features = self.build_features(gathered.bars)[gathered.positions[rows]]
        scaled = self.scale(features)
        leaf = self.find_leaves(scaled)
        return Forecast(rows, features, scaled, leaf, self._leaf_values[leaf])

    def build_features(self, bars: Bars) -> Array:
        """Return the features of bars of consecutive sessions, (n_bars, n_features); see `FeatureSet`."""
        return self.feature_set.build(bars)

    def scale(self, features: Array) -> Array:
        """Return features (n, n_features) less the learning mean, over the learning deviation."""
        return (features - self._mean) / self._scale

    def find_leaves(self, scaled: Array) -> NDArray[np.int64]:
        """Return the node of the tree that each row of `scaled` (n, n_features) ends in.

        Of the polynomial terms only those are made that the tree reads, float32 as it compares them.
        """
        with_one = np.ones((scaled.shape[1] + 1, scaled.shape[0]))
        with_one[:-1] = scaled.T
        first, second = self._factors
        with np.errstate(over="ignore"):  # a term beyond float32 is infinite, and on the right side of every node
            terms = (with_one[first] * with_one[second]).astype(np.float32)
        return self._tree.apply(terms.T)


def check_model(scaler: StandardScaler, model: Pipeline, n_features: int) -> tuple[PolynomialFeatures, Tree]:
    """Return the polynomial step and the tree of a model that `Forecaster` can follow.

    Raises `InvalidBundle` where a part has another type, another number of features, or a tree whose
    nodes point outside it or back.
    """
    if not (isinstance(scaler, StandardScaler) and isinstance(model, Pipeline)):
        raise InvalidBundle(f"expected a StandardScaler and a Pipeline, got {type(scaler)} and {type(model)}")
    if getattr(scaler, "mean_", None) is None or getattr(scaler, "scale_", None) is None:
        raise InvalidBundle("the scaler is not fitted, or without mean or scale")
    polynomial, regressor = model.named_steps.get(POLYNOMIAL), model.named_steps.get(TREE)
    is_known = isinstance(polynomial, PolynomialFeatures) and isinstance(regressor, DecisionTreeRegressor)
    if not is_known or [name for name, _ in model.steps] != [POLYNOMIAL, TREE]:
        raise InvalidBundle("the model is not a Pipeline of PolynomialFeatures and DecisionTreeRegressor and no more")
    if polynomial.degree not in range(1, MAX_DEGREE + 1):
        raise InvalidBundle(f"polynomial degree {polynomial.degree}; 1 to {MAX_DEGREE} can be followed to the bit")
    n_terms = polynomial.powers_.shape[0]
    if not (scaler.n_features_in_ == polynomial.n_features_in_ == n_features and regressor.n_features_in_ == n_terms):
        raise InvalidBundle(f"scaler, model and the {n_features} features do not fit together")
    _check_tree(regressor.tree_, n_terms)
    return polynomial, regressor.tree_


def _check_tree(tree: Tree, n_terms: int) -> None:
    nodes = np.arange(tree.node_count)
    is_leaf = tree.children_left == -1
    forward = (tree.children_left > nodes) & (tree.children_right > nodes)
    inside = np.maximum(tree.children_left, tree.children_right) < tree.node_count
    reads = (tree.feature >= 0) & (tree.feature < n_terms)
    leads = np.where(is_leaf, tree.children_right == -1, forward & inside & reads)
    if not (leads.all() and np.isfinite(tree.value).all() and tree.value.shape[1:] == (1, 1)):
        raise InvalidBundle(f"node {int(np.argmin(leads))} of the tree points outside it")


def _term_factors(powers: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each term the two features it multiplies; n_features stands for the constant 1."""
    n_features = powers.shape[1]
    factors = [np.repeat(np.arange(n_features), row).tolist() for row in powers]
    padded = np.array([row + [n_features] * (MAX_DEGREE - len(row)) for row in factors], dtype=np.intp)
    first, second = padded.reshape(-1, MAX_DEGREE).T
    return first, second


def _renumber_features(tree: Tree, terms: NDArray[np.int64]) -> Tree:
    """Return the tree reading term k of `terms` from column k; its node numbers stay."""
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    reads = nodes["feature"] >= 0
    nodes["feature"][reads] = np.searchsorted(terms, nodes["feature"][reads])
    compact = Tree(max(terms.size, 1), np.ones(1, dtype=np.intp), 1)
    compact.__setstate__({**state, "nodes": nodes})
    return compact
