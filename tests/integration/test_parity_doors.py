"""`lockstep parity --door`: our own service through its doors, and servers that only speak a protocol."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.families import train_family
from qa.in_process import Wsgi
from qa.threads import serve_app
from tests.commands import Ended, run_command
from tests.parity.mutants.answers import spoil

Strip = tuple[str, ...]
DIGEST_ALONE: Strip = ("X-Model-Version",)
NOTHING_SHOWN: Strip = ("X-Model-Version", "X-Model-Digest", "X-Request-Id")
KEPT = ("--only", "batch", "--only", "chunks", "--only", "identity", "--only", "errors")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_family("table-logistic", tmp_path_factory.mktemp("models"))


def hide(app: Wsgi, headers: Strip) -> Wsgi:
    """Return the app as a server that has no `/version` and sends none of some headers."""

    def hidden(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] in ("/version", "/v1/predict", "/forecast"):
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"there is nothing here"]
        return app(
            environ,
            lambda status, sent, info=None: start(status, [each for each in sent if each[0] not in headers], info),
        )

    return hidden


@contextmanager
def serve(folder: Path, around: Callable[[Wsgi], Any] = lambda app: app) -> Iterator[str]:
    with serve_app(around(create_app(Settings(models=(folder,), rate_limit=None)).wsgi_app)) as url:
        yield url


def parity(url: str, folder: Path, *arguments: object) -> Ended:
    return run_command("parity", url, "--bundle", folder, "--seed", 3, *arguments)


def test_every_report_names_the_door(folder: Path, tmp_path: Path) -> None:
    page, xml, text, certificate = (tmp_path / name for name in ("p.html", "p.xml", "p.md", "c.json"))
    reports = ("--html", page, "--junit", xml, "--markdown", text, "--certificate", certificate)
    with serve(folder) as url:
        done = parity(url, folder, "--door", "predict", "--json", *reports)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["door"], record["identity"], len(record["checks"])) == ("predict", "shown", 9)
    assert {each["path"] for each in record["latency"]} >= {"/predict", "/version"}
    assert all("through the door predict" in written.read_text() for written in (page, xml, text))
    assert json.loads(certificate.read_bytes())["door"] == "predict"
    assert "through the door predict" in done.stderr


def test_a_server_that_shows_only_digests_is_judged_by_these(folder: Path) -> None:
    with serve(folder, lambda app: hide(app, DIGEST_ALONE)) as url:
        done = parity(url, folder, "--door", "predict", "--json", *KEPT)
    record = json.loads(done.stdout)
    assert (done.returncode, record["identity"]) == (0, "shown by the digest of each answer alone")
    assert [check["name"] for check in record["checks"]] == ["batch", "chunks", "errors", "identity"]


@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_server_of_somebody_else_is_judged_by_its_predictions_alone(door: str, folder: Path, tmp_path: Path) -> None:
    certificate = tmp_path / "c.json"
    with serve(folder, lambda app: hide(app, NOTHING_SHOWN)) as url:
        done = parity(url, folder, "--door", door, "--json", "--certificate", certificate, *KEPT)
        refused = parity(url, folder)
    record = json.loads(done.stdout)
    assert (done.returncode, record["identity"]) == (0, "not shown")
    assert [check["name"] for check in record["checks"]] == ["batch", "chunks"]
    assert record["bundle"]["guarantees"] == {"prediction": "bits"}
    assert "so these checks are left out: errors, identity" in done.stderr
    assert json.loads(certificate.read_bytes())["identity"] == "not shown"
    checked = run_command("parity", "--check-certificate", certificate, "--bundle", folder)
    assert (checked.returncode, "which bundle answered was not shown" in checked.stdout) == (2, True)
    assert (refused.returncode, "is no Lockstep service" in refused.stderr) == (4, True)


def turn(body: bytes) -> bytes:
    """Answer a list of rows in the reverse order."""
    told = json.loads(body) if body[:1] in (b"[", b"{") else body.decode()
    return json.dumps(told[::-1]).encode() if isinstance(told, list) else body


def test_a_difference_names_form_row_and_both_values_and_how_to_see_it_again(folder: Path) -> None:
    def spoilt(app: Wsgi) -> Any:
        return hide(spoil(app, turn, "predict"), NOTHING_SHOWN)

    with serve(folder, spoilt) as url:
        done = parity(url, folder, "--door", "predict", *KEPT)
    assert done.returncode == 1, done.stdout
    assert ": expected 'east', served 'west'" in done.stdout
    assert "first in the answer to POST /predict as rows" in done.stdout
    assert "--door predict --seed 3 --only batch:0" in done.stdout


def test_what_has_no_such_door_or_model_is_told_before_the_run(folder: Path) -> None:
    with serve_app(hide(lambda environ, start: (start("404 Not Found", []), [b""])[1], ())) as url:
        nothing = parity(url, folder, "--door", "predict")
    assert (nothing.returncode, "has no door predict: POST /predict answered 404" in nothing.stderr) == (4, True)
    series = run_command("parity", "http://127.0.0.1:1", "--door", "predict")
    refused = "msft is of a series, and the door predict takes models of a table"
    assert (series.returncode, refused in series.stderr) == (2, True)
    assert run_command("parity", "http://127.0.0.1:1", "--door", "grpc").returncode == 2


def test_a_model_that_a_door_cannot_name_has_to_be_the_default(folder: Path) -> None:
    models = (folder, Path("models/msft").resolve())
    with serve_app(create_app(Settings(models=models, rate_limit=None)).wsgi_app) as url:
        for door in ("azure", "predict"):
            done = parity(url, folder, "--door", door)
            assert (done.returncode, "name no model" in done.stderr) == (3, True)
        for door in ("mlflow", "oip"):
            assert parity(url, folder, "--door", door, "--version", 1, *KEPT).returncode == 0
