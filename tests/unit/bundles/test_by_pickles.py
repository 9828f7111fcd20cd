"""Bundles that have an exact form, run by the pickles that it was derived from."""

from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.predict.pickled import PickledModel
from lockstep.training.table_rows import TableRecipe
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import TARGET, load_table, save_table

MODELS: dict[str, tuple[str, BaseEstimator, dict[str, str]]] = {
    "forest": ("iris", RandomForestClassifier(5, random_state=1), {"proba": "bits", "prediction": "bits"}),
    "boosting": (
        "iris",
        HistGradientBoostingClassifier(max_iter=5, random_state=1),
        {"proba": "tolerance 1e-09", "prediction": "labels"},
    ),
    "logistic": ("iris", LogisticRegression(), {"proba": "tolerance 1e-09", "prediction": "labels"}),
    "labels alone": ("iris", LinearSVC(random_state=1), {"prediction": "labels"}),
    "ridge": ("diabetes", Ridge(), {"prediction": "tolerance 1e-09"}),
    "terms that no node reads": (
        "diabetes",
        make_pipeline(PolynomialFeatures(2), DecisionTreeRegressor(max_depth=3, random_state=1)),
        {"prediction": "bits"},
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_any_bundle_reproduces_its_evaluation_by_its_pickles_as_they_can_promise(name: str, tmp_path: Path) -> None:
    table, estimator, promised = MODELS[name]
    folder = save_table(tmp_path / "models" / "m", load_table(table), TableRecipe("m", TARGET, estimator))
    sealed, pickled = load_bundle(folder), load_bundle(folder, runs="pickles")
    assert set(sealed.guarantees.values()) == {"bits"}
    assert isinstance(pickled.model, PickledModel)
    assert pickled.guarantees == promised
    assert check_evaluation(pickled) == check_evaluation(sealed)


def test_the_default_bundle_is_reproduced_to_the_bit_by_its_pickles() -> None:
    pickled = load_bundle(DEFAULT_BUNDLE, runs="pickles")
    assert pickled.guarantees == {"prediction": "bits"}
    assert check_evaluation(pickled) == 961
