"""How soon the commands that people type most do something."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from qa.default_bundle import DEFAULT_BUNDLE

COMMAND = (sys.executable, "-m", "lockstep")
TIMEOUT_S = 30.0
HELP, NEW_KEY, PARITY = "lockstep --help", "lockstep keys new", "lockstep parity, to its first request"


def time_commands(launches: int) -> dict[str, float]:
    """Return the median seconds of each command; one launch more fills the caches."""
    commands: dict[str, Callable[[], None]] = {
        HELP: lambda: _run("--help"),
        NEW_KEY: lambda: _run("keys", "new", "someone"),
        PARITY: _await_first_request,
    }
    return {name: _time(command, launches) for name, command in commands.items()}


def _time(command: Callable[[], None], launches: int) -> float:
    seconds = []
    for _ in range(launches + 1):
        started = time.perf_counter()
        command()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def _run(*arguments: str) -> None:
    subprocess.run([*COMMAND, *arguments], capture_output=True, timeout=TIMEOUT_S, check=True)  # noqa: S603 - our own


def _await_first_request() -> None:
    """Return when the command connects to the service that it is given, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as service:
        service.settimeout(TIMEOUT_S)
        url = f"http://127.0.0.1:{service.getsockname()[1]}"
        asked = [*COMMAND, "parity", url, "--bundle", str(DEFAULT_BUNDLE)]
        with subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
            try:
                service.accept()[0].close()
            finally:
                process.kill()
