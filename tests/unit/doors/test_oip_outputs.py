"""Answers of the Open Inference Protocol: outputs in JSON and as bytes, of every kind of model."""

import json
import math
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from lockstep.applications import find_application
from lockstep.bundles.bundle import Bundle
from lockstep.bundles.reading import load_series
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.data.table_csv import make_table
from lockstep.doors.door import Received
from lockstep.doors.oip.door import DOOR
from lockstep.doors.oip.outputs import write_output
from lockstep.doors.oip.pages import get_model
from lockstep.doors.oip.wire import TensorMetadata
from lockstep.errors import InvalidInput
from lockstep.scoring.score import Answer, score
from lockstep.training.named_targets import load_target
from lockstep.training.recipe import Recipe
from lockstep.training.table_rows import TableRecipe
from lockstep.training.training import train
from qa.servers import ROOT
from tests.small_tables import TARGET, load_saved, load_table, make_gaps, save_table
from tests.tensors import Body, Input, read_outputs, tensor, write_binary, write_json

BINARY = {"parameters": {"binary_data_output": True}}
ROW = (tensor("price", [20.5]), tensor("rooms", [3], "INT64"), tensor("town", ["York"], "BYTES"))


def make_registry(*bundles: Bundle) -> Registry:
    served = tuple(Served(each.manifest.name, 1, ("champion",), each, SelfCheck(1, 0.0)) for each in bundles)
    return Registry(served, served[0])


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Labels that are texts (sales), whole numbers (iris) and numbers of a regression (diabetes)."""
    folder = tmp_path_factory.mktemp("models")
    flowers = load_table("iris")
    names = sorted({*flowers.column(TARGET)}, key=str)
    numbered = {name: flowers.column(name) for name in flowers.names}
    numbered[TARGET] = [str(names.index(name)) for name in flowers.column(TARGET)]
    saved = (
        save_table(folder, make_gaps().without("value"), TableRecipe("sales", "is_dear", LogisticRegression())),
        save_table(folder, make_table(numbered), TableRecipe("iris", TARGET, DecisionTreeClassifier())),
        save_table(folder, load_table("diabetes"), TableRecipe("diabetes", TARGET, Ridge())),
    )
    return make_registry(*map(load_saved, saved))


@pytest.fixture(scope="module")
def direction(bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> SeriesBundle:
    """A series whose labels are texts, with probabilities."""
    target = load_target("direction", 1, find_application(ROOT))
    trained = train(bars, calendar, msgspec.structs.replace(recipe, target=target, estimator=LogisticRegression()))
    return load_series(save_bundle(tmp_path_factory.mktemp("direction") / "tiny", trained.manifest, trained.files))


def ask(registry: Registry, model: str, body: Body) -> Answer:
    lower = {name.lower(): value for name, value in body.headers.items()}
    return score(registry, DOOR.decode(Received(body.data, 1000, headers=lower, names={"model": model})))


def infer(registry: Registry, model: str, body: Body) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return the JSON of the answer, and the elements of its outputs."""
    encoded = DOOR.encode(ask(registry, model, body), "the-id")
    length = int(encoded.headers.get("Inference-Header-Content-Length", len(encoded.body)))
    assert encoded.media_type == ("application/octet-stream" if encoded.headers else "application/json")
    return json.loads(encoded.body[:length]), read_outputs(encoded.body, encoded.headers)


def held_out(bundle: Any) -> list[Input]:
    columns = zip(bundle.schema.columns, bundle.held_out.rows.columns, strict=True)
    datatypes = {"number": "FP64", "integer": "INT64", "category": "BYTES", "text": "BYTES"}
    written = ((column, column.write(values)) for column, values in columns)
    return [
        tensor(column.name, list(map(int, cells)) if column.type == "integer" else cells, datatypes[column.type])
        for column, cells in written
    ]


