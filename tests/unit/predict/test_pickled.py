"""A model that scikit-learn predicts: its stages, its inputs and its threads."""

import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor
from threadpoolctl import threadpool_info

from lockstep.bundles.pickled import load_pickled
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.model import derive_model
from lockstep.predict.exact.form import numbers
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.pickled import PickledModel
from tests.conftest import ROOT
from tests.unit.bundles.fitted_models import CELLS, CLASSES, NAMES, NUMBERS, SIDES, TARGET, TEXTS

COLUMNS = ("a", "b", "c", "d")


def seal(model: Any, columns: tuple[str, ...] = COLUMNS, scaler: Any = None, is_table: bool = True) -> PickledModel:
    pickles = {"model.pkl": pickle.dumps(model, protocol=5)}
    if scaler is not None:
        pickles["scaler.pkl"] = pickle.dumps(scaler, protocol=5)
    return load_pickled(pickles, columns, is_table)


def test_the_stages_of_a_series_are_those_of_its_exact_form_to_the_bit() -> None:
    scaler = StandardScaler().fit(NUMBERS)
    steps = [("polynomial", PolynomialFeatures(2)), ("tree", DecisionTreeRegressor(max_depth=6, random_state=1))]
    model = Pipeline(steps).fit(scaler.transform(NUMBERS), TARGET)
    exact = ExactModel(derive_model(scaler, model).form, numbers(4), False).predict(NUMBERS)
    found = seal(model, scaler=scaler, is_table=False).predict(NUMBERS)
    assert list(found) == list(exact) == ["scaled", "leaf", "prediction"]
    for stage, expected in exact.items():
        assert (found[stage].dtype, found[stage].tobytes()) == (
            expected.dtype,
            np.ascontiguousarray(expected).tobytes(),
        )


def test_a_classifier_has_probabilities_and_labels_as_text() -> None:
    model = RandomForestClassifier(n_estimators=3, random_state=1).fit(NUMBERS, NAMES.astype(object))
    stages = seal(model).predict(NUMBERS)
    assert list(stages) == ["encoded", "leaves", "proba", "prediction"]
    assert (stages["leaves"].shape, str(stages["leaves"].dtype)) == ((150, 3), "int64")
    assert np.array_equal(stages["proba"], model.predict_proba(NUMBERS))
    assert stages["prediction"].dtype.kind == "U"


def test_boosted_trees_of_several_classes_have_a_leaf_each() -> None:
    stages = seal(GradientBoostingClassifier(n_estimators=2).fit(NUMBERS, CLASSES)).predict(NUMBERS)
    assert (stages["leaves"].shape, str(stages["prediction"].dtype)) == ((150, 6), "int64")


def test_a_model_without_probabilities_has_none() -> None:
    assert list(seal(SVC().fit(NUMBERS, CLASSES)).predict(NUMBERS)) == ["encoded", "prediction"]


def test_a_row_alone_has_the_prediction_that_it_has_among_others() -> None:
    model = seal(HistGradientBoostingRegressor(max_iter=5).fit(NUMBERS, TARGET))
    together = model.predict(NUMBERS)["prediction"]
    assert [model.predict(row[None])["prediction"][0] for row in NUMBERS] == together.tolist()


def test_columns_of_cells_become_one_array_in_order() -> None:
    model = make_pipeline(ColumnTransformer([("names", OneHotEncoder(), [0])], remainder="passthrough"), Ridge())
    model.fit(CELLS, SIDES)
    found = seal(model, ("color", "size")).predict((CELLS[:, 0], CELLS[:, 1].astype(float)))
    assert np.array_equal(found["prediction"], model.predict(CELLS))


def test_one_column_of_texts_goes_to_a_vectorizer_as_it_is() -> None:
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, SIDES)
    found = seal(model, ("text",)).predict((TEXTS,))
    assert "encoded" not in found  # it is sparse
    assert np.array_equal(found["prediction"], model.predict(TEXTS))


def fit_on_frame() -> tuple[Any, pd.DataFrame]:
    frame = pd.DataFrame({"color": CELLS[:, 0], "size": CELLS[:, 1].astype(float)})
    columns = ColumnTransformer([("names", OneHotEncoder(), ["color"])], remainder="passthrough")
    return make_pipeline(columns, Ridge()).fit(frame, SIDES), frame


def test_a_model_that_was_fitted_on_a_frame_is_given_one() -> None:
    model, frame = fit_on_frame()
    found = seal(model, ("color", "size")).predict((CELLS[:, 0], CELLS[:, 1].astype(float)))
    assert np.array_equal(found["prediction"], model.predict(frame))


def test_columns_in_another_order_than_the_frame_had_are_refused() -> None:
    with pytest.raises(InvalidBundle, match="the model reads the columns color, size, not size, color"):
        seal(fit_on_frame()[0], ("size", "color"))


def test_a_model_that_answers_two_values_a_row_is_refused() -> None:
    model = Ridge().fit(NUMBERS, np.stack([TARGET, TARGET], axis=1))
    with pytest.raises(InvalidBundle, match="one can be served"):
        seal(model).predict(NUMBERS)


def count_threads() -> int:
    return len(os.listdir("/proc/self/task"))


def test_predictions_start_no_threads_and_leave_blas_with_one() -> None:
    forest = RandomForestRegressor(n_estimators=4, n_jobs=2, random_state=1).fit(NUMBERS, TARGET)
    models = [seal(forest), seal(HistGradientBoostingRegressor(max_iter=3).fit(NUMBERS, TARGET))]
    before = count_threads()
    for model in models:
        model.predict(NUMBERS)
    assert count_threads() == before
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


FORKS = """
import os, sys
import numpy as np
from lockstep.bundles.pickled import load_pickled
model = load_pickled({"model.pkl": sys.stdin.buffer.read()}, ("a", "b", "c", "d"), True)
rows = np.arange(400.0).reshape(100, 4)
expected = model.predict(rows)["prediction"]
if (child := os.fork()) == 0:
    os._exit(0 if np.array_equal(model.predict(rows)["prediction"], expected) else 1)
sys.exit(os.waitpid(child, 0)[1])
"""


def test_a_process_that_forks_after_a_prediction_predicts_the_same() -> None:
    content = pickle.dumps(HistGradientBoostingRegressor(max_iter=3).fit(NUMBERS, TARGET))
    assert (
        subprocess.run([sys.executable, "-c", FORKS], input=content, cwd=ROOT, timeout=60, check=False).returncode == 0
    )
