"""What a refusal says of the families that can be read."""

import pickle

import pytest
from sklearn.gaussian_process import GaussianProcessRegressor

from lockstep.bundles.pickles.allowed import EXACT, FAMILIES
from lockstep.bundles.unpickle import unpickle
from lockstep.errors import ForbiddenPickle
from lockstep.predict.derive.composition import STEPS
from lockstep.predict.derive.model import ESTIMATORS

MADE_OF_OTHERS = {"Pipeline", "FeatureUnion", "ColumnTransformer", "TransformedTargetRegressor"}
NOT_ALWAYS = {"Normalizer", "FunctionTransformer"}
"""Steps beside the exact ones: the first is left to scikit-learn, the second has a form if it changes nothing."""


def test_the_families_that_are_said_to_have_an_exact_form_are_those_that_can_be_derived() -> None:
    named = {family: {*" ".join(modules.values()).split()} for family, modules in FAMILIES.items()}
    exact = set[str]().union(*(named[family] for family in EXACT)) - MADE_OF_OTHERS - NOT_ALWAYS
    assert exact == {each.__name__ for each in (*ESTIMATORS, *STEPS)}


def test_a_refusal_lists_a_family_a_line_and_who_predicts_it() -> None:
    with pytest.raises(ForbiddenPickle) as refused:
        unpickle(pickle.dumps(GaussianProcessRegressor()), "model.pkl")
    first, *families = str(refused.value).splitlines()
    assert first.startswith("model.pkl asks for")
    assert 'trusted = ["preprocessing/steps.py:Clip"]' in first
    assert "  kernel machines (scikit-learn predicts): NuSVC, NuSVR, SVC, SVR" in families
    assert any(line.startswith("  forests: ExtraTreesClassifier") for line in families)
