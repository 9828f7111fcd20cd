"""What the unit of examples/ec2 asks Docker for, recorded by an engine that starts nothing."""

import json
import re
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any

from qa.nginx.examples import read_user_data
from qa.nginx.machine import UNIT
from qa.nginx.tools import DOCKER
from qa.servers import TIMEOUT_S, make_environ

IMAGE, ENTRY = "registry.example.com/lockstep:1", "name:0123"
BOUNDS = {
    "ReadonlyRootfs": True,
    "Tmpfs": {"/tmp": "size=16m,mode=1777"},  # noqa: S108 -- the container's own
    "Binds": None,
    "Privileged": False,
    "CapAdd": None,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges"],
    "Memory": 512 * 2**20,
    "MemorySwap": 512 * 2**20,
    "PidsLimit": 256,
    "PortBindings": {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5000"}]},
}


def bound_the_container() -> list[str]:
    """Show that the unit has Docker run the image without rights, within bounds, with the key of its environment."""
    command = re.search(r"^ExecStart=(.*?[^\\])$", read_user_data()[UNIT], re.MULTILINE | re.DOTALL)
    words = shlex.split(command[1].replace("\\\n", " ").replace("${LOCKSTEP_IMAGE}", IMAGE)) if command else []
    with record_requests() as (address, created):
        environ = make_environ({"DOCKER_HOST": f"unix://{address}", "LOCKSTEP_API_KEYS": ENTRY})
        told = subprocess.run(  # noqa: S603 -- Docker's client, which talks to the engine above
            [DOCKER.find(), *words[1:]], env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    if len(created) != 1:
        return [f"{len(created)} containers are asked for: {told.stderr.strip()}"]
    [asked] = created
    expected: dict[str, object] = {"Image": IMAGE, "Env": [f"LOCKSTEP_API_KEYS={ENTRY}", "LOCKSTEP_TRUSTED_PROXIES=1"]}
    # Docker's client reads the variables from a map and sends them in any order
    given = {**asked["HostConfig"], "Image": asked["Image"], "Env": sorted(asked["Env"])}
    return [f"{name} is {given[name]}" for name, value in {**BOUNDS, **expected}.items() if given[name] != value]


class Engine(BaseHTTPRequestHandler):
    """Answers Docker's client until it has asked for a container, which it does not get."""

    server: "Recorder"

    def do_GET(self) -> None:
        """Answer that the engine is there."""
        self._answer(200, "{}")

    do_HEAD = do_GET  # noqa: N815 -- the name that http.server looks for

    def do_POST(self) -> None:
        """Record what is asked for."""
        self.server.created.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(500, '{"message": "recorded"}')

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Api-Version", "1.43")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Recorder(ThreadingUnixStreamServer):
    """The engine's socket."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), Engine)
        self.created: list[dict[str, Any]] = []


@contextmanager
def record_requests() -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Run the engine inside a `with` block; give the path of its socket and the list of what is asked for."""
    with tempfile.TemporaryDirectory() as name, Recorder(Path(name) / "docker.sock") as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Path(name) / "docker.sock", server.created
        finally:
            server.shutdown()
            thread.join()
