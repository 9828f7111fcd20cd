"""The exact forms of scikit-learn's dummies."""

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor

from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.derive.labels import read_labels
from lockstep.predict.exact.constant import ConstantClassifier, ConstantRegressor
from lockstep.predict.exact.forms import AnyEstimator


def derive_dummy_regressor(dummy: DummyRegressor) -> Derived[AnyEstimator]:
    """Return the form of a DummyRegressor of one output."""
    if dummy.n_outputs_ != 1:
        raise NoExactForm(f"DummyRegressor of {dummy.n_outputs_} outputs")
    return Derived(ConstantRegressor(float(dummy.constant_[0, 0])))


def derive_dummy_classifier(dummy: DummyClassifier) -> Derived[AnyEstimator]:
    """Return the form of a DummyClassifier of one output whose answers are not random."""
    if dummy.n_outputs_ != 1 or dummy.sparse_output_:
        raise NoExactForm("DummyClassifier of several outputs or of sparse ones")
    if dummy._strategy not in ("prior", "most_frequent", "constant"):
        raise NoExactForm(f"DummyClassifier that answers at random: strategy {dummy._strategy!r}")
    labels = read_labels(dummy)
    prior = np.asarray(dummy.class_prior_, np.float64)
    constant = dummy._strategy == "constant"
    chosen = labels.index(np.ravel(dummy.constant).tolist()[0]) if constant else int(prior.argmax())
    proba = prior if dummy._strategy == "prior" else (np.arange(prior.size) == chosen).astype(np.float64)
    return Derived(ConstantClassifier(proba, chosen, labels))


ESTIMATORS: dict[type, Derive[AnyEstimator]] = {
    DummyRegressor: derive_dummy_regressor,
    DummyClassifier: derive_dummy_classifier,
}
