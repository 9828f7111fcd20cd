import base64
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lockstep.parity.certificate import (
    Certificate,
    CertificateError,
    CertifiedCheck,
    certify,
    read_certificate,
    read_public_key,
    read_signing_key,
    write_certificate,
)
from lockstep.parity.checks import CHECKS
from lockstep.parity.record import Record
from lockstep.parity.suite import Verdict
from lockstep.parity.vouching import judge_certificate

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
P256, SM2 = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a811ccf5501822d")
"""The names of two curves in keys; cryptography does not know the second one."""


@pytest.fixture
def whole(good: Record) -> Record:
    """A record in which every check of the suite is there."""
    entries = [msgspec.structs.replace(good.checks[0], name=check.name) for check in CHECKS]
    return msgspec.structs.replace(good, checks=entries)


def judge(certificate: Certificate, digest: str | None = None) -> tuple[Verdict, str]:
    verdict, reasons = judge_certificate(certificate, digest or certificate.bundle.digest, PUBLIC)
    return verdict, "; ".join(reasons)


def test_a_signed_certificate_of_a_whole_run_vouches_for_its_bundle(whole: Record, tmp_path: Path) -> None:
    write_certificate(tmp_path / "c.json", certify(whole, KEY))
    certificate = read_certificate(tmp_path / "c.json")
    assert judge(certificate) == (Verdict.PARITY, "")
    assert certificate.checks[1] == CertifiedCheck("batch", "parity", 1922)


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2030-01-01T00:00:00+00:00"},
        {"url": "http://elsewhere"},
        {"verdict": "diverged"},
        {"checks": []},
        {"signature": "00" * 64},
        {"signature": "no hex"},
        {"environment": "0" * 64},
    ],
)
def test_a_change_after_signing_is_seen(change: dict[str, object], whole: Record) -> None:
    verdict, reasons = judge(msgspec.structs.replace(certify(whole, KEY), **change))
    assert verdict is Verdict.DIVERGED
    assert "changed after signing" in reasons


def test_another_key_does_not_vouch(whole: Record) -> None:
    assert judge(certify(whole, Ed25519PrivateKey.generate()))[0] is Verdict.DIVERGED


def test_another_bundle_is_another_artefact(whole: Record) -> None:
    assert judge(certify(whole, KEY), digest="0" * 64)[0] is Verdict.OTHER_ARTEFACT


def test_a_run_without_parity_is_none_whoever_signed(bad: Record) -> None:
    verdict, reasons = judge(certify(bad, KEY))
    assert verdict is Verdict.DIVERGED
    assert reasons == "batch was diverged; shuffled was diverged; the verdict of the run was diverged"


def test_what_nobody_vouches_for_is_inconclusive(whole: Record, good: Record) -> None:
    unsigned = certify(whole)
    assert judge(unsigned) == (Verdict.INCONCLUSIVE, "it is not signed")
    verdict, reasons = judge_certificate(certify(whole, KEY), whole.bundle.digest, None)
    assert (verdict, reasons) == (Verdict.INCONCLUSIVE, ["its signature was not checked: pass --public-key"])
    verdict, partial = judge(certify(good, KEY))
    assert verdict is Verdict.INCONCLUSIVE
    assert "the check causal is not among its checks" in partial


def test_the_environment_is_part_of_it(whole: Record) -> None:
    other = msgspec.structs.replace(whole, service=msgspec.structs.replace(whole.service, machine=None))
    assert certify(other).environment != certify(whole).environment == certify(whole).environment


def test_keys_are_read_from_pem_files(tmp_path: Path) -> None:
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    private.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    read_public_key(public).verify(read_signing_key(private).sign(b"x"), b"x")
    for read, wrong in ((read_signing_key, public), (read_public_key, private)):
        with pytest.raises(CertificateError, match="holds no"):
            read(wrong)
    other = X25519PrivateKey.generate()
    private.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    for read, path in ((read_signing_key, private), (read_public_key, public)):
        with pytest.raises(CertificateError, match="holds no Ed25519 key"):
            read(path)


def test_a_public_key_of_an_unknown_curve_is_refused(tmp_path: Path) -> None:
    key = generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    encoded = base64.encodebytes(key.replace(P256, SM2)).decode()
    (tmp_path / "key.pub").write_text(f"-----BEGIN PUBLIC KEY-----\n{encoded}-----END PUBLIC KEY-----\n")
    with pytest.raises(CertificateError, match="holds no public key"):
        read_public_key(tmp_path / "key.pub")


def test_a_file_with_a_member_twice_is_no_certificate(whole: Record, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write_certificate(path, certify(whole, KEY))
    path.write_text(
        path.read_text().replace(
            '"verdict": "parity",\n  "sig', '"verdict": "diverged",\n  "verdict": "parity",\n  "sig'
        )
    )
    with pytest.raises(CertificateError, match="not as it was written"):
        read_certificate(path)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"schema_version": 1, "more": 2}', "\xff", '{"beside": [' * 100_000]
)
def test_a_file_that_is_no_certificate_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(content, encoding="latin-1")
    with pytest.raises(CertificateError, match="is no parity certificate"):
        read_certificate(tmp_path / "c.json")
