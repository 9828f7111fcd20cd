"""The answers of `/v2` against the OpenAPI file of the Open Inference Protocol itself."""

import http.client
import json
import os
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from qa.doors.asking import count_equal
from qa.doors.clients.job import Answers, Job
from qa.doors.clients.tensors import make_tensors
from qa.doors.outcome import Outcome
from qa.doors.subjects import Subject
from qa.errors import RunFailed
from qa.servers import ROOT

FILE = Path(os.environ.get("OIP", ROOT.parent / "shared/reference/oip/open_inference_rest.yaml"))
VERSION = "1"
TIMEOUT_S = 60.0
REQUEST, ERROR = "inference_request", "inference_error_response"


@dataclass(frozen=True)
class Protocol:
    """The protocol's own file, and a model of a service that it is held against."""

    described: dict[str, Any]
    subject: Subject
    address: str

    def check(self, body: object, schema: str, what: str) -> None:
        """Raise `RunFailed` with the first member of a body that its schema does not allow."""
        validator = jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{schema}", "components": self.described["components"]}
        )
        if error := next(validator.iter_errors(body), None):
            raise RunFailed(f"{what}: {error.message}, at {error.instance_path}, by the schema {schema}")

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Return the status and the body of an answer."""
        connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_S)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def name_model(self, path: str) -> str:
        """Return a path of the file with the model in it."""
        return path.replace("${MODEL_NAME}", self.subject.model).replace("${MODEL_VERSION}", VERSION)

    def write_request(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return a request that posts every row as JSON tensors."""
        job = Job("", self.subject.model, self.subject.columns, self.subject.types, self.subject.rows, "", "")
        inputs = [
            {"name": each.name, "datatype": each.datatype, "shape": each.shape, "data": each.values.tolist()}
            for each in make_tensors(job, metadata)
        ]
        return {"id": "doors", "inputs": inputs}


def read_protocol() -> dict[str, Any]:
    """Return the protocol's file; raise `RunFailed` if it is not there."""
    if not FILE.exists():
        raise RunFailed(f"{FILE} is missing, the protocol's own OpenAPI file; the variable OIP names it elsewhere")
    return yaml.safe_load(FILE.read_text())


def check_schema(subject: Subject, url: str) -> Outcome:
    """Return the outcome of each operation in the protocol's file, and of a request that is refused."""
    answers = Answers("-")
    broken, values = "", 0
    try:
        described = read_protocol()
        answers.version = described["info"]["version"]
        _check_all(Protocol(described, subject, url.removeprefix("http://")), answers)
        values = sum(count_equal(vars(call), subject) for call in answers.calls)
    except RunFailed as error:
        broken = str(error)
    requests = answers.beside + len(answers.calls)
    return Outcome("oip", "its own OpenAPI file", answers.version, subject.model, requests, values, broken)


def _check_all(protocol: Protocol, answers: Answers) -> None:
    for path, operations in protocol.described["paths"].items():
        for method in sorted(operations.keys() & {"get", "post"}):
            _check_operation(protocol, answers, method, path)
    _check_refusal(protocol, answers)


def _check_operation(protocol: Protocol, answers: Answers, method: str, path: str) -> None:
    """Send what the operation takes, and check the status and the body that come back."""
    named, sent = protocol.name_model(path), None
    if method == "post":
        _, metadata = protocol.ask("GET", named.removesuffix("/infer"))
        sent = protocol.write_request(json.loads(metadata))
        protocol.check(sent, REQUEST, "the request")
    status, body = protocol.ask(method.upper(), named, sent)
    what = f"{method.upper()} {named} answered {status}"
    response = protocol.described["paths"][path][method]["responses"].get(str(status))
    if status != HTTPStatus.OK or response is None:
        raise RunFailed(f"{what}: {body[:200]!r}")
    if "content" in response:
        answer = json.loads(body)
        protocol.check(answer, response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2], what)
    if method == "post":
        answers.add(named, {output["name"]: output["data"] for output in answer["outputs"]})
    else:
        answers.beside += 1


def _check_refusal(protocol: Protocol, answers: Answers) -> None:
    """Send a request without inputs, which the schema does not allow either."""
    path = protocol.name_model("/v2/models/${MODEL_NAME}/infer")
    status, body = protocol.ask("POST", path, {})
    if status != HTTPStatus.BAD_REQUEST:
        raise RunFailed(f"POST {path} without inputs answered {status}; the protocol has 400")
    answer = json.loads(body)
    protocol.check(answer, ERROR, f"POST {path} without inputs")
    if "error" not in answer:  # the schema does not ask for its only member
        raise RunFailed(f"POST {path} without inputs: there is no `error` in {body[:200]!r}")
    answers.beside += 1
