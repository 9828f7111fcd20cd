"""Classes of the application's own code in pickled models."""

import importlib.util
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from lockstep.applications import Application, read_application
from lockstep.bundles.dumping import dump_objects
from lockstep.bundles.pickled import load_fitted
from lockstep.bundles.trusted import Trusted, describe_trusted, load_trusted
from lockstep.bundles.unpickle import unpickle
from lockstep.errors import ForbiddenPickle, InvalidApplication, InvalidBundle, UnknownSource
from tests.unit.bundles.fitted_models import NUMBERS, TARGET

CLIP, HALVE = "preprocessing/steps.py:Clip", "preprocessing/steps.py:halve"
STEPS = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.tree import DecisionTreeRegressor

class Clip(TransformerMixin, BaseEstimator):
    def __init__(self, most=1.0):
        self.most = most

    def fit(self, rows, target=None):
        self.n_features_in_ = rows.shape[1]
        return self

    def transform(self, rows):
        return np.minimum(rows, self.most)

class OwnTree(DecisionTreeRegressor):
    pass

def halve(rows):
    return rows / 2.0
"""


@pytest.fixture
def application(tmp_path: Path) -> Application:
    (tmp_path / "preprocessing").mkdir()
    (tmp_path / "preprocessing" / "steps.py").write_text(STEPS)
    (tmp_path / "lockstep.toml").write_text(f'trusted = ["{CLIP}", "{HALVE}", "preprocessing/steps.py:OwnTree"]\n')
    return read_application(tmp_path)


@pytest.fixture
def trusted(application: Application) -> Trusted:
    return load_trusted(application.trusted, application)


@pytest.fixture
def steps(application: Application, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The user's module as a script of his has imported it."""
    spec = importlib.util.spec_from_file_location("preprocessing.steps", application.folder / "preprocessing/steps.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "preprocessing.steps", module)
    spec.loader.exec_module(module)
    return module


def test_a_trusted_class_is_named_by_its_file_and_read_as_the_applications(steps: Any, trusted: Trusted) -> None:
    model = make_pipeline(steps.Clip(most=3.0), FunctionTransformer(steps.halve), Ridge()).fit(NUMBERS, TARGET)
    content, names = dump_objects(model, trusted.objects)
    assert names == (CLIP, HALVE)
    assert b"preprocessing.steps" not in content
    found: Any = load_fitted(content, "model.pkl", trusted.objects)
    assert type(found[0]) is trusted.objects[CLIP]
    assert np.array_equal(found.predict(NUMBERS), model.predict(NUMBERS))


def test_a_pickle_with_the_module_of_a_trusted_class_is_read(steps: Any, trusted: Trusted) -> None:
    found: Any = unpickle(pickle.dumps(steps.Clip(most=7.0)), "model.pkl", trusted.objects)
    assert (type(found), found.most) == (trusted.objects[CLIP], 7.0)


def test_a_class_that_nothing_trusts_is_refused(steps: Any, trusted: Trusted) -> None:
    content, _ = dump_objects(steps.Clip(), trusted.objects)
    with pytest.raises(ForbiddenPickle, match=f"asks for {CLIP} of the application, which the manifest does not trust"):
        unpickle(content, "model.pkl")
    with pytest.raises(ForbiddenPickle, match=r"asks for preprocessing\.steps\.Clip, which is not on the allow-list"):
        unpickle(dump_objects(steps.Clip())[0], "model.pkl")


def test_the_state_of_what_a_trusted_class_derives_from_is_checked(steps: Any, trusted: Trusted) -> None:
    tree = steps.OwnTree(max_depth=2).fit(NUMBERS, TARGET)
    load_fitted(dump_objects(tree, trusted.objects)[0], "model.pkl", trusted.objects)
    tree.n_features_in_ = 9
    with pytest.raises(InvalidBundle, match="the OwnTree's tree was made for 4 columns, not 9"):
        load_fitted(dump_objects(tree, trusted.objects)[0], "model.pkl", trusted.objects)


def test_without_trusted_classes_the_bytes_are_those_of_pickle() -> None:
    model = make_pipeline(Ridge()).fit(NUMBERS, TARGET)
    assert dump_objects(model) == (pickle.dumps(model, protocol=5), ())


def test_a_part_that_was_left_out_stays_out() -> None:
    model = Ridge(random_state=np.random.RandomState(1)).fit(NUMBERS, TARGET)
    once: Any = unpickle(pickle.dumps(model), "model.pkl")
    twice: Any = unpickle(dump_objects(once)[0], "model.pkl")
    assert type(twice.random_state) is type(once.random_state)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("preprocessing/steps.py:Other", r"lockstep\.toml trusts preprocessing/steps\.py:Clip, .*; if you trust"),
        (CLIP, None),
    ],
)
def test_code_runs_only_if_the_application_lists_it(name: str, reason: str | None, application: Application) -> None:
    if reason is None:
        assert set(load_trusted([name], application).objects) == {name}
        return
    with pytest.raises(UnknownSource, match=reason):
        load_trusted([name], application)


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("preprocessing/steps.py:Missing", "Missing is not there"),
        ("preprocessing/steps.py:np", "is neither a class nor a function"),
        ("preprocessing/none.py:Clip", "there is no file"),
        ("../steps.py:Clip", "is not a file of the application"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(listed: str, reason: str, application: Application) -> None:
    (application.folder / "lockstep.toml").write_text(f'trusted = ["{listed}"]\n')
    with pytest.raises(UnknownSource, match=reason):
        load_trusted([listed], read_application(application.folder))


@pytest.mark.parametrize(
    "value", ['"preprocessing/steps.py:Clip"', "[1]", '["preprocessing.steps:Clip"]', '["steps.py"]']
)
def test_a_wrong_list_is_refused_with_an_example(value: str, tmp_path: Path) -> None:
    (tmp_path / "lockstep.toml").write_text(f"trusted = {value}\n")
    with pytest.raises(InvalidApplication, match=r'expected a list such as \["preprocessing/steps\.py:Clip"\]'):
        read_application(tmp_path)


def test_what_is_trusted_is_described_and_a_change_is_named(application: Application, trusted: Trusted) -> None:
    recorded = {CLIP: trusted.digests[CLIP]}
    assert describe_trusted(recorded, trusted) == [
        f"runs {CLIP}, code of the application that the manifest trusts (source {trusted.digests[CLIP][:12]})"
    ]
    (application.folder / "preprocessing" / "steps.py").write_text(STEPS + "\n")
    changed = load_trusted([CLIP], application)
    assert describe_trusted(recorded, changed)[0].endswith("; it was changed since this bundle was trained")
