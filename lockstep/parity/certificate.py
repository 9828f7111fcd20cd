"""A parity certificate: what a run showed, small enough to keep beside a release, signed where a key is given."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from msgspec import UNSET, UnsetType

from lockstep.errors import LockstepError
from lockstep.parity.proof import ArmEntry, Proof
from lockstep.parity.record import BundleEntry, CheckEntry, Record


class CertificateError(LockstepError):
    """Refuse a certificate or a key that cannot be read."""


class CertifiedCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The outcome of one check."""

    name: str
    verdict: str
    compared: int


class CertifiedSplit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one address shared its first answers: the versions that were expected, and the outcome of each check.

    `sticky` is the header whose values should stay on one version, empty if none should.
    """

    url: str
    sticky: str
    asked: int
    arms: list[ArmEntry]
    checks: list[CertifiedCheck]


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a run showed; `bundle` says what is guaranteed of each output.

    `environment` is the SHA-256 of what both sides ran on, `seed` what all requests were drawn from by the rules of
    `scheme`, `signature` Ed25519 in hex. Of a run through a door, `door` names the protocol, and `identity` how the
    server showed which bundle answered.

    If a command ran the suite more than once, `libraries` and `server` are what the service said that it runs. `beside`
    then holds the same of each other run, unsigned, `splits` how each address with several versions shared its answers,
    and the verdict is that of all of them.
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
    libraries: dict[str, str] | UnsetType = UNSET
    server: str | UnsetType = UNSET
    beside: list[Certificate] | UnsetType = UNSET
    splits: list[CertifiedSplit] | UnsetType = UNSET

    @property
    def runs(self) -> list[Certificate]:
        """Return what was shown by each run of the suite: this one, and those beside it."""
        return [self, *(self.beside or [])]

    @property
    def signed_bytes(self) -> bytes:
        """Return what is signed: all of it but the signature."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=""))


def certify(told: Record | Proof, signing_key: Ed25519PrivateKey | None = None) -> Certificate:
    """Return the certificate of a run or of several, signed where there is a key.

    Raises `CertificateError` if no version was proven.
    """
    certificate = _certify_run(told) if isinstance(told, Record) else _certify_proof(told)
    if signing_key is None:
        return certificate
    return msgspec.structs.replace(certificate, signature=signing_key.sign(certificate.signed_bytes).hex())


def _certify_proof(proof: Proof) -> Certificate:
    if not proof.records:
        raise CertificateError("no version was proven, so there is nothing to certify")
    runs = [
        msgspec.structs.replace(_certify_run(record), libraries=record.service.libraries, server=record.server)
        for record in proof.records
    ]
    splits = [
        CertifiedSplit(split.url, split.sticky, split.asked, split.arms, _certify_checks(split.checks))
        for split in proof.splits
    ]
    return msgspec.structs.replace(runs[0], verdict=proof.verdict, beside=runs[1:], splits=splits or UNSET)


def _certify_checks(checks: list[CheckEntry]) -> list[CertifiedCheck]:
    return [CertifiedCheck(check.name, check.verdict, check.compared) for check in checks]


def _certify_run(record: Record) -> Certificate:
    return Certificate(
        bundle=record.bundle,
        url=record.url,
        commit=record.service_commit,
        environment=hashlib.sha256(msgspec.json.encode([record.local, record.service], order="sorted")).hexdigest(),
        scheme=record.scheme,
        seed=record.seed,
        time=record.started,
        checks=_certify_checks(record.checks),
        leaves_reached=record.leaves_reached,
        n_leaves=record.n_leaves,
        verdict=record.verdict,
        door=record.door or UNSET,
        identity=record.identity if record.door else UNSET,
    )


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
    except (OSError, ValueError, RecursionError) as error:
        raise CertificateError(f"{path} is no parity certificate: {error}") from error


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 private key in a PEM file without a password; raise `CertificateError`."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{path} holds no private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CertificateError(f"{path} holds no Ed25519 key; make one with: openssl genpkey -algorithm ed25519")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Return the Ed25519 public key in a PEM file; raise `CertificateError`."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{path} holds no public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CertificateError(f"{path} holds no Ed25519 key; write it with: openssl pkey -in KEY -pubout")
    return key
