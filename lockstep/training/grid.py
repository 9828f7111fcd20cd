"""Search an estimator's parameters by time-series cross-validation on the learning rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import ParameterGrid, TimeSeriesSplit
from sklearn.pipeline import Pipeline, make_pipeline

from lockstep.bundles.scores import LabelScores, NumberScores, score_labels, score_numbers
from lockstep.bundles.targets import Targets, is_labels
from lockstep.errors import TrainingError
from lockstep.training.estimators import fit_estimator
from lockstep.training.learning import LearningRows
from lockstep.training.recipe import Parameters, Unfitted

FOLDS = 3
GRID: Mapping[str, Sequence[Any]] = {
    "max_depth": [6, 12, 18],
    "min_samples_split": [5, 20, 80],
    "max_leaf_nodes": [10, 25, 50],
}
"""The values that are tried for the default tree."""


class Candidate(msgspec.Struct, frozen=True):
    """One set of parameters and its scores, means over the validation folds: of numbers, or of labels.

    Only those that are scored are in its JSON.
    """

    parameters: Parameters
    mae: float | msgspec.UnsetType = msgspec.UNSET
    mse: float | msgspec.UnsetType = msgspec.UNSET
    r2: float | msgspec.UnsetType = msgspec.UNSET
    accuracy: float | msgspec.UnsetType = msgspec.UNSET
    macro_f1: float | msgspec.UnsetType = msgspec.UNSET

    @property
    def scores(self) -> dict[str, float]:
        """Return the scores by name."""
        named = {name: getattr(self, name) for name in self.__struct_fields__[1:]}
        return {name: value for name, value in named.items() if value is not msgspec.UNSET}

    @property
    def loss(self) -> float:
        """Return what the best candidate has least of: the mean squared error, or the share of wrong labels."""
        return self.scores["mse"] if "mse" in self.scores else 1.0 - self.scores["accuracy"]


def candidates(grid: Mapping[str, Sequence[Any]]) -> list[Parameters]:
    """Return every set of parameters of a grid, in a fixed order."""
    return list(ParameterGrid(dict(grid)))


def name_parameters(model: BaseEstimator, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters, or a grid, by the names that `set_params` of the model takes.

    In a Pipeline a plain name is of its last step. Raises `TrainingError` for a name that the model does not have.
    """
    prefix = f"{model.steps[-1][0]}__" if isinstance(model, Pipeline) else ""
    named = {name if "__" in name else f"{prefix}{name}": value for name, value in parameters.items()}
    valid = model.get_params()
    if unknown := [name for name in named if name not in valid]:
        raise TrainingError(f"the estimator has no parameter {unknown[0]}; it has {', '.join(sorted(valid))}")
    return named


def search(
    learning: LearningRows,
    unfitted: Unfitted,
    grid: Mapping[str, Sequence[Any]],
    on_scored: Callable[[Candidate], None],
) -> list[Candidate]:
    """Return every candidate, the best first; call `on_scored` after each.

    Each fold learns from the rows before it only, less the embargo; scaler and model are fitted anew in each.
    """
    scored = []
    for parameters in candidates(grid):
        scored.append(_score(learning, unfitted, parameters))
        on_scored(scored[-1])
    return sorted(scored, key=lambda candidate: candidate.loss)


def _score(learning: LearningRows, unfitted: Unfitted, parameters: Parameters) -> Candidate:
    named = name_parameters(unfitted.model, parameters)
    folds = [msgspec.structs.asdict(_score_fold(*pair)) for pair in _validate(learning, unfitted.copy(named))]
    scored = [name for name, value in folds[0].items() if value is not None]
    return Candidate(parameters, **{name: float(np.mean([fold[name] for fold in folds])) for name in scored})


def _score_fold(y_true: Targets, y_pred: Targets) -> NumberScores | LabelScores:
    if is_labels(y_true):
        return score_labels(y_true, y_pred, np.unique(y_true), None)
    return score_numbers(y_true, y_pred)


def _validate(learning: LearningRows, unfitted: Unfitted) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    splits = TimeSeriesSplit(FOLDS, gap=learning.horizon_bars - 1)
    try:
        folds = list(splits.split(learning.features))
    except ValueError as error:
        raise TrainingError(f"the learning rows are too few to search a grid: {error}") from error
    for learn, validate in folds:
        fold = unfitted.copy()
        model = fold.model if fold.scaler is None else make_pipeline(fold.scaler, fold.model)
        fit_estimator(model, learning.features[learn], learning.targets[learn])
        yield learning.targets[validate], model.predict(learning.features[validate])