@pytest.mark.parametrize("binary", [{}, BINARY])
@pytest.mark.parametrize("model", ["sales", "iris", "diabetes"])
def test_the_held_out_rows_are_answered_as_they_were_evaluated(
    tables: Registry, model: str, binary: dict[str, Any]
) -> None:
    bundle = tables.pick(model).bundle
    told, outputs = infer(tables, model, write_json(*held_out(bundle), **binary))
    assert (told["model_name"], told["model_version"]) == (model, "1")
    assert outputs["prediction"] == bundle.evaluation.y_pred.tolist()
    for name, values in bundle.evaluation.outputs.items():
        assert outputs[name] == values.ravel().tolist()
    assert [output["name"] for output in told["outputs"]] == list(outputs)


@pytest.mark.parametrize(("model", "datatype"), [("sales", "BYTES"), ("iris", "INT64"), ("diabetes", "FP64")])
def test_outputs_have_the_datatypes_and_shapes_of_the_metadata(tables: Registry, model: str, datatype: str) -> None:
    described = json.loads(get_model(tables, {"model": model}).body)
    told, _ = infer(tables, model, write_json(*held_out(tables.pick(model).bundle)))
    n_rows = len(tables.pick(model).bundle.evaluation.y_pred)
    assert described["outputs"][0]["datatype"] == datatype
    assert [(output["name"], output["datatype"]) for output in told["outputs"]] == [
        (output["name"], output["datatype"]) for output in described["outputs"]
    ]
    shapes = [[n_rows if size == -1 else size for size in output["shape"]] for output in described["outputs"]]
    assert [output["shape"] for output in told["outputs"]] == shapes


def test_the_classes_are_in_the_metadata_in_the_order_of_the_probabilities(tables: Registry) -> None:
    described = json.loads(get_model(tables, {"model": "sales"}).body)
    assert json.loads(described["properties"]["classes"]) == tables.pick("sales").bundle.manifest.classes
    assert "classes" not in json.loads(get_model(tables, {"model": "diabetes"}).body)["properties"]


def test_requested_outputs_come_alone_in_their_order_each_as_it_asks(tables: Registry) -> None:
    both, _ = infer(tables, "sales", write_json(*ROW))
    asked = [{"name": "proba", "parameters": {"binary_data": True}}, {"name": "prediction"}]
    told, outputs = infer(tables, "sales", write_json(*ROW, outputs=asked))
    assert [output["name"] for output in told["outputs"]] == ["proba", "prediction"]
    assert ["data" in output for output in told["outputs"]] == [False, True]
    assert outputs == {output["name"]: output["data"] for output in both["outputs"]}
    alone, _ = infer(tables, "sales", write_json(*ROW, outputs=asked[1:]))
    assert alone["outputs"] == both["outputs"][:1]


def test_an_output_that_says_how_overrides_what_the_request_says(tables: Registry) -> None:
    asked = [{"name": "proba", "parameters": {"binary_data": False}}, {"name": "prediction"}]
    told, _ = infer(tables, "sales", write_binary(*ROW, outputs=asked, **BINARY))
    assert ["data" in output for output in told["outputs"]] == [True, False]


def test_an_unknown_output_is_refused_with_those_there_are(tables: Registry) -> None:
    body = write_json(*ROW, outputs=[{"name": "predict"}])
    with pytest.raises(InvalidInput, match="outputs: there is no 'predict'; this model has prediction and proba"):
        infer(tables, "sales", body)


def test_the_id_is_echoed_and_left_out_if_there_is_none(tables: Registry) -> None:
    assert infer(tables, "sales", write_json(*ROW, id="42"))[0]["id"] == "42"
    assert "id" not in infer(tables, "sales", write_json(*ROW))[0]


def test_warnings_are_parameters_of_the_answer(tables: Registry) -> None:
    rows = [tensor("price", [1e6]), *ROW[1:]]
    told, _ = infer(tables, "sales", write_json(*rows))
    assert told["parameters"]["warnings"].startswith("row 0, price: 1000000.0 is outside of the learned range")
    assert "parameters" not in infer(tables, "sales", write_json(*ROW))[0]


def bar_inputs(bars: Bars) -> list[Input]:
    columns = zip(bars.columns, bars.values.tolist(), strict=True)
    return [tensor("date", bars.dates.astype(str).tolist(), "BYTES"), *(tensor(*column) for column in columns)]


