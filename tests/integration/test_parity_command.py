"""`lockstep parity` and its pytest plugin against a running service, as a user's CI calls them."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lockstep.parity.checks import CHECKS, TABLE_CHECKS
from qa.families import train_family
from tests.commands import Ended, run_command
from tests.conftest import ROOT, Start

N_CHECKS = len(CHECKS)


def run(*command: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "LOCKSTEP_API_KEY": "", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *map(str, command)], cwd=cwd, env=environ, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def parity(*arguments: object) -> Ended:
    return run_command("parity", *arguments)


def test_every_report_is_of_the_same_run(service_url: str, tmp_path: Path) -> None:
    page, xml, text, certificate = (tmp_path / name for name in ("p.html", "p.xml", "p.md", "c.json"))
    reports = ("--html", page, "--junit", xml, "--markdown", text, "--certificate", certificate)
    done = parity(service_url, "--seed", 3, "--json", *reports)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["verdict"], record["seed"], len(record["checks"])) == ("parity", 3, N_CHECKS)
    assert f'"parity">{record["verdict"]}</h1>' in page.read_text()
    assert ElementTree.parse(xml).getroot().get("tests") == str(N_CHECKS + 1)  # noqa: S314 # our own
    assert record["bundle"]["digest"][:12] in text.read_text()
    assert json.loads(certificate.read_bytes())["environment"]


def test_a_certificate_is_written_signed_and_checked(service_url: str, tmp_path: Path) -> None:
    key, public, certificate = (tmp_path / name for name in ("key.pem", "key.pub", "c.json"))
    subprocess.run(["/usr/bin/openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    subprocess.run(["/usr/bin/openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    assert parity(service_url, "--certificate", certificate, "--sign", key).returncode == 0
    checked = parity("--check-certificate", certificate, "--public-key", public)
    assert (checked.returncode, checked.stdout.splitlines()[1].split()[0]) == (0, "parity")
    assert parity("--check-certificate", certificate).returncode == 2
    certificate.write_text(certificate.read_text().replace('"scheme": 2', '"scheme": 1'))
    assert parity("--check-certificate", certificate, "--public-key", public).returncode == 1


def test_a_table_is_proven_and_every_report_says_how(start_gunicorn: Start, tmp_path: Path) -> None:
    folder = train_family("table-logistic", tmp_path / "models")
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=str(folder.parent))
    gunicorn.wait_until_ready()
    page, xml, text = (tmp_path / name for name in ("p.html", "p.xml", "p.md"))
    done = parity(gunicorn.url, "--bundle", folder, "--json", "--html", page, "--junit", xml, "--markdown", text)
    assert done.returncode == 0, done.stderr
    bundle = json.loads(done.stdout)["bundle"]
    assert (bundle["kind"], bundle["symbol"], bundle["predictor"]) == ("table", None, "exact")
    assert bundle["guarantees"] == {"proba": "bits", "prediction": "bits"}
    assert "<td>proba</td><td>bits</td>" in page.read_text()
    assert "proba guaranteed to bits, prediction guaranteed to bits" in text.read_text()
    assert 'name="guarantee of proba" value="bits"' in xml.read_text()
    assert "proba guaranteed to bits" in done.stderr
    assert f"{len(TABLE_CHECKS)} checks" in done.stderr


def test_signing_nothing_is_a_mistake(service_url: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("")
    refused = parity(service_url, "--sign", tmp_path / "key.pem")
    assert (refused.returncode, "--certificate" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("--html", "no/such/folder/p.html"), 2, "there is no folder no/such/folder"),
        (("--certificate", "c.json", "--sign", "README.md"), 3, "README.md holds no private key"),
        (("--public-key", "README.md"), 2, "--check-certificate"),
        (("--check-certificate", "README.md"), 3, "README.md is no parity certificate"),
    ],
)
def test_what_cannot_be_used_is_told_before_the_run_and_never_reads_as_diverged(
    arguments: tuple[str, ...], code: int, reason: str, service_url: str
) -> None:
    refused = parity(service_url, *arguments)
    assert (refused.returncode, "compared" in refused.stdout) == (code, False)
    assert reason in refused.stderr


def test_a_certificate_of_some_checks_says_that_it_vouches_for_nothing(service_url: str, tmp_path: Path) -> None:
    done = parity(service_url, "--only", "batch", "--certificate", tmp_path / "c.json")
    assert (done.returncode, "it is not of a whole run" in done.stdout) == (0, True)


def test_pytest_runs_each_check_in_a_project_without_a_line_of_glue(service_url: str, tmp_path: Path) -> None:
    done = run("-m", "pytest", "-v", "-p", "no:cacheprovider", "--parity-url", service_url, tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"{N_CHECKS + 1} passed" in done.stdout
    assert "\nparity::causal PASSED" in done.stdout


def test_pytest_chooses_among_checks(service_url: str, tmp_path: Path) -> None:
    done = run("-m", "pytest", "-p", "no:cacheprovider", "--parity-url", service_url, "-k", "errors", cwd=tmp_path)
    assert f"1 passed, {N_CHECKS} deselected" in done.stdout


def test_pytest_is_red_where_the_service_runs_another_bundle(
    tmp_path: Path, start_gunicorn: Start, price_file: Path
) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("\n".join(price_file.read_text().splitlines()[:451]))
    arguments = ("--symbol", "MSFT", "--out", tmp_path / "other", "--test-rows", 100, "--calendar", "file")
    assert run_command("train", prices, *arguments).returncode == 0
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=str(tmp_path / "other"))
    gunicorn.wait_until_ready()
    done = run("-m", "pytest", "-p", "no:cacheprovider", "--parity-url", gunicorn.url, cwd=tmp_path)
    assert done.returncode == 1
    assert "other artefact: every answer of the run came from the bundle that was evaluated" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("arguments", [("--parity-url", "http://127.0.0.1:9"), ("--parity-url", "")])
def test_pytest_without_a_service_is_never_green(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert run("-m", "pytest", "-p", "no:cacheprovider", *arguments, cwd=tmp_path).returncode in (4, 5)
