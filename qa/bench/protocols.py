"""The protocols of others: this service beside the servers that they come from, with the same fitted model.

Those run in environments of their own, with two workers as this service has. MLServer reads no binary tensors over
HTTP, so it gets the same rows as JSON.
"""

import csv
import io
import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lockstep.bundles.bundle import MODEL_FILE
from qa.bench.apps import Posted, Side
from qa.bench.cases import Case
from qa.bench.models import COLUMNS, FLOWERS
from qa.doors.asking import find_python
from qa.doors.peers import START_TIMEOUT_S
from qa.errors import RunFailed
from qa.servers import App, find_free_port
from qa.service import WORKERS, make_service

CSV, MLFLOW, BINARY, MLSERVER = "g", "h", "i", "j"
SAVE = Path(__file__).parent / "save_mlflow.py"
INFER = f"/v2/models/{FLOWERS}/infer"
HEADER_LENGTH = "Inference-Header-Content-Length"
JSON_TYPE, CSV_TYPE, BINARY_TYPE = "application/json", "text/csv", "application/octet-stream"


def make_csv_sides(models: Path, folder: Path, web_python: Path) -> dict[str, Side]:
    """Return this service and `mlflow models serve`, to which rows are posted as CSV; `folder` gets MLflow's model."""
    service = replace(make_service(models / FLOWERS, python=web_python), name="(g) this service, CSV")
    return {
        CSV: Side(service, lambda _: "/invocations", _are_predictions, write_csv),
        MLFLOW: Side(_make_mlflow(models, folder), lambda _: "/invocations", _are_predictions, write_csv),
    }


def make_tensor_sides(models: Path, folder: Path, web_python: Path) -> dict[str, Side]:
    """Return this service, to which rows are posted as binary tensors, and MLServer, which gets them as JSON."""
    service = replace(make_service(models / FLOWERS, python=web_python), name="(i) this service, /v2 binary")
    return {
        BINARY: Side(service, lambda _: INFER, _are_tensors, write_binary),
        MLSERVER: Side(_make_mlserver(models, folder), lambda _: INFER, _are_tensors, write_tensor),
    }


def write_csv(case: Case) -> Posted:
    """Return the rows of a case as CSV with a header line."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *_read_rows(case)])
    return Posted(text.getvalue().encode(), {"Content-Type": CSV_TYPE})


def write_tensor(case: Case) -> Posted:
    """Return the rows of a case as one tensor of JSON."""
    data = [cell for row in _read_rows(case) for cell in row]
    return Posted(json.dumps({"inputs": [{**_describe(case), "data": data}]}).encode(), {"Content-Type": JSON_TYPE})


def write_binary(case: Case) -> Posted:
    """Return the rows of a case as one binary tensor."""
    values = np.array(_read_rows(case), "<f8").tobytes()
    tensor = {**_describe(case), "parameters": {"binary_data_size": len(values)}}
    head = {"inputs": [tensor], "outputs": [{"name": "prediction"}]}  # MLServer's model has no other
    text = json.dumps(head).encode()
    return Posted(text + values, {"Content-Type": BINARY_TYPE, HEADER_LENGTH: str(len(text))})


def _read_rows(case: Case) -> list[list[float]]:
    rows: list[list[float]] = json.loads(case.body)["dataframe_split"]["data"]
    return rows


def _describe(case: Case) -> dict[str, Any]:
    return {"name": "input", "shape": [case.rows, len(COLUMNS)], "datatype": "FP64"}


def _are_predictions(case: Case, answer: bytes) -> bool:
    return bool(json.loads(answer)["predictions"] == json.loads(case.answer))


def _are_tensors(case: Case, answer: bytes) -> bool:
    """Return whether the first tensor of a JSON answer holds the labels."""
    told, _ = json.JSONDecoder().raw_decode(answer.decode("latin-1"))  # bytes follow only for outputs asked as bytes
    return bool(told["outputs"][0]["data"] == json.loads(case.answer))


def _make_mlflow(models: Path, folder: Path) -> App:
    binaries, model = find_python("mlflow").parent, folder / "mlflow"
    command = [str(binaries / "python"), str(SAVE), str(models / FLOWERS / "1" / MODEL_FILE), str(model), *COLUMNS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise RunFailed("MLflow's model cannot be saved", done.stderr)
    serve = f"exec mlflow models serve -m {model} --env-manager local -h 127.0.0.1 -p $PORT --workers {WORKERS}"
    environ = {"PATH": f"{binaries}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return App("(h) mlflow models serve, CSV", ("sh", "-c", serve), environ, folder, "/ping", START_TIMEOUT_S)


def _make_mlserver(models: Path, folder: Path) -> App:
    binaries, model = find_python("mlserver").parent, folder / "mlserver"
    model.mkdir()
    (model / MODEL_FILE).write_bytes((models / FLOWERS / "1" / MODEL_FILE).read_bytes())
    parameters = {"uri": f"./{MODEL_FILE}", "version": "1"}
    settings = {"name": FLOWERS, "implementation": "mlserver_sklearn.SKLearnModel", "parameters": parameters}
    (model / "model-settings.json").write_text(json.dumps(settings))
    serve = f"MLSERVER_HTTP_PORT=$PORT exec {binaries}/mlserver start {model}"
    ports = {f"MLSERVER_{name}_PORT": str(find_free_port()) for name in ("GRPC", "METRICS")}
    environ = {"MLSERVER_HOST": "127.0.0.1", "MLSERVER_PARALLEL_WORKERS": str(WORKERS), **ports}
    return App(
        "(j) MLServer, /v2 JSON", ("sh", "-c", serve), environ, folder, f"/v2/models/{FLOWERS}/ready", START_TIMEOUT_S
    )
