"""The sides of the comparison."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from qa.bench.baseline import GUNICORN, SHORT, make_baseline
from qa.bench.cases import Case
from qa.errors import RunFailed
from qa.servers import ROOT, App, Server
from qa.service import STEADY

ECHO, SERVICE, BLOG, BASELINE = "a", "b", "c", "d"
NAMES = {ECHO: "(a) Flask echo", SERVICE: "(b) this service", BASELINE: f"(d) {SHORT}", BLOG: "(c) blog post"}
"""The baseline stands beside the service: neighbors in time share what else the machine does."""


def make_apps(cases: Sequence[Case], web_python: Path) -> dict[str, App]:
    """Return the apps by side, with the same settings of gunicorn; raise `RunFailed` without a baseline.

    Echo and service run in the web image's environment, the baseline in its own, the blog post in this one.
    """
    lengths = ", ".join(str(len(case.answer)) for case in cases)
    targets = {
        ECHO: (web_python, f"qa.bench.echo:create_app({lengths})"),
        SERVICE: (web_python, "backend.wsgi:app"),
        BLOG: (Path(sys.executable), "qa.bench.blog:create_app()"),
    }
    apps = {side: App("", (str(python), *GUNICORN, target), STEADY) for side, (python, target) in targets.items()}
    apps[BASELINE] = make_baseline(ROOT, ROOT / ".baseline", STEADY)
    return {side: replace(apps[side], name=name) for side, name in NAMES.items()}


def check_python(python: Path) -> None:
    """Raise `RunFailed` if `python` is not the CPython that runs this: the sides would not be comparable."""
    asked = [str(python), "-c", "import sys; sys.stdout.write(sys.version)"]
    version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - the user's Python
    if version != sys.version:
        raise RunFailed(f"{python} is CPython {version or 'of no version'}, but this is {sys.version}")


def path_of(side: str, case: Case) -> str:
    """Return where a side takes a case; the echo has a path for each length of answer."""
    return f"/forecast/{len(case.answer)}" if side == ECHO else "/forecast"


def check_answer(side: str, case: Case, server: Server) -> int:
    """Return the length of the server's answer; raise `RunFailed` if it is not the case's.

    The answer of the service and of the baseline has to equal the evaluation byte for byte, the echo's its length,
    and the blog post's, whose numbers are its own, how many there are.
    """
    status, answer = server.ask("POST", path_of(side, case), case.body)
    if side == ECHO:
        fits = len(answer) == len(case.answer)
    elif side == BLOG:
        fits = status == HTTPStatus.OK and len(json.loads(answer)["y_pred"]) == case.rows
    else:
        fits = answer == case.answer
    if status != HTTPStatus.OK or not fits:
        raise RunFailed(f"{server.app.name}: {status}, not the answer to {case.rows} rows: {answer[:300]!r}")
    return len(answer)
