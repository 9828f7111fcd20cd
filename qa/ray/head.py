"""A head of Ray's in a network of its own, ended by process ids whatever happens."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from qa.errors import RunFailed, ToolMissing
from qa.ray.network import own_network
from qa.servers import ROOT, TIMEOUT_S, find_free_port, make_environ

ENVIRONMENT = ROOT / ".venv-ray"
INSTALL = "make .venv-ray/.installed"
MARK = "QA_RAY_HEAD"
"""A variable that every process of a head inherits: what is left over is found by it."""
START_S, POLL_S = 180.0, 0.1
END_S = 20.0
ATTEMPTS = 2
"""Ray gives up others of its own steps after half a minute as well."""

OBJECT_STORE_BYTES = 100_000_000
PORTS = ("port", "dashboard-port", "metrics-export-port")
"""What a run has to know of a head. Ray looks for other heads by their command lines, which a network does not hide."""
HAPROXY = {"RAY_SERVE_ENABLE_HA_PROXY": "1"}
"""What puts HAProxy in the place of Serve's own proxy."""
HAPROXY_FILES = {
    "CONFIG_FILE_LOC": "haproxy.cfg",
    "SOCKET_PATH": "haproxy.sock",
    "SERVER_STATE_BASE": "",
    "SERVER_STATE_FILE": "server-state",
}
"""Where it keeps its files, which two heads on one machine would both take."""
APPLICATIONS = "/api/serve/applications/"


@dataclass(frozen=True)
class Head:
    """A head that runs: the ports it was given, the token that its doors ask for, and the folder of its files."""

    ports: Mapping[str, int]
    token: str
    folder: Path
    environ: Mapping[str, str]
    mark: str
    http_port: int = field(default_factory=find_free_port)

    @property
    def address(self) -> str:
        """Return what RAY_ADDRESS names for `ray.init`."""
        return f"127.0.0.1:{self.ports['port']}"

    @property
    def url(self) -> str:
        """Return where Serve answers, once something is deployed."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def log(self) -> Path:
        """Return the file of what the head itself writes."""
        return self.folder / "head.log"

    @property
    def pids(self) -> list[int]:
        """Return the process ids of everything that the head has started and that still runs."""
        return list(find_marked(self.mark))

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return the status and the JSON of the dashboard's answer, None where it is no JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['dashboard-port']}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 -- the same
                return answer.status, _read_json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _read_json(error.read())

    def read_logs(self) -> str:
        """Return what the processes of Serve have written."""
        logs = sorted((self.folder / "session_latest" / "logs" / "serve").glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}" for path in logs)


@contextmanager
def run_head(cpus: int = 2, environ: Mapping[str, str] | None = None) -> Iterator[Head]:
    """Run a head inside a `with` block, with nothing deployed; `environ` is what its replicas inherit.

    Raises `RunFailed` with what the head wrote. At the end every process that it started has ended.
    """
    ray = ENVIRONMENT / "bin" / "ray"
    if not ray.is_file():
        raise ToolMissing(f"Ray is not installed; {INSTALL}")
    with own_network():
        yield from _run(ray, cpus, environ or {})


def _run(ray: Path, cpus: int, environ: Mapping[str, str]) -> Iterator[Head]:
    folder = Path(tempfile.mkdtemp(prefix="r-", dir="/tmp"))
    mark, token = secrets.token_hex(8), secrets.token_hex(32)
    added = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_raylet_start_wait_time_s": f"{START_S:.0f}",  # 30 s are too few on a machine that is busy
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": token,
        "PYTHONPATH": str(ROOT),
        MARK: mark,
        **{f"RAY_SERVE_HAPROXY_{name}": str(folder / file) for name, file in HAPROXY_FILES.items()},
        **environ,
    }
    head = Head({name: find_free_port() for name in PORTS}, token, folder, make_environ(added), mark)
    process = None
    try:
        process = _start(make_command(ray, head, cpus), head)
        yield head
    except RunFailed as error:
        error.log += f"\n{head.log.read_text(errors='replace')}\n{head.read_logs()}"
        raise
    finally:
        end_marked(mark)
        if process is not None:
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: Sequence[str], head: Head) -> "subprocess.Popen[bytes]":
    """Start a head and return it once its dashboard answers; raise `RunFailed` if it does not, each time."""
    for _ in range(ATTEMPTS):
        with head.log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=head.environ, stdout=output, stderr=output)  # noqa: S603
        if _is_up(head, process):
            return process
        end_marked(head.mark)
        process.wait()
    raise RunFailed(f"Ray's head did not start, {ATTEMPTS} times")


def _is_up(head: Head, process: "subprocess.Popen[bytes]") -> bool:
    """Return whether the dashboard of a head answers before the head ends, or it takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            if head.ask("GET", APPLICATIONS)[0] == HTTPStatus.OK:
                return True
        time.sleep(POLL_S)
    return False


def make_command(ray: Path, head: Head, cpus: int) -> list[str]:
    """Return the command that starts a head; it ends when whoever started it is gone."""
    options = {
        **head.ports,
        "node-ip-address": "127.0.0.1",
        "dashboard-host": "127.0.0.1",
        "temp-dir": head.folder,
        "num-cpus": cpus,
        "object-store-memory": OBJECT_STORE_BYTES,
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return ["setpriv", "--pdeathsig", "TERM", str(ray), "start", "--head", "--block", "--disable-usage-stats", *given]


def find_marked(mark: str) -> Iterator[int]:
    """Yield the process ids of what inherited a mark."""
    sought = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if sought in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


def end_marked(mark: str) -> None:
    """Kill by its id whatever inherited a mark, until nothing is left."""
    deadline = time.monotonic() + END_S
    while (left := list(find_marked(mark))) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_S)


def _read_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
