import importlib
import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LinearRegression, LogisticRegression

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.table import TableBundle
from lockstep.data.column import ColumnSchema
from lockstep.data.table import TableSchema
from lockstep.errors import BundleError, InvalidInput, MissingBars
from lockstep.exporting import mlflow_loader
from lockstep.exporting.mlflow_loader import ExportedModel
from lockstep.exporting.mlflow_model import write_model
from lockstep.exporting.signature import list_inputs
from lockstep.training.table_rows import TableRecipe
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import load_saved, make_gaps, save_table


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default bundle as a model of MLflow."""
    target = tmp_path_factory.mktemp("exported") / "msft"
    write_model(load_bundle(DEFAULT_BUNDLE), DEFAULT_BUNDLE, target)
    return target


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[TableBundle, Path]:
    """A bundle of a table and where it is exported to."""
    folder = tmp_path_factory.mktemp("table")
    recipe = TableRecipe("values", "value", LinearRegression())
    saved = save_table(folder / "models", make_gaps().without("is_dear"), recipe)
    bundle = load_saved(saved)
    write_model(bundle, saved, folder / "exported")
    return bundle, folder / "exported"


def read(folder: Path, name: str = "MLmodel") -> Any:
    return yaml.safe_load((folder / name).read_text())


def load(folder: Path) -> ExportedModel:
    """Load a folder as MLflow does: by the names in MLmodel."""
    flavor = read(folder)["flavors"]["python_function"]
    loaded: ExportedModel = importlib.import_module(flavor["loader_module"])._load_pyfunc(str(folder / flavor["data"]))
    return loaded


def frame_of(bundle: TableBundle) -> pd.DataFrame:
    rows = bundle.held_out.rows
    return pd.DataFrame(dict(zip(rows.schema.names, rows.columns, strict=True)))


def bars_of(bundle: SeriesBundle) -> pd.DataFrame:
    bars = bundle.test_bars
    values = dict(zip(bars.columns, bars.values, strict=True))
    return pd.DataFrame({"date": pd.to_datetime(bars.dates), **values})


def test_a_series_answers_with_the_bits_of_its_evaluation(exported: Path, default_bundle: SeriesBundle) -> None:
    model, bars = load(exported), bars_of(default_bundle)
    expected = default_bundle.evaluation.y_pred.tolist()
    as_texts, as_objects = (bars.astype({"date": kind}) for kind in (str, object))
    for frame in (bars, bars.set_index("date"), as_texts, as_objects):
        predicted = model.predict(frame)
        assert (str(predicted.dtype), predicted.tolist()) == ("float64", expected)


def test_a_table_answers_with_the_bits_of_its_evaluation(table: tuple[TableBundle, Path]) -> None:
    bundle, folder = table
    frame = frame_of(bundle)
    expected = bundle.evaluation.y_pred.tolist()
    assert load(folder).predict(frame).tolist() == expected
    assert load(folder).predict(frame.convert_dtypes()).tolist() == expected  # whose missing cells are pd.NA
    assert load(folder).predict(frame[frame.columns[::-1]]).tolist() == expected


def test_rows_without_a_forecast_are_none(exported: Path, default_bundle: SeriesBundle) -> None:
    frame, lookback = bars_of(default_bundle), default_bundle.manifest.feature_set.lookback_bars
    predicted = load(exported).predict(frame, {"history": "none"}).tolist()
    assert predicted[: lookback - 1] == [None] * (lookback - 1)
    assert predicted[lookback - 1 :] == default_bundle.evaluation.y_pred.tolist()[lookback - 1 :]
    with pytest.raises(MissingBars):
        load(exported).predict(frame.head(3), {"history": "none"})
    with pytest.raises(InvalidInput, match="history: 'all' is none of stored, none"):
        load(exported).predict(frame, {"history": "all"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": True}, "row 0, price: True is not a number"),
        ({"rooms": 2.5}, "row 0, rooms: 2.5 is not a whole number"),
        ({"town": 5}, "row 0, town: 5 is not text"),
        ({"more": 5}, "more: unknown column"),
    ],
)
def test_bad_cells_of_a_frame_are_named(table: tuple[TableBundle, Path], change: dict[str, Any], reason: str) -> None:
    _, folder = table
    with pytest.raises(InvalidInput, match=reason):
        load(folder).predict(pd.DataFrame([{"price": 20.5, "rooms": 3, "town": "York", **change}]))


def test_frames_without_rows_or_dates_are_refused(exported: Path, default_bundle: SeriesBundle) -> None:
    frame = bars_of(default_bundle)
    with pytest.raises(InvalidInput, match="no rows; expected at least one"):
        load(exported).predict(frame.head(0))
    with pytest.raises(InvalidInput, match="date: the column is missing"):
        load(exported).predict(frame.drop(columns="date"))
    with pytest.raises(InvalidInput, match="is not a date"):
        load(exported).predict(frame.assign(date=frame["date"] + pd.Timedelta(hours=9)))


def test_the_folder_stands_alone_wherever_it_is_moved(
    exported: Path, default_bundle: SeriesBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = shutil.copytree(exported, tmp_path / "moved")
    monkeypatch.chdir(tmp_path)
    model = load(moved)
    assert model.registry.default.bundle.manifest.digest == default_bundle.manifest.digest
    assert model.predict(bars_of(default_bundle)).tolist() == default_bundle.evaluation.y_pred.tolist()
    (moved / "application" / "preprocessing" / "daily.py").unlink()
    with pytest.raises(BundleError, match="daily"):
        load(moved)


def test_a_model_that_does_not_reproduce_its_evaluation_is_not_loaded(exported: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(exported, tmp_path / "moved")
    changed = moved / "application" / "models" / "msft" / "1" / "evaluation.csv"
    changed.write_text(changed.read_text().replace("1.0", "1.1", 1))
    with pytest.raises(BundleError, match=r"evaluation\.csv has SHA-256"):
        load(moved)


def test_the_signature_names_the_columns_and_their_types(exported: Path, table: tuple[TableBundle, Path]) -> None:
    inputs, params = (json.loads(read(exported)["signature"][name]) for name in ("inputs", "params"))
    assert inputs[0] == {"type": "datetime", "name": "date", "required": False}
    assert [(each["name"], each["type"], each["required"]) for each in inputs[1:]] == [
        *((name, "double", True) for name in ("open", "high", "low", "close", "volume")),
        ("adj_close", "double", False),
    ]
    assert [(each["name"], each["default"]) for each in params] == [("history", "stored")]
    _, folder = table
    signature = read(folder)["signature"]
    assert (json.loads(signature["outputs"]), signature["params"]) == ([{"type": "double", "required": True}], None)


def test_whole_numbers_are_doubles_if_one_may_be_missing() -> None:
    columns = [ColumnSchema("n", "integer", takes_missing=missing) for missing in (False, True)]
    columns += [ColumnSchema("c", "category", takes_missing=True)]
    assert [each["type"] for each in list_inputs(TableSchema(tuple(columns)))] == ["long", "double", "string"]


def test_the_labels_of_a_classifier_are_texts(tmp_path: Path) -> None:
    recipe = TableRecipe("sales", "is_dear", LogisticRegression())
    saved = save_table(tmp_path / "models", make_gaps().without("value"), recipe)
    write_model(load_saved(saved), saved, tmp_path / "exported")
    assert json.loads(read(tmp_path / "exported")["signature"]["outputs"]) == [{"type": "string", "required": True}]
    predicted = load(tmp_path / "exported").predict(frame_of(load_saved(saved)))
    assert predicted.tolist() == load_saved(saved).evaluation.y_pred.tolist()


def test_the_example_is_a_row_that_the_model_answers(exported: Path, table: tuple[TableBundle, Path]) -> None:
    for folder in (exported, table[1]):
        example = read(folder, "input_example.json")
        assert read(folder, "serving_input_example.json") == {"dataframe_split": example}
        frame = pd.DataFrame(example["data"], columns=example["columns"])
        assert len(load(folder).predict(frame)) == 1


def test_the_requirements_are_of_the_very_versions(exported: Path) -> None:
    required = (exported / "requirements.txt").read_text().splitlines()
    names = ("lockstep-sklearn", "numpy", "scikit-learn", "treelite")
    assert required == ["mlflow", *(f"{name}=={version(name)}" for name in names)]
    assert read(exported, "python_env.yaml")["dependencies"] == ["-r requirements.txt"]


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(FileExistsError, match="is not empty; name a new folder"):
        write_model(load_bundle(DEFAULT_BUNDLE), DEFAULT_BUNDLE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_loader_needs_no_mlflow() -> None:
    assert mlflow_loader.__name__ in sys.modules
    assert "mlflow" not in sys.modules
