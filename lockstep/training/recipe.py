"""What to train, before anything is read or fitted."""

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lockstep.applications import Application
from lockstep.bundles.entries import Source
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.trusted import Trusted, load_trusted
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.training.choosing_interval import WantsInterval
from lockstep.training.estimators import REGRESSOR, SCALERS, Kind, check_kind, make_repeatable
from lockstep.training.target import NEXT_RETURN, Target

DEFAULT_FEATURE_SET = "daily"
POLYNOMIAL, TREE = "polynomial", "tree"
DEGREE = 2

Parameters = dict[str, Any]


def default_parameters() -> Parameters:
    """Return the tutorial's parameters of the tree."""
    return {"max_depth": 18, "min_samples_split": 5, "max_leaf_nodes": 50, "random_state": 1}


def default_model(kind: Kind = REGRESSOR) -> Pipeline:
    """Return the tutorial's model, unfitted: degree-2 polynomial terms, then a tree."""
    tree = DecisionTreeRegressor if kind == REGRESSOR else DecisionTreeClassifier
    return Pipeline([(POLYNOMIAL, PolynomialFeatures(degree=DEGREE)), (TREE, tree(**default_parameters()))])


@dataclass(frozen=True)
class Unfitted:
    """A scaler, if there is one, and a model, both unfitted; `notes` say what was set so that they learn repeatably."""

    scaler: BaseEstimator | None
    model: BaseEstimator
    notes: tuple[str, ...] = ()

    def copy(self, parameters: Parameters | None = None) -> "Unfitted":
        """Return an unfitted copy whose model has these parameters."""
        scaler = None if self.scaler is None else clone(self.scaler)
        return Unfitted(scaler, clone(self.model).set_params(**(parameters or {})), self.notes)


class Recipe(msgspec.Struct, frozen=True):
    """What to train: the model's name, the symbol, the feature set, the target, the test rows, scaler and estimator.

    `estimator` is any unfitted estimator or Pipeline, None the tutorial's model; `parameters` are set in it. Without a
    `scaler` it gets a `StandardScaler`, unless it is a Pipeline whose first step is a scaler; None is no scaler.
    `test_rows` None takes the default; see `split_rows`. The classes that `application` trusts may be in the estimator.
    `interval` chooses whether the bundle gets intervals; see `choose_interval`. `selection` is what chose the
    estimator, if anything did.
    """

    name: str
    symbol: str
    source: Source
    feature_set: NamedFeatureSet
    test_rows: int | None = None
    target: Target = NEXT_RETURN
    estimator: BaseEstimator | None = None
    scaler: BaseEstimator | UnsetType | None = UNSET
    parameters: Parameters = {}
    application: Application | None = None
    interval: WantsInterval = "auto"
    selection: SelectionEntry | UnsetType = UNSET

    @property
    def shrinkage(self) -> float:
        """Return the λ of the selected model, which learns the targets 1 + λ (y - 1); 1 without a selection."""
        return 1.0 if self.selection is UNSET else self.selection.served.shrinkage

    def make(self, kind: Kind) -> Unfitted:
        """Return the scaler and the estimator, which has to be of `kind`; raise `TrainingError`."""
        estimator = default_model(kind) if self.estimator is None else self.estimator
        check_kind(estimator, kind)
        model, notes = make_repeatable(estimator)
        return Unfitted(self._choose_scaler(), model, tuple(notes)).copy(self.parameters)

    def load_trusted(self) -> Trusted:
        """Return the classes that the application trusts; raise `UnknownSource` for a name that leads nowhere."""
        return load_trusted(self.application.trusted, self.application) if self.application else Trusted()

    def _choose_scaler(self) -> BaseEstimator | None:
        if self.scaler is not UNSET:
            return self.scaler
        brings_its_own = isinstance(self.estimator, Pipeline) and type(self.estimator[0]) in SCALERS.values()
        return None if brings_its_own else StandardScaler()
