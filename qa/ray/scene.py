"""A head that serves one model, as faults look at it: its versions, replicas and processes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import RunFailed
from qa.ray.head import Head
from qa.ray.service import DEPLOYMENT, deploy, make_application, read_applications

RECOVER_S, POLL_S = 60.0, 0.1


@dataclass(frozen=True)
class Scene:
    """A head that serves, and the model whose versions are deployed."""

    head: Head
    model: Path

    def deploy(self, version: int, **options: Any) -> None:
        """Deploy a version of the model."""
        environ = {"LOCKSTEP_MODELS": str(self.model), "LOCKSTEP_ALIASES": f"{self.model.name}@champion={version}"}
        deploy(self.head, [make_application(environ=environ, **options)])

    def replicas(self) -> list[int]:
        """Return the process ids of the replicas that answer."""
        [application] = read_applications(self.head).values()
        replicas = application["deployments"][DEPLOYMENT]["replicas"]
        return [each["pid"] for each in replicas if each["state"] == "RUNNING"]

    def find(self, name: str) -> int:
        """Return the process id of one of Ray's own processes, by the name that it shows."""
        shown = f"ray::{name}".encode()
        found = [pid for pid in self.head.pids if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(shown)]
        if len(found) != 1:
            raise RunFailed(f"{len(found)} processes are called {name}")
        return found[0]

    def wait(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Return as soon as `holds()` is true; raise `RunFailed` after two minutes."""
        deadline = time.monotonic() + RECOVER_S
        while not holds():
            if time.monotonic() > deadline:
                raise RunFailed(otherwise)
            time.sleep(POLL_S)

    def has_replicas(self, count: int) -> bool:
        """Return whether so many replicas answer."""
        return len(self.replicas()) == count

    def has_another(self, name: str, before: int) -> bool:
        """Return whether a process of Ray's has been started in place of one."""
        try:
            return self.find(name) != before
        except (RunFailed, OSError):
            return False
