"""The one way from bars to predictions; training, evaluation, serving and parity all take it.

It yields its stages by name: `features`, `scaled`, `leaf`, `prediction`. The arithmetic is that of
`scaler.transform` and `Pipeline.predict`, to the bit; of the polynomial terms only those are made that
the tree reads.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree._tree import Tree

from lockstep.data.bars import Array, Bars
from lockstep.data.bits import float_ordinals
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.fitted import MAX_DEGREE, check_model
from lockstep.predict.history import History, Numbers

FEATURES, PREDICTION = "features", "prediction"
STAGES = (FEATURES, "scaled", "leaf", PREDICTION)

Stages = dict[str, NDArray[Any]]
"""Arrays by name, one row for each answered row; each follows from the one before, and the last is the prediction."""


@dataclass(frozen=True)
class Forecast:
    """The stages of the answerable rows of a forecast, in the order posted.

    `rows` (n,) are their positions as posted. `stages` are arrays by name, one row for each of `rows`, in the order in
    which they follow from each other: `features` and `scaled` float64 (n, n_features), `leaf` int64 (n,), the tree's
    node, and last the `prediction` float64 (n,), the gross return of the next bar.
    """

    rows: NDArray[np.intp]
    stages: Stages

    @property
    def features(self) -> Array:
        """Return what the model was fed, (n, n_features)."""
        return self.stages[FEATURES]

    @property
    def prediction(self) -> Array:
        """Return the last stage, (n,)."""
        return self.stages[PREDICTION]

    def select(self, places: NDArray[np.intp]) -> "Forecast":
        """Return the stages of the answered rows at `places`, in that order."""
        return Forecast(self.rows[places], {name: values[places] for name, values in self.stages.items()})


class Forecaster:
    """A feature set, a fitted scaler and a fitted tree, which forecast posted bars."""

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

    @property
    def n_leaves(self) -> int:
        """Return how many leaves the tree has."""
        return int(self._tree.n_leaves)

    def forecast(self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None) -> Forecast:
        """Return the forecast of every answerable posted row.

        `posted` holds sessions of the calendar in any order; `sessions` (n_posted,) are their numbers, if the caller
        has them already. Raises `MissingBars`; see `History.gather`.
        """
        needs = self.feature_set
        numbers = self.history.calendar.session_numbers(posted.dates) if sessions is None else sessions
        gathered = self.history.gather(posted, numbers, needs.lookback_bars, use_stored, needs.whole_history)
        rows = np.flatnonzero(gathered.answerable)
        return Forecast(rows, self.predict(self.build_features(gathered.bars)[gathered.positions[rows]]))

    def predict(self, features: Array) -> Stages:
        """Return every stage of features (n, n_features), each row for itself."""
        scaled = self.scale(features)
        leaf = self.find_leaves(scaled)
        return {FEATURES: features, "scaled": scaled, "leaf": leaf, PREDICTION: self._leaf_values[leaf]}

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
        return self._tree.apply(self._expand(scaled).T)

    def threshold_distance(self, scaled: Array, feature: int) -> int | None:
        """Return how near one row is to being sent another way by one feature, in float32 steps.

        `scaled` is (n_features,); the nearest threshold counts, of those nodes on the row's path whose term
        reads the feature. None where no node on the path does.
        """
        terms = self._expand(scaled[None])[:, 0]
        reads = (self._factors[0] == feature) | (self._factors[1] == feature)
        path = self._tree.decision_path(terms[None]).indices
        nodes = [node for node in path if self._tree.feature[node] >= 0 and reads[self._tree.feature[node]]]
        values = terms[self._tree.feature[nodes]]
        thresholds = self._tree.threshold[nodes].astype(np.float32)
        steps = np.abs(float_ordinals(values) - float_ordinals(thresholds))
        return int(steps.min()) if nodes else None

    def _expand(self, scaled: Array) -> NDArray[np.float32]:
        """Return the terms that the tree reads, (n_terms, n)."""
        with_one = np.ones((scaled.shape[1] + 1, scaled.shape[0]))
        with_one[:-1] = scaled.T
        first, second = self._factors
        with np.errstate(over="ignore"):  # a term beyond float32 is infinite, and on the right side of every node
            return (with_one[first] * with_one[second]).astype(np.float32)


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
