"""`lockstep parity --expect`, and with several addresses, against real services in this process."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lockstep.parity.certificate import Certificate, CertificateError, certify, read_certificate
from lockstep.parity.checks import TABLE_CHECKS
from lockstep.parity.proof import Proof, find_worst
from lockstep.parity.record import Record
from lockstep.parity.suite import Verdict
from lockstep.parity.vouching import judge_certificate
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE
from qa.in_process import Wsgi
from tests.commands import Ended, run_command
from tests.parity.mutants.proxies import nudge
from tests.parity.mutants.seen import Seen, Told, stand_between
from tests.parity.splitters import STICKY_HEADER, Splitter
from tests.unit.parity.split.conftest import MODEL, Reach

EXPECT = ("--expect", "champion=1,challenger=1", "--seed", "4")
STICKY = ("--sticky", STICKY_HEADER)
QUICK = tuple(word for name in ("shares", "sticky", "batch", "errors", "identity") for word in ("--only", name))
KEY = Ed25519PrivateKey.generate()


def parity(versions: Path, *arguments: object) -> Ended:
    return run_command("parity", "--bundle", versions, *arguments)


def read_proof(ended: Ended) -> Proof:
    return msgspec.json.decode(ended.stdout, type=Proof)


def test_both_versions_are_proven_behind_one_address(
    versions: Path, services: list[Wsgi], reach: Reach, tmp_path: Path
) -> None:
    page, xml, text, certificate = (tmp_path / name for name in ("p.html", "p.xml", "p.md", "c.json"))
    reports = ("--html", page, "--junit", xml, "--markdown", text, "--certificate", certificate)
    done = parity(versions, reach(Splitter(services, (1, 1))), *EXPECT, *STICKY, *QUICK, "--json", *reports)
    assert done.returncode == 0, done.stdout + done.stderr
    proof = read_proof(done)
    [split] = proof.splits
    assert (proof.verdict, split.sticky, split.asked) == ("parity", STICKY_HEADER, 500)
    assert [(arm.name, arm.version, arm.share) for arm in split.arms] == [("champion", 1, 0.5), ("challenger", 2, 0.5)]
    assert all(arm.fewest <= arm.answers <= arm.most for arm in split.arms)
    assert [check.name for check in split.checks] == ["shares", "identity", "sticky"]
    assert [record.bundle.digest for record in proof.records] == [arm.digest for arm in split.arms]
    assert {tuple(check.name for check in record.checks) for record in proof.records} == {
        ("batch", "errors", "identity")
    }
    summary = f"champion {split.arms[0].answers} ({split.arms[0].answers / 500:.1%})"
    assert summary in done.stderr
    assert f"<td>challenger ({MODEL}/2)</td><td><code>{split.arms[1].digest[:12]}</code></td>" in page.read_text()
    assert f"| challenger ({MODEL}/2) | `{split.arms[1].digest[:12]}` | 50.00% |" in text.read_text()
    suites = ElementTree.parse(xml).getroot()  # noqa: S314 -- our own
    assert [suite.get("tests") for suite in suites] == ["3", "4", "4"]
    assert summary in xml.read_text()
    told = read_certificate(certificate)
    assert [run.bundle.digest for run in told.runs] == [arm.digest for arm in split.arms]
    assert told.libraries == proof.records[0].service.libraries
    checked = parity(versions, "--check-certificate", certificate)
    assert (checked.returncode, checked.stdout.count("http://in-process, ")) == (2, 2)


def test_requests_name_no_version_that_another_arm_would_answer(
    versions: Path, services: list[Wsgi], reach: Reach
) -> None:
    named = set[Any]()

    def note(seen: Seen, told: Told) -> Told:
        named.add(seen.asked.get("version") if isinstance(seen.asked, dict) else None)
        return told

    splitter = Splitter([stand_between(service, note) for service in services], (1, 1))
    assert parity(versions, reach(splitter), *EXPECT, "--only", "chunks").returncode == 0
    assert named == {None, "champion"}


def test_versions_of_another_model_than_the_default_are_told_apart(versions: Path, reach: Reach) -> None:
    champions = [{MODEL: {"champion": version}} for version in (1, 2)]
    arms = [
        create_app(Settings(models=(DEFAULT_BUNDLE, versions), rate_limit=None, aliases=each)).wsgi_app
        for each in champions
    ]
    done = parity(versions, reach(Splitter(arms, (1, 1))), *EXPECT, *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr


def nudge_forecasts(seen: Seen, told: Told) -> Told:
    is_answered = seen.environ["REQUEST_METHOD"] == "POST" and told.status.startswith("200")
    return nudge(told) if is_answered else told


def test_one_version_with_wrong_bits_is_found(versions: Path, services: list[Wsgi], reach: Reach) -> None:
    wrong = stand_between(services[1], nudge_forecasts)
    done = parity(versions, reach(Splitter([services[0], wrong], (1, 1))), *EXPECT, *QUICK, "--json")
    proof = read_proof(done)
    assert (done.returncode, proof.splits[0].verdict) == (1, Verdict.PARITY)
    assert [record.verdict for record in proof.records] == ["parity", "diverged"]


def test_a_stale_version_under_the_digest_of_the_new_one_is_found(
    versions: Path, services: list[Wsgi], arms: Any, reach: Reach
) -> None:
    def pretend(_: Seen, told: Told) -> Told:
        return told.head("X-Model-Digest", arms[1].digest).head("X-Model-Version", f"{MODEL}/2")

    old, new = stand_between(services[0], pretend), services[1]
    stale: Wsgi = lambda environ, start: (new if environ["PATH_INFO"] == "/version" else old)(environ, start)  # noqa: E731
    done = parity(versions, reach(Splitter([services[0], stale], (1, 1))), *EXPECT, *QUICK, "--json")
    assert (done.returncode, [record.verdict for record in read_proof(done).records]) == (1, ["parity", "diverged"])


def test_an_address_of_several_versions_names_the_option_that_proves_them(
    versions: Path, services: list[Wsgi], reach: Reach
) -> None:
    shared = parity(versions, reach(Splitter(services[:2], (1, 1))), *QUICK)
    assert (shared.returncode, "compared" in shared.stdout) == (3, False)
    assert "prove each of them with --expect champion=90,challenger=10" in shared.stderr + shared.stdout


def test_another_model_is_said_first_and_no_check_runs(versions: Path, services: list[Wsgi], reach: Reach) -> None:
    def pretend(seen: Seen, told: Told) -> Told:
        if seen.path != "/version":
            return told
        version = json.loads(told.body)
        for model in version["models"]:
            model["digest"] = "0" * 64
        return replace(told, body=json.dumps(version).encode())

    for version in ("1", "champion"):
        other = parity(versions, reach(stand_between(services[0], pretend)), "--version", version, *QUICK)
        assert (other.returncode, "compared" in other.stdout) == (3, False)
        assert f"answers with {MODEL}/1, digest 000000000000, not with digest" in other.stderr
        assert "--expect" not in other.stderr


def test_a_third_version_is_another_artefact(versions: Path, services: list[Wsgi], reach: Reach) -> None:
    done = parity(versions, reach(Splitter(services, (48, 48, 4))), *EXPECT, *QUICK, "--json")
    proof = read_proof(done)
    assert (done.returncode, proof.verdict, proof.records) == (3, "other artefact", [])
    with pytest.raises(CertificateError, match="no version was proven"):
        certify(proof)


@pytest.mark.parametrize(("weights", "proven"), [((4, 1), 2), ((1, 0), 1)])
def test_wrong_shares_diverge_and_what_answers_is_proven(
    weights: tuple[int, int], proven: int, versions: Path, services: list[Wsgi], reach: Reach
) -> None:
    done = parity(versions, reach(Splitter(services, weights)), *EXPECT, *QUICK, "--json")
    proof = read_proof(done)
    assert (done.returncode, proof.splits[0].verdict, len(proof.records)) == (1, Verdict.DIVERGED, proven)
    assert {record.verdict for record in proof.records} == {"parity"}
    assert certify(proof).verdict == "diverged"
    reason = judge_certificate(certify(proof, KEY), proof.records[0].bundle.digest, KEY.public_key())[1][0]
    assert reason == "shares was diverged"


def test_callers_that_are_moved_diverge(versions: Path, services: list[Wsgi], reach: Reach) -> None:
    done = parity(versions, reach(Splitter(services, (1, 1), keeps=False)), *EXPECT, *STICKY, *QUICK, "--json")
    [split] = read_proof(done).splits
    assert (done.returncode, [check.verdict for check in split.checks]) == (1, ["parity", "parity", "diverged"])


def test_several_addresses_have_one_proof(versions: Path, services: list[Wsgi], reach: Reach, tmp_path: Path) -> None:
    url = reach(services[0])
    only = ("--only", "batch", "--certificate", tmp_path / "c.json")
    done = parity(versions, url, f"{url}/other", "--seed", 4, *only)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 runs at 2 addresses" in done.stdout
    certificate = read_certificate(tmp_path / "c.json")
    assert [run.url for run in certificate.runs] == [url, f"{url}/other"]
    assert "splits" not in json.loads((tmp_path / "c.json").read_bytes())


def complete(record: Record) -> Record:
    """Return a record in which every check of a table is there."""
    entries = [msgspec.structs.replace(record.checks[0], name=check.name) for check in TABLE_CHECKS]
    return msgspec.structs.replace(record, checks=entries)


def test_the_worst_verdict_is_that_of_all() -> None:
    words = ["other artefact", "diverged", "inconclusive", "parity"]
    assert [find_worst(words[place:]).word for place in range(4)] == words


def certify_split(proof: Proof, **changed: Any) -> Certificate:
    return certify(msgspec.structs.replace(proof, **changed), KEY)


def test_a_certificate_vouches_for_no_version_that_was_not_proven(
    versions: Path, services: list[Wsgi], reach: Reach
) -> None:
    proof = read_proof(parity(versions, reach(Splitter(services, (1, 1))), *EXPECT, *QUICK, "--json"))
    first, second = (record.bundle.digest for record in proof.records)

    def judge(certificate: Certificate, digest: str) -> list[str]:
        return judge_certificate(certificate, digest, KEY.public_key())[1]

    whole = certify_split(proof, records=[*map(complete, proof.records)])
    assert judge(whole, first) == judge(whole, second) == []
    alone = certify_split(proof, records=proof.records[:1])
    assert "challenger at http://in-process was not proven" in judge(alone, first)
    assert judge(alone, second) == [f"it is of the bundle {first}, not of {second}"]
    assert "the check chunks is not among its checks" in judge(certify_split(proof), first)
    unshared = [msgspec.structs.replace(proof.splits[0], checks=[])]
    assert "the check shares of http://in-process is not among its checks" in judge(
        certify_split(proof, splits=unshared), first
    )
    wrong = msgspec.structs.replace(proof.records[1], verdict="diverged")
    assert judge(certify_split(proof, records=[proof.records[0], wrong]), first)[0].startswith("the verdict")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("--sticky", "x-caller"), 2, "--sticky checks several versions"),
        (("--expect", "champion=1,challenger=1", "--version", "1"), 2, "leave --version out"),
        (("--expect", "champion=1"), 2, "names one version"),
        (("--expect", "champion=1,1=1"), 2, "have the same digest"),
        (("--expect", "champion=1,newest=1"), 2, "lockstep models promote flats 3 --alias newest"),
        (("--expect", "champion=1,challenger=1", "--sticky", "x-api-key"), 2, "is no header that a run can give"),
    ],
)
def test_versions_that_cannot_be_proven_are_refused_before_any_request(
    arguments: tuple[str, ...], code: int, reason: str, versions: Path
) -> None:
    refused = parity(versions, "http://127.0.0.1:9", *arguments)
    assert (refused.returncode, reason in refused.stderr) == (code, True), refused.stderr


def test_shares_that_are_counted_alone_are_not_called_a_proof_of_a_version(
    versions: Path, services: list[Wsgi], reach: Reach
) -> None:
    ended = parity(versions, reach(Splitter(services, (1, 1))), *EXPECT, "--only", "shares")
    assert ended.returncode == 0
    assert "no version was proven: the shares alone were counted" in ended.stdout
