"""What a manifest says of the parameters of an estimator can be written as JSON, whatever type a default has."""

import importlib
import json

import msgspec
import pytest
from sklearn.linear_model import LassoLars

from lockstep.bundles.fitted_state.steps import describe_steps
from lockstep.bundles.pickles.allowed import ESTIMATORS

OF_OTHERS = {
    "ColumnTransformer",
    "FeatureUnion",
    "Pipeline",
    "StackingClassifier",
    "StackingRegressor",
    "VotingClassifier",
    "VotingRegressor",
}
"""Classes that are made of others and have no default for them."""


@pytest.mark.parametrize(("module", "name"), sorted(pair for pair in ESTIMATORS if pair[1] not in OF_OTHERS))
def test_the_defaults_of_every_class_can_be_written(module: str, name: str) -> None:
    estimator = getattr(importlib.import_module(module), name)()
    [step] = describe_steps(estimator)
    assert json.loads(msgspec.json.encode(step))["estimator"] == f"{module}.{name}"


def test_a_float_of_numpy_is_written_as_the_same_float() -> None:
    model = LassoLars()
    [step] = describe_steps(model)
    assert (step.parameters["eps"], type(step.parameters["eps"])) == (model.eps, float)
