"""`lockstep parity` against a real process that serves a panel: as a whole, and one series of it."""

import json
from pathlib import Path

import pytest

from lockstep.parity.certificate import read_certificate
from lockstep.parity.suite import Verdict
from lockstep.parity.vouching import judge_certificate
from qa.servers import Server
from tests.commands import run_command
from tests.conftest import Start
from tests.small_panels import make_series, save_panel

N_SERIES = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "walks", make_series(N_SERIES))


@pytest.fixture(scope="module")
def service(folder: Path, start_gunicorn: Start) -> Server:
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=str(folder.parent))
    gunicorn.wait_until_ready()
    return gunicorn


def test_the_record_and_the_certificate_say_how_many_series_were_touched(
    service: Server, folder: Path, tmp_path: Path
) -> None:
    certificate = tmp_path / "c.json"
    asked = ("--only", "chunks:3", "--only", "frames", "--certificate", certificate)
    done = run_command("parity", service.url, "--bundle", folder.parent, "--seed", 3, "--json", *asked)
    record = json.loads(done.stdout)
    bundle = record["bundle"]
    assert (bundle["kind"], bundle["symbol"], bundle["series"]) == ("panel", None, N_SERIES)
    assert 30 < bundle["touched"] <= N_SERIES
    verdicts = {check["name"]: check["verdict"] for check in record["checks"]}
    assert verdicts["frames"] == "parity", done.stderr
    assert f" of {bundle['touched']} of {N_SERIES} series, " in done.stderr
    held = read_certificate(certificate)
    assert (held.bundle.series, held.bundle.touched) == (N_SERIES, bundle["touched"])


def test_one_series_does_not_vouch_for_the_panel(service: Server, folder: Path, tmp_path: Path) -> None:
    certificate = tmp_path / "c.json"
    asked = ("--only", "chunks", "--symbol", "S7", "--certificate", certificate)
    done = run_command("parity", service.url, "--bundle", folder.parent, "--seed", 3, *asked)
    assert done.returncode == 0, done.stdout
    assert "series S7" in done.stdout
    held = read_certificate(certificate)
    verdict, reasons = judge_certificate(held, held.bundle.digest, None)
    assert verdict is Verdict.INCONCLUSIVE
    assert reasons[0].startswith("it is of the series S7 alone")
    unknown = run_command("parity", service.url, "--bundle", folder.parent, "--symbol", "S99")
    assert (unknown.returncode, "S99" in unknown.stderr) == (2, True)
