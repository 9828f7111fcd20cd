"""A parity certificate: what a run showed, small enough to keep beside a release, signed where a key is given."""

import hashlib
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from msgspec import UNSET, UnsetType

from lockstep.errors import LockstepError
from lockstep.parity.checks import CHECKS_OF
from lockstep.parity.doors.peer import Identity
from lockstep.parity.record import BundleEntry, Record
from lockstep.parity.suite import Verdict


class CertificateError(LockstepError):
    """Refuse a certificate or a key that cannot be read."""


class CertifiedCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The outcome of one check."""

    name: str
    verdict: str
    compared: int


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a run showed; `bundle` says what is guaranteed of each output.

    `environment` is the SHA-256 of what both sides ran on, `seed` what all requests were drawn from by the rules of
    `scheme`, `signature` Ed25519 in hex. Of a run through a door, `door` names the protocol, and `identity` how the
    server showed which bundle answered.
    """

    schema_version: int = 3
    bundle: BundleEntry
    url: str
    commit: str
    environment: str
    scheme: int
    seed: int
    time: str
    checks: list[CertifiedCheck]
    leaves_reached: int
    n_leaves: int
    verdict: str
    signature: str = ""
    door: str | UnsetType = UNSET
    identity: str | UnsetType = UNSET

    @property
    def signed_bytes(self) -> bytes:
        """Return what is signed: all of it but the signature."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=""))


def certify(record: Record, signing_key: Ed25519PrivateKey | None = None) -> Certificate:
    """Return the certificate of a run, signed where there is a key."""
    certificate = Certificate(
        bundle=record.bundle,
        url=record.url,
        commit=record.service_commit,
        environment=hashlib.sha256(msgspec.json.encode([record.local, record.service], order="sorted")).hexdigest(),
        scheme=record.scheme,
        seed=record.seed,
        time=record.started,
        checks=[CertifiedCheck(check.name, check.verdict, check.compared) for check in record.checks],
        leaves_reached=record.leaves_reached,
        n_leaves=record.n_leaves,
        verdict=record.verdict,
        door=record.door or UNSET,
        identity=record.identity if record.door else UNSET,
    )
    if signing_key is None:
        return certificate
    return msgspec.structs.replace(certificate, signature=signing_key.sign(certificate.signed_bytes).hex())


def write_certificate(path: Path, certificate: Certificate) -> None:
    """Write a certificate as indented JSON."""
    path.write_bytes(_encode(certificate))


def _encode(certificate: Certificate) -> bytes:
    return msgspec.json.format(msgspec.json.encode(certificate), indent=2) + b"\n"


def read_certificate(path: Path) -> Certificate:
    """Return the certificate in a file; raise `CertificateError` where a byte is not as it was written."""
    try:
        content = path.read_bytes()
        certificate = msgspec.json.decode(content, type=Certificate)
        if _encode(certificate) != content:
            raise ValueError("it is not as it was written")
        return certificate
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path} is no parity certificate: {error}") from error


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 private key in a PEM file without a password; raise `CertificateError`."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise CertificateError(f"{path} holds no private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CertificateError(f"{path} holds no Ed25519 key; make one with: openssl genpkey -algorithm ed25519")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Return the Ed25519 public key in a PEM file; raise `CertificateError`."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificateError(f"{path} holds no public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CertificateError(f"{path} holds no Ed25519 key; write it with: openssl pkey -in KEY -pubout")
    return key


def judge_certificate(
    certificate: Certificate, digest: str, public_key: Ed25519PublicKey | None
) -> tuple[Verdict, list[str]]:
    """Return whether a certificate vouches for the bundle of `digest`, and the reasons where it does not.

    DIVERGED where the signature is not the key's or the run did not end in parity, OTHER_ARTEFACT where it is of
    another bundle, INCONCLUSIVE where nobody vouches for it or checks are missing.
    """
    if public_key and certificate.signature and not _is_signed(certificate, public_key):
        return Verdict.DIVERGED, ["the signature is not of this key, or the certificate was changed after signing"]
    if certificate.bundle.digest != digest:
        return Verdict.OTHER_ARTEFACT, [f"it is of the bundle {certificate.bundle.digest}, not of {digest}"]
    verdicts = {check.name: check.verdict for check in certificate.checks}
    failed = [f"{name} was {verdict}" for name, verdict in verdicts.items() if verdict != Verdict.PARITY.word]
    if failed or certificate.verdict != Verdict.PARITY.word:
        return Verdict.DIVERGED, [*failed, f"the verdict of the run was {certificate.verdict}"]
    names = [check.name for check in CHECKS_OF.get(certificate.bundle.kind, ())]
    reasons = [f"the check {name} is not among its checks" for name in names if name not in verdicts]
    if certificate.identity is not UNSET and certificate.identity != Identity.SHOWN:
        reasons.append(f"which bundle answered was {certificate.identity}")
    if not certificate.signature:
        reasons.append("it is not signed")
    elif public_key is None:
        reasons.append("its signature was not checked: pass --public-key")
    return (Verdict.INCONCLUSIVE if reasons else Verdict.PARITY), reasons


def _is_signed(certificate: Certificate, public_key: Ed25519PublicKey) -> bool:
    try:
        public_key.verify(bytes.fromhex(certificate.signature), certificate.signed_bytes)
    except (InvalidSignature, ValueError):
        return False
    return True
