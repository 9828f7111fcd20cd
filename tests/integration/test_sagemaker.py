"""The command of Dockerfile.sagemaker, as SageMaker runs it: the argument `serve`, the port of the file, SIGTERM."""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import requests

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import DATE
from lockstep.doors.stored import write_frame
from lockstep.scoring.settings import read_settings
from qa.servers import App, Server, find_free_port, run_server
from tests.conftest import ROOT

IMAGE = (ROOT / "Dockerfile.sagemaker").read_text()
PING_TIMEOUT_S = 2
"""What SageMaker waits for an answer to /ping."""
PORT = 8080
FROM_ELSEWHERE = {"Host": "container.sagemaker", "X-Forwarded-For": "10.32.0.2"}
"""What no request of this machine would carry: the platform is another one."""
ROWS = 100


def read_instruction(name: str) -> list[str]:
    """Return the command of ENTRYPOINT or CMD."""
    [command] = re.findall(rf"^{name} (\[.*\])$", IMAGE, re.MULTILINE)
    return [str(part) for part in json.loads(command)]


def read_environ() -> dict[str, str]:
    """Return the variables of the image's last layers."""
    [block] = re.findall(r"^ENV ((?:.*\\\n)*.*)$", IMAGE, re.MULTILINE)
    return dict(re.findall(r"(\w+)=(\S+)", block))


@contextmanager
def run_image() -> Iterator[Server]:
    """Run the image's command, without the image, on a port of its own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = (*read_instruction("ENTRYPOINT"), "serve")
    environ = {**read_environ(), "PATH": path, "PORT": str(find_free_port())}
    with run_server(App("Dockerfile.sagemaker", command, environ, probe="/ping")) as started:
        yield started


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_image() as started:
        yield started


def post(server: Server, body: bytes, media_type: str) -> requests.Response:
    headers = {"Content-Type": media_type, "Accept": media_type, **FROM_ELSEWHERE}
    return requests.post(f"{server.url}/invocations", body, headers=headers, timeout=30)


def test_the_image_is_that_of_the_web_process() -> None:
    assert re.findall(r"^(ARG|FROM) (.*)$", IMAGE, re.MULTILINE) == [
        ("ARG", "WEB_IMAGE=lockstep-web"),
        ("FROM", "${WEB_IMAGE}"),
    ]
    assert "docker build --file Dockerfile.web --tag lockstep-web ." in (ROOT / "docs" / "hosting.md").read_text()
    assert not re.search(r"^(USER|WORKDIR|RUN|COPY)", IMAGE, re.MULTILINE)


def test_it_serves_with_and_without_the_argument_on_the_port_that_sagemaker_asks() -> None:
    assert read_instruction("CMD") == ["serve"]
    assert read_environ()["PORT"] == str(PORT)


def test_ping_is_answered_in_time(server: Server) -> None:
    answer = requests.get(f"{server.url}/ping", headers=FROM_ELSEWHERE, timeout=PING_TIMEOUT_S)
    assert answer.status_code == 200


def test_rows_in_json_are_answered_without_a_key(server: Server, default_bundle: SeriesBundle) -> None:
    frame = write_frame(default_bundle.bars.select(slice(-ROWS, None)))
    answer = post(server, msgspec.json.encode({"dataframe_split": frame}), "application/json")
    assert answer.json() == {"predictions": default_bundle.evaluation.y_pred[-ROWS:].tolist()}


def test_rows_in_csv_are_answered_in_csv(server: Server, default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-ROWS, None))
    frame = write_frame(bars)
    lines = [",".join([DATE, *bars.columns]), *(",".join(map(str, row)) for row in frame["data"])]  # type: ignore[attr-defined]
    answer = post(server, "\n".join(lines).encode(), "text/csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv")
    assert answer.text.splitlines() == [repr(value) for value in default_bundle.evaluation.y_pred[-ROWS:].tolist()]


def test_the_platform_is_not_counted_as_one_caller() -> None:
    assert read_settings(read_environ()).rate_limit is None


def test_sigterm_ends_it_with_0() -> None:
    with run_image() as server:
        assert server.stop() == 0
