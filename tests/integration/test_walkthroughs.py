"""The examples that are walked through: every command of their pages runs, and prints what the page shows."""

import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qa.servers import App, Server, run_server, wait_until
from qa.service import STEADY
from tests.commands import COMMAND, PYTHON, run_command, run_script
from tests.conftest import ROOT
from tests.pages import copy_application
from tests.unit.test_checkout import git

EXAMPLES = ("ten-minutes", "catching-a-leak", "swapping-the-model")
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_URL = "http://127.0.0.1:5000"
DIGEST = re.compile(r"\b[0-9a-f]{12}\b")
"""The digest of a model, whose last digits of scores differ from machine to machine."""
SERVED = re.compile(rb'"version":(\d+),"aliases"')
OLD_DIGEST = "f55164859f1d"
"""What a page calls the digest of the first version."""
FAILING = {
    "smoothed.py:LEAKING": 1, "--only causal": 1, f"data/MSFT.csv {OLD_DIGEST}": 1,
}  # fmt: skip
"""The commands that end with another exit code than 0, by a part of them: what they show is the failure."""


class Walk:
    """A copy of the application in a checkout of its own, and the service that a page has started in it."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        self._running = running
        self._server: Server | None = None
        self._digests: list[str] = []

    def take(self, line: str) -> str:
        """Return what a line of the shell prints, and assert that it ends as it should."""
        words = line.split()
        if words[:2] == [COMMAND, "serve"]:
            self._serve(*words[2:])
            return ""
        if words[0] == "kill":
            return self._reload()
        expected = next((code for part, code in FAILING.items() if part in line), 0)
        words = [self._replace(word) for word in words]
        if words[0] == COMMAND:
            ended = run_command(*words[1:], folder=self.folder)
        else:
            assert words[0] == PYTHON
            ended = run_script(words[1], *words[2:], folder=self.folder)
        printed = ended.stdout + ended.stderr
        assert ended.returncode == expected, printed
        self._digests += DIGEST.findall(printed)
        return printed.replace(self._server.url, SHOWN_URL) if self._server else printed

    def _replace(self, word: str) -> str:
        """Return a word with the address of the service, and with the digest of the first model that was trained."""
        if word == OLD_DIGEST:
            return self._digests[0]
        return word.replace(SHOWN_URL, self._server.url) if self._server else word

    def _serve(self, model: str) -> None:
        command = (sys.executable, "-m", "lockstep", "serve", model)
        app = App("lockstep serve", command, STEADY, self.folder)
        self._server = self._running.enter_context(run_server(app))
        for script in (self.folder / "examples").rglob("*.py"):
            script.write_text(script.read_text().replace(SHOWN_URL, self._server.url))

    def _reload(self) -> str:
        assert self._server is not None
        before = self._server.ask("GET", "/version")[1]
        os.kill(self._server.process.pid, signal.SIGHUP)
        wait_until(lambda: self._answers_differ(before), "the service takes the promoted version over")
        return ""

    def _answers_differ(self, before: bytes) -> bool:
        assert self._server is not None
        now = self._server.ask("GET", "/version")[1]
        return SERVED.findall(now) != SERVED.findall(before)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    folder = copy_application(tmp_path / "checkout")
    for name in EXAMPLES:
        shutil.copytree(ROOT / "examples" / name, folder / "examples" / name)
    for name in ("Dockerfile.web", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    with ExitStack() as running:
        yield Walk(folder, running)


def is_shown(line: str, printed: str) -> bool:
    """Return whether a line of a page, in which `…` stands for anything, begins a line that was printed."""
    parts = [re.escape(DIGEST.sub("DIGEST", part)) for part in line.split("…")]
    return re.search(f"^{'.*'.join(parts)}", DIGEST.sub("DIGEST", printed), re.MULTILINE) is not None


@pytest.mark.usefixtures("measured_once")
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_command_of_a_walk_prints_what_the_page_shows(name: str, walk: Walk) -> None:
    printed, n_shown = "", 0
    for language, block in BLOCK.findall((ROOT / "examples" / name / "README.md").read_text()):
        if language == "sh":
            printed = "".join(walk.take(line) for line in block.splitlines())
            continue
        missing = [line for line in block.splitlines() if not is_shown(line, printed)]
        assert missing == [], printed
        n_shown += 1
    assert n_shown >= 4


def test_a_dry_run_names_what_the_walk_has_not_committed(walk: Walk) -> None:
    shutil.copytree(walk.folder / "models" / "msft", walk.folder / "models" / "mine")
    printed = walk.take(f"{COMMAND} deploy my-app --dry-run")
    assert "note: 1 file(s) differ from the commit; /version will show " in printed
    assert "\n  models/mine/\n" in printed


def test_the_scripts_of_the_walks_are_checked_for_types() -> None:
    scripts = [path for name in EXAMPLES for path in (ROOT / "examples" / name).glob("*.py")]
    [line] = re.findall(r"^\t\$\(BIN\)/mypy (examples/.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {path.relative_to(ROOT).as_posix() for path in scripts} <= set(line.split())
