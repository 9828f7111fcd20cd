"""Estimators that answer the same for every row: the baselines that others are compared with."""

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Estimate, Estimator, Labels, check_floats, label_array, require
from lockstep.predict.stages import PREDICTION, PROBA, Stages


class ConstantRegressor(Estimator, frozen=True, tag="constant_regressor"):
    """A DummyRegressor of one output."""

    value: float

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits."""
        return True

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `prediction`."""
        check_floats(np.array([self.value]), (1,), "value of a constant regression")

        def estimate(inputs: Array) -> Stages:
            return {PREDICTION: np.full(len(inputs), self.value)}

        return estimate


class ConstantClassifier(Estimator, frozen=True, tag="constant_classifier"):
    """A DummyClassifier of one output; `proba` is float64 (n_classes,), `chosen` the place of the predicted class."""

    proba: np.ndarray
    chosen: int
    classes: Labels

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits."""
        return True

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `proba` and `prediction`."""
        classes = label_array(self.classes)
        check_floats(self.proba, classes.shape, "probabilities of a constant classifier")
        require(((self.proba >= 0.0) & (self.proba <= 1.0)).all(), "a constant probability is not between 0 and 1")
        require(0 <= self.chosen < classes.size, "a constant classifier predicts a class that is not there")

        def estimate(inputs: Array) -> Stages:
            n_rows = len(inputs)
            return {PROBA: np.tile(self.proba, (n_rows, 1)), PREDICTION: np.repeat(classes[self.chosen], n_rows)}

        return estimate
