"""What a command imports: most of the time until it starts."""

import socket
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.hostile_service import serve_bytes

RUN_AND_LIST = """
import sys
sys.argv = ["lockstep", *sys.argv[1:]]
from lockstep.cli.main import main
try:
    main()
finally:
    print("imported", *sys.modules, file=sys.stderr)
"""
SLOW = {"cryptography", "flask", "gunicorn", "jinja2", "matplotlib", "numpy", "pandas", "pyarrow", "requests", "rich",
        "scipy", "sklearn", "treelite"}  # fmt: skip


def list_slow(*arguments: str) -> set[str]:
    """Return which of the slow libraries a command has imported when it ends."""
    command = [sys.executable, "-c", RUN_AND_LIST, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    imported = done.stderr.splitlines()[-1].split()
    assert imported[0] == "imported"
    return SLOW & set(imported)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["keys", "new", "me"], ["init", "--help"]])
def test_commands_that_compute_nothing_import_no_slow_library(arguments: list[str]) -> None:
    assert list_slow(*arguments) == set()


def test_a_forecast_needs_no_more_than_a_service() -> None:
    assert list_slow("forecast", "msft") == {"numpy"}


def test_parity_has_imported_what_it_asks_with_and_no_more_when_it_asks() -> None:
    asked: list[None] = []

    def refuse(connection: socket.socket) -> None:
        asked.append(None)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with serve_bytes(refuse) as url:
        slow = list_slow("parity", url)
    assert (slow, len(asked)) == ({"numpy", "requests", "rich"}, 1)