@pytest.mark.parametrize("write", [write_json, write_binary])
def test_the_test_bars_of_a_series_are_answered_as_they_were_evaluated(bundle: SeriesBundle, write: Any) -> None:
    _, outputs = infer(make_registry(bundle), "tiny", write(*bar_inputs(bundle.test_bars), **BINARY))
    assert outputs == {"prediction": bundle.evaluation.y_pred.tolist()}


def test_rows_without_a_forecast_are_null_in_json_and_nan_in_bytes(bundle: SeriesBundle) -> None:
    registry, newest = make_registry(bundle), bar_inputs(bundle.bars.select(slice(-202, None)))
    told, outputs = infer(registry, "tiny", write_json(*newest, parameters={"history": "none"}))
    n_empty = bundle.manifest.feature_set.lookback_bars - 1
    predictions = bundle.evaluation.y_pred[n_empty - 202 :].tolist()
    assert outputs["prediction"] == [None] * n_empty + predictions
    assert told["parameters"]["warnings"].startswith(f"{n_empty} rows are look-back only")
    options = {"parameters": {"history": "none", "binary_data_output": True}}
    _, outputs = infer(registry, "tiny", write_json(*newest, **options))
    assert outputs["prediction"][n_empty:] == predictions
    assert all(map(math.isnan, outputs["prediction"][:n_empty]))


def test_labels_without_a_forecast_are_null_in_json_and_empty_in_bytes(direction: SeriesBundle) -> None:
    registry, newest = make_registry(direction), bar_inputs(direction.bars.select(slice(-202, None)))
    n_empty = direction.manifest.feature_set.lookback_bars - 1
    _, outputs = infer(registry, "tiny", write_json(*newest, parameters={"history": "none"}))
    labels = direction.evaluation.y_pred[n_empty - 202 :].tolist()
    assert outputs["prediction"] == [None] * n_empty + labels
    assert outputs["proba"][: 2 * n_empty] == [None] * 2 * n_empty
    options = {"parameters": {"history": "none", "binary_data_output": True}}
    _, outputs = infer(registry, "tiny", write_json(*newest, **options))
    assert outputs["prediction"] == [""] * n_empty + labels
    assert all(map(math.isnan, outputs["proba"][: 2 * n_empty]))


@pytest.mark.parametrize(("values", "datatype"), [(np.array([3, 1]), "INT64"), (np.array([True, False]), "BOOL")])
def test_labels_that_bytes_cannot_leave_out_are_refused_in_bytes(
    tables: Registry, values: np.ndarray, datatype: str
) -> None:
    answer = ask(tables, "diabetes", write_json(*held_out(tables.pick("diabetes").bundle)))
    stages = {"prediction": values}
    two = replace(answer, forecast=replace(answer.forecast, rows=np.array([0, 2]), stages=stages))
    described = TensorMetadata("prediction", datatype, [-1])
    output, _ = write_output(described, two, is_binary=False)
    assert isinstance(output.data, list)
    assert output.data[:4] == [values.tolist()[0], None, values.tolist()[1], None]
    with pytest.raises(InvalidInput, match=f"rows without a forecast have no {datatype} in bytes; ask for JSON"):
        write_output(described, two, is_binary=True)


@pytest.mark.parametrize("labels", [[True, False], [2, -(2**62)], ["ja", "né"], [0.1, 5e-324]])
def test_labels_of_every_type_are_written_alike_in_json_and_bytes(tables: Registry, labels: list[Any]) -> None:
    answer = ask(tables, "diabetes", write_json(tensor("x", [0.0] * 20, shape=[2, 10])))
    two = replace(answer, forecast=replace(answer.forecast, stages={"prediction": np.array(labels)}))
    datatype = {bool: "BOOL", int: "INT64", str: "BYTES", float: "FP64"}[type(labels[0])]
    described = TensorMetadata("prediction", datatype, [-1])
    told, octets = write_output(described, two, is_binary=True)
    text = msgspec.json.encode({"outputs": [told]})
    in_bytes = read_outputs(text + octets, {"Inference-Header-Content-Length": str(len(text))})
    assert in_bytes == {"prediction": labels}
    in_json = msgspec.json.encode({"outputs": [write_output(described, two, is_binary=False)[0]]})
    assert read_outputs(in_json, {}) == {"prediction": labels}
