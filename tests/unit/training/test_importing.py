"""Fitted models from files of others."""

import os
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.pickled import load_fitted
from lockstep.bundles.unpickle import unpickle_joblib
from lockstep.errors import DigestMismatch, ForbiddenPickle, InvalidBundle, TrainingError, VersionMismatch
from lockstep.training.import_probe import Request, read_model
from lockstep.training.importing import check_digest, find_mlflow_model, import_file, read_model_file
from tests.unit.bundles.fitted_models import CLASSIFIERS, MODELS, NUMBERS, TARGET, describe, fit


@pytest.mark.parametrize(("model", "rows", "target"), MODELS, ids=describe)
def test_a_file_of_joblib_holds_the_model_that_was_written(model: Any, rows: Any, target: Any, tmp_path: Path) -> None:
    fitted = fit(model, rows, target)
    path = tmp_path / "model.joblib"
    joblib.dump(fitted, path)
    answer = read_model(Request(path.name, path.read_bytes()))
    assert answer.refused == ""
    found: Any = load_fitted(answer.pickle, path.name)
    assert found.predict(rows).tobytes() == fitted.predict(rows).tobytes()


@pytest.mark.parametrize("compress", [("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 1), ("lzma", 1)], ids=str)
def test_a_compressed_file_is_read(compress: tuple[str, int], tmp_path: Path) -> None:
    model, rows, target = MODELS[0]
    joblib.dump(fit(model, rows, target), path := tmp_path / "model.joblib", compress=compress)
    assert read_model(Request(path.name, path.read_bytes())).classes == ["DecisionTreeRegressor"]
    damaged = path.read_bytes()[:200]
    with pytest.raises(InvalidBundle, match=r"model\.joblib cannot be unpickled"):
        unpickle_joblib(damaged, path.name)


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_plain_pickle_is_read_and_its_classes_are_listed(protocol: int) -> None:
    model = make_pipeline(StandardScaler(), DecisionTreeRegressor(max_depth=2)).fit(NUMBERS, TARGET)
    answer = read_model(Request("model.pkl", pickle.dumps(model, protocol)))
    assert answer.classes == ["Pipeline", "DecisionTreeRegressor", "StandardScaler"]


def test_an_array_that_claims_more_than_the_file_holds_is_refused(tmp_path: Path) -> None:
    joblib.dump(np.arange(100.0), path := tmp_path / "model.joblib")
    content = path.read_bytes()
    unpickle_joblib(content, path.name)
    with pytest.raises(InvalidBundle, match="the file ends within an array"):
        unpickle_joblib(content[:-300], path.name)


class Harm:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("form", ["pickle", "joblib", "objects in joblib"])
def test_a_file_that_asks_for_more_is_refused_and_nothing_runs(form: str, tmp_path: Path) -> None:
    harm, path, marker = Harm(tmp_path / "marker"), tmp_path / "model.pkl", tmp_path / "marker"
    if form == "pickle":
        path.write_bytes(pickle.dumps(harm))
    else:
        joblib.dump(harm if form == "joblib" else np.array([harm, 1], object), path)
    with pytest.raises(ForbiddenPickle, match=r"model\.pkl asks for \w+\.mkdir, which is not on the allow-list"):
        import_file(read_model_file(path))
    assert not marker.exists()


def test_a_model_comes_out_of_a_process_of_its_own(tmp_path: Path) -> None:
    fitted = fit(CLASSIFIERS[0], NUMBERS, TARGET.round() % 2)
    joblib.dump(fitted, path := tmp_path / "model.joblib")
    imported = import_file(read_model_file(path))
    assert (imported.classes, imported.trusted) == (("DecisionTreeClassifier",), ())
    found: Any = load_fitted(imported.content, "model.pkl")
    assert np.array_equal(found.predict_proba(NUMBERS), fitted.predict_proba(NUMBERS))


def test_what_is_no_pickle_and_another_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"ONNX")
    with pytest.raises(InvalidBundle, match=r"model\.pkl cannot be unpickled"):
        import_file(read_model_file(path))
    content = pickle.dumps(fit(*MODELS[0]))
    mark = content.index(b"_sklearn_version") + len(b"_sklearn_version\x94\x8c\x05")
    path.write_bytes(content[:mark] + b"1.0.2" + content[mark + 5 :])
    with pytest.raises(VersionMismatch, match=r"of scikit-learn 1\.0\.2, but 1\.\d+\.\d+ is installed"):
        import_file(read_model_file(path))


def test_the_digest_is_compared_before_anything_is_read(tmp_path: Path) -> None:
    (path := tmp_path / "model.pkl").write_bytes(b"")
    file = read_model_file(path)
    check_digest(file, f" {file.sha256.upper()}\n")
    with pytest.raises(DigestMismatch, match=f"has SHA-256 {file.sha256}, not abc"):
        check_digest(file, "abc")


ML_MODEL = """artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: other.pkl
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.9.1
mlflow_version: 3.4.0
"""


def test_the_model_of_an_mlflow_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(ML_MODEL)
    (tmp_path / "model.pkl").write_bytes(b"")
    assert find_mlflow_model(tmp_path) == tmp_path / "model.pkl"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "is no model of MLflow: MLmodel cannot be read"),
        (ML_MODEL.replace("  sklearn:", "  xgboost:"), "describes no scikit-learn model"),
        (ML_MODEL.replace("cloudpickle", "skops"), "was saved as skops"),
        (ML_MODEL.replace("model.pkl", "../model.pkl"), "which is no file in the folder"),
        (ML_MODEL.replace("model.pkl", "missing.pkl"), "names 'missing.pkl', which is no file"),
    ],
)
def test_a_folder_of_another_kind_is_refused(text: str | None, reason: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "model.pkl").write_bytes(b"")
    (folder / "model.pkl").write_bytes(b"")
    if text is not None:
        (folder / "MLmodel").write_text(text)
    with pytest.raises(TrainingError, match=reason):
        find_mlflow_model(folder)
