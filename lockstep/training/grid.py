"""Search the tree's parameters by time-series cross-validation on the learning rows."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from sklearn.model_selection import ParameterGrid, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lockstep.bundles.scores import score_predictions
from lockstep.training.training import LearningRows, Parameters, default_parameters, make_model

FOLDS = 3
GRID = {"max_depth": [6, 12, 18], "min_samples_split": [5, 20, 80], "max_leaf_nodes": [10, 25, 50]}


class Candidate(msgspec.Struct, frozen=True):
    """One set of parameters and its scores, means over the validation folds."""

    parameters: Parameters
    mae: float
    mse: float
    r2: float


def candidates() -> list[Parameters]:
    """Return every set of parameters of the grid, in a fixed order."""
    return [{**default_parameters(), **chosen} for chosen in ParameterGrid(GRID)]


def search(learning: LearningRows, on_scored: Callable[[Candidate], None]) -> list[Candidate]:
    """Return every candidate, the smallest mean squared error first; call `on_scored` after each.

    Each fold learns from the rows before it only; scaler and tree are fitted anew in each.
    """
    scored = []
    for parameters in candidates():
        scored.append(_score(learning, parameters))
        on_scored(scored[-1])
    return sorted(scored, key=lambda candidate: candidate.mse)


def _score(learning: LearningRows, parameters: Parameters) -> Candidate:
    folds = [score_predictions(y_true, y_pred) for y_true, y_pred in _validate(learning, parameters)]
    mae, mse, r2 = (float(np.mean([getattr(fold, name) for fold in folds])) for name in ("mae", "mse", "r2"))
    return Candidate(parameters, mae, mse, r2)


def _validate(learning: LearningRows, parameters: Parameters) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for learn, validate in TimeSeriesSplit(FOLDS).split(learning.features):
        model = make_pipeline(StandardScaler(), make_model(parameters))
        model.fit(learning.features[learn], learning.targets[learn])
        yield learning.targets[validate], model.predict(learning.features[validate])
