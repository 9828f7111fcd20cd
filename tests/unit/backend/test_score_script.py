"""The scoring script without Azure's server, of which it needs a decorator; `make doors` runs it under the real one."""

import json
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import yaml
from flask import Flask, Response, g, request
from sklearn.tree import DecisionTreeClassifier

from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from tests.conftest import ROOT
from tests.small_tables import load_table, save_table

SERVER = "azureml_inference_server_http.api.aml_request"
REQUEST_ID = "12345678-1234-1234-1234-1234567890ab"
AZURE = ROOT / "examples" / "azure"
ROW = [5.9, 3.0, 5.1, 1.8]


class Registered(NamedTuple):
    """A saved version, and a folder as Azure mounts it."""

    version: Path
    mounted: Path


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Registered:
    recipe = TableRecipe("iris", "target", DecisionTreeClassifier(random_state=1))
    version = save_table(tmp_path_factory.mktemp("models"), load_table("iris"), recipe)
    mounted = tmp_path_factory.mktemp("mounted")
    shutil.copytree(version.parent, mounted / "iris")
    (mounted / "a file").touch()
    return Registered(version, mounted)


@pytest.fixture
def ask(registered: Registered, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Response]:
    """Post to the script as Azure's server does: inside a request of its own app, which has an id."""
    server = ModuleType(SERVER)
    server.rawhttp = lambda run: run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, SERVER, server)
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(registered.mounted))
    script = runpy.run_path(str(ROOT / "backend" / "score.py"))
    script["init"]()

    def post(**sent: Any) -> Response:
        with Flask("azure").test_request_context("/score", environ_base={"REMOTE_ADDR": "127.0.0.1"}, **sent):
            g.request_id = REQUEST_ID
            answer: Response = script["run"](request)
            assert g.request_id == REQUEST_ID
            return answer

    return post


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("body", [{"data": ROW}, {"data": [ROW], "method": "predict_proba"}, {"data": [1]}, {}])
def test_it_answers_as_the_service(
    registered: Registered, ask: Callable[..., Response], body: object, content_type: str
) -> None:
    sent = {"method": "POST", "data": json.dumps(body), "content_type": content_type}
    service = create_app(Settings(models=(registered.version,))).test_client()
    expected = service.post("/score", headers={"X-Request-Id": REQUEST_ID}, **{**sent, "method": "POST"})
    answer = ask(**sent)
    assert isinstance(answer, Response)
    assert (answer.status_code, answer.data) == (expected.status_code, expected.data)
    assert sorted(answer.headers) == sorted(expected.headers)


def test_a_get_is_refused_with_the_method_that_it_takes(ask: Callable[..., Response]) -> None:
    answer = ask(method="GET")
    assert (answer.status_code, "POST" in answer.headers["Allow"]) == (405, True)
    assert json.loads(answer.data)["request_id"] == REQUEST_ID


def test_a_request_through_a_proxy_needs_the_setting_of_the_deployments(
    ask: Callable[..., Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    forwarded = {"method": "POST", "data": json.dumps({"data": ROW}), "headers": {"X-Forwarded-For": "192.0.2.1"}}
    assert ask(**forwarded).status_code == 401


def read(name: str) -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((AZURE / f"{name}.yml").read_text())
    return described


def test_the_deployments_of_the_endpoint_exist_and_share_all_traffic() -> None:
    endpoint, model, environment = read("endpoint"), read("model"), read("environment")
    assert sum(endpoint["traffic"].values()) == 100
    for name in endpoint["traffic"]:
        deployment = read(name)
        assert (deployment["name"], deployment["endpoint_name"]) == (name, endpoint["name"])
        assert deployment["model"].startswith(f"azureml:{model['name']}:")
        assert deployment["environment"] == f"azureml:{environment['name']}:{environment['version']}"
        script = deployment["code_configuration"]
        assert (AZURE / script["code"] / script["scoring_script"]).resolve() == ROOT / "backend" / "score.py"
        assert deployment["environment_variables"]["LOCKSTEP_ALLOW_ANONYMOUS"] == "1"
    assert (AZURE / environment["conda_file"]).exists()


def test_the_environment_has_the_server_that_the_tests_run_under() -> None:
    *_, pip = read("conda")["dependencies"]
    locked = (ROOT / "requirements" / "doors" / "azure.txt").read_text()
    assert f"\n{pip['pip'][0]} " in locked
