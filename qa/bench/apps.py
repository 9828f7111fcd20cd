"""The three sides of the comparison."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from qa.bench.cases import Case
from qa.bench.errors import BenchError
from qa.bench.servers import QUIET_GUNICORN, App, Server

ECHO, SERVICE, BLOG = "a", "b", "c"
NAMES = {ECHO: "(a) Flask echo", SERVICE: "(b) this service", BLOG: "(c) blog post"}


def make_apps(cases: Sequence[Case], web_python: Path) -> dict[str, App]:
    """Return the apps by side; echo and service run in the web image's environment, the blog post in this one."""
    lengths = [len(case.answer) for case in cases]
    echo_paths = {case.rows: f"/forecast/{len(case.answer)}" for case in cases}
    paths = {case.rows: "/forecast" for case in cases}
    create_echo = f"qa.bench.echo:create_app({', '.join(map(str, lengths))})"
    return {
        ECHO: App(NAMES[ECHO], (*QUIET_GUNICORN, create_echo), web_python, echo_paths),
        SERVICE: App(NAMES[SERVICE], (*QUIET_GUNICORN, "backend.wsgi:app"), web_python, paths),
        BLOG: App(NAMES[BLOG], (*QUIET_GUNICORN, "qa.bench.blog:create_app()"), Path(sys.executable), paths),
    }


def check_python(python: Path) -> None:
    """Raise `BenchError` where `python` is not the CPython that runs this: the sides would not be comparable."""
    asked = [str(python), "-c", "import sys; sys.stdout.write(sys.version)"]
    version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - the user's Python
    if version != sys.version:
        raise BenchError(f"{python} is CPython {version or 'of no version'}, but this is {sys.version}")


def check_answer(side: str, case: Case, server: Server) -> int:
    """Return the length of the server's answer; raise `BenchError` where it is not the case's.

    The service's answer has to equal the evaluation byte for byte, the echo's its length, and the blog
    post's numbers, which are its own, how many there are.
    """
    answer = server.post(server.app.paths[case.rows], case.body)
    if side == SERVICE:
        fits = answer == case.answer
    elif side == ECHO:
        fits = len(answer) == len(case.answer)
    else:
        fits = len(json.loads(answer)["y_pred"]) == case.rows
    if not fits:
        raise BenchError(f"{server.app.name}: not the answer to {case.rows} rows: {answer[:300]!r}")
    return len(answer)
