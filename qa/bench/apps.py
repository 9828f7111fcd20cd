"""The sides of the comparison."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

from qa.bench.baseline import GUNICORN, SHORT, make_baseline
from qa.bench.cases import Case
from qa.bench.models import FLOWERS
from qa.errors import RunFailed
from qa.servers import ROOT, App, Server
from qa.service import STEADY, make_service

ECHO, SERVICE, BLOG, BASELINE, TABLE, TABLE_BLOG = "a", "b", "c", "d", "e", "f"
STOCK = ("-m", "gunicorn", "-c", "python:qa.bench.stock")
"""What Python is given before the name of an app that is not ours."""

Fits = Callable[[Case, bytes], bool]


@dataclass(frozen=True)
class Posted:
    """A body and the headers that go with it."""

    body: bytes
    headers: Mapping[str, str]


def write_json(case: Case) -> Posted:
    """Return the body of a case as it is."""
    return Posted(case.body, {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Side:
    """A server that is measured, the path where it takes a case, if an answer is the right one, and what is posted."""

    app: App
    path: Callable[[Case], str]
    fits: Fits
    write: Callable[[Case], Posted] = write_json

    def check_answer(self, case: Case, server: Server) -> int:
        """Return the length of the server's answer; raise `RunFailed` if it is not the case's."""
        posted = self.write(case)
        status, answer = server.ask("POST", self.path(case), posted.body, posted.headers)
        if status != HTTPStatus.OK or not self.fits(case, answer):
            raise RunFailed(f"{self.app.name}: {status}, not the answer to {case.rows} rows: {answer[:300]!r}")
        return len(answer)


def make_sides(cases: Sequence[Case], web_python: Path) -> dict[str, Side]:
    """Return the sides that forecast a price series; raise `RunFailed` without a baseline.

    Echo and service run in the web image's environment, the baseline in its own, the blog post in this one. The
    service and the baseline have the gunicorn settings of their commit, the other two those of `qa.bench.stock`. The
    baseline stands beside the service: neighbors in time share what else the machine does.
    """
    lengths = ", ".join(str(len(case.answer)) for case in cases)
    echo = _stock_app("(a) Flask echo", web_python, f"qa.bench.echo:create_app({lengths})")
    baseline = make_baseline(ROOT, ROOT / ".baseline", STEADY)
    blog = _stock_app("(c) blog post", Path(sys.executable), "qa.bench.blog:create_app()")
    return {
        ECHO: Side(echo, lambda case: f"/forecast/{len(case.answer)}", _has_length),
        SERVICE: make_service_side(web_python),
        BASELINE: Side(replace(baseline, name=f"(d) {SHORT}"), lambda _: "/forecast", _is_evaluation),
        BLOG: Side(blog, lambda _: "/forecast", _has_rows),
    }


def make_service_side(web_python: Path) -> Side:
    """Return this service, which forecasts a price series."""
    service = App("(b) this service", (str(web_python), *GUNICORN, "backend.wsgi:app"), STEADY)
    return Side(service, lambda _: "/forecast", _is_evaluation)


def make_table_sides(models: Path, web_python: Path) -> dict[str, Side]:
    """Return the sides that predict rows of the table of flowers in `models`."""
    service = replace(make_service(models / FLOWERS, python=web_python), name="(e) this service, iris")
    blog = _stock_app("(f) blog post, iris", Path(sys.executable), f"qa.bench.blog_table:create_app('{models}')")
    return {
        TABLE: Side(service, lambda _: "/v1/predict", _are_labels),
        TABLE_BLOG: Side(blog, lambda _: "/predict", _are_own_labels),
    }


def check_python(python: Path) -> None:
    """Raise `RunFailed` if `python` is not the CPython that runs this: the sides would not be comparable."""
    asked = [str(python), "-c", "import sys; sys.stdout.write(sys.version)"]
    version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - the user's Python
    if version != sys.version:
        raise RunFailed(f"{python} is CPython {version or 'of no version'}, but this is {sys.version}")


def _stock_app(name: str, python: Path, target: str) -> App:
    return App(name, (str(python), *STOCK, target), STEADY)


def _is_evaluation(case: Case, answer: bytes) -> bool:
    return answer == case.answer


def _has_length(case: Case, answer: bytes) -> bool:
    return len(answer) == len(case.answer)


def _has_rows(case: Case, answer: bytes) -> bool:
    """Return whether there are as many predictions as rows: the blog post's features have other numbers."""
    return len(json.loads(answer)["y_pred"]) == case.rows


def _are_labels(case: Case, answer: bytes) -> bool:
    return [row[0] for row in json.loads(answer)["predictions"]["data"]] == json.loads(case.answer)


def _are_own_labels(case: Case, answer: bytes) -> bool:
    return bool(json.loads(answer)["y_pred"] == json.loads(case.answer))
