"""Servers of others that serve our models; the parity suite goes through their doors."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lockstep.parity.record import Record
from qa.dist.steps import run
from qa.doors.asking import find_python
from qa.doors.outcome import Outcome
from qa.doors.plan import read_version
from qa.doors.subjects import Subject
from qa.errors import RunFailed
from qa.servers import ROOT, App, make_environ, run_server
from qa.uwsgi.service import make_uwsgi

LOCKSTEP = Path(sys.executable).parent / "lockstep"
OURS = ""
"""Stands for our own routes, which the suite asks unless a door is named."""
SUITE_TIMEOUT_S = 120.0
START_TIMEOUT_S = 90.0
"""MLflow's server takes 10 s to start, alone on the machine."""


@dataclass(frozen=True)
class Peer:
    """A server: its name, package and environment, what it serves, and the doors that are tried with each model."""

    name: str
    package: str
    environment: str
    serves: str
    tried: Mapping[str, tuple[str, ...]]
    make_app: Callable[[Path, Subject, Path], App]

    @property
    def version(self) -> str:
        """Return the locked version of the package."""
        return read_version(self.environment, self.package)


def try_peer(peer: Peer, subject: Subject, folder: Path) -> Iterator[Outcome]:
    """Yield the outcome of the suite through each door of a server with one model; `folder` is empty."""
    try:
        app = peer.make_app(find_python(peer.environment).parent, subject, folder)
        with run_server(app) as server:
            for door in peer.tried[subject.model]:
                yield compare(peer, subject, server.url, door)
    except RunFailed as error:
        yield Outcome("-", peer.name, peer.version, subject.model, 0, 0, str(error))


def compare(peer: Peer, subject: Subject, url: str, door: str) -> Outcome:
    """Return what the suite found at a URL."""
    command = [str(LOCKSTEP), "parity", url, "--bundle", str(subject.folder), "--json"]
    ended = subprocess.run(  # noqa: S603 -- our own command
        [*command, *(("--door", door) if door else ())],
        cwd=ROOT,
        env=make_environ({}),
        capture_output=True,
        text=True,
        timeout=SUITE_TIMEOUT_S,
        check=False,
    )
    try:
        record = msgspec.json.decode(ended.stdout, type=Record)
    except msgspec.DecodeError:
        raise RunFailed(f"`{' '.join(command)}` exited with {ended.returncode}", ended.stderr) from None
    requests = sum(route.requests for route in record.latency)
    compared = sum(check.compared for check in record.checks)
    found = [f"{check.name}: {line}" for check in record.checks for line in check.findings[:1]]
    broken = "" if ended.returncode == 0 else "\n".join([record.verdict, record.shortfall, *found])
    return Outcome(door or "all of ours", peer.name, peer.version, subject.model, requests, compared, broken)


def serve_mlflow(bin_folder: Path, subject: Subject, folder: Path) -> App:
    """Return `mlflow models serve` of what `lockstep export mlflow` writes."""
    exported = folder / "exported"
    run([LOCKSTEP, "export", "mlflow", exported, "--bundle", subject.folder], ROOT)
    served = ("models", "serve", "--model-uri", str(exported), "--env-manager", "local", "--host", "127.0.0.1")
    shell = ("sh", "-c", 'exec "$@" --port "$PORT"', "sh")
    environ = {
        "PATH": f"{bin_folder}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
    }
    command = (*shell, str(bin_folder / "mlflow"), *served)
    return App("mlflow models serve", command, environ, folder, "/ping", START_TIMEOUT_S)


def serve_azure(bin_folder: Path, subject: Subject, folder: Path) -> App:
    """Return Azure's inference server with backend/score.py, the model mounted as Azure mounts it."""
    (folder / subject.model).symlink_to(subject.folder.parent)
    environ = {
        "AML_APP_ROOT": str(ROOT / "backend"),
        "AZUREML_ENTRY_SCRIPT": "score.py",
        "AZUREML_MODEL_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "LOCKSTEP_RATE_LIMIT": "999999999/minute",
    }
    entry = "azureml_inference_server_http.server.entry:app"
    shell = ("sh", "-c", 'exec "$0" --bind "127.0.0.1:$PORT" "$1"')
    command = (*shell, str(bin_folder / "gunicorn"), entry)
    return App("Azure's inference server", command, environ, folder, "/", START_TIMEOUT_S)


def serve_uwsgi(_: Path, subject: Subject, __: Path) -> App:
    """Return the application under uWSGI."""
    return make_uwsgi(environ={"LOCKSTEP_MODELS": str(subject.folder.parent)})


PEERS = (
    Peer(
        "mlflow models serve",
        *("mlflow", "mlflow", "what `lockstep export mlflow` writes"),
        {"msft": ("mlflow",), "table-hist-boosting": ("mlflow",), "iris": ("mlflow",)},
        serve_mlflow,
    ),
    Peer(
        "azureml_inference_server_http",
        *("azureml-inference-server-http", "azure", "`backend/score.py`"),
        {"breast-cancer": ("azure",), "iris": ("azure",)},
        serve_azure,
    ),
    Peer(
        "uWSGI",
        *("uwsgi", "uwsgi", "the application, by `backend/uwsgi.ini`"),
        {"msft": ("mlflow", "oip"), "iris": (OURS, "predict", "azure"), "sentiment": ("predict",)},
        serve_uwsgi,
    ),
)
