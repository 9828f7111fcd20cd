"""The application answers, bit for bit, what was evaluated. `make test` runs this file."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockstep.applications import find_application
from lockstep.bundles.versions import list_models

APPLICATION = find_application(Path(__file__).parent)
MODELS = [model.name for model in list_models(APPLICATION.models)]
BOOT_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("LOCKSTEP_", "WEB_CONCURRENCY"))}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the application on a free port of this machine, as `make run` and the image do."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "backend/gunicorn.conf.py", "backend.wsgi:app"]
    log = tmp_path_factory.mktemp("service") / "log"
    with log.open("wb") as output:
        environ = {**ENVIRON, "PORT": str(port)}
        service = subprocess.Popen(command, cwd=APPLICATION.folder, stdout=output, stderr=output, env=environ)
    try:
        wait_until_ready(service, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        service.terminate()
        service.wait(STOP_TIMEOUT_S)


def wait_until_ready(service: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + BOOT_TIMEOUT_S
    while service.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):  # noqa: S310 -- an address on loopback
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail(f"the application is not ready:\n{log.read_text()}")


def run_lockstep(*arguments: str | Path) -> None:
    """Run a command in the application's folder; fail with what it printed unless it ends with 0."""
    command = [sys.executable, "-m", "lockstep", *map(str, arguments)]
    ended = subprocess.run(command, cwd=APPLICATION.folder, env=ENVIRON, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.fail(f"lockstep {arguments[0]} exited with {ended.returncode}:\n{ended.stdout}{ended.stderr}")


def test_every_version_reproduces_its_evaluation() -> None:
    assert MODELS
    run_lockstep("verify", APPLICATION.models)


@pytest.mark.parametrize("model", MODELS)
def test_the_service_answers_what_was_evaluated(url: str, model: str) -> None:
    run_lockstep("parity", url, "--model", model)
