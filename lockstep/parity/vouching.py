"""Whether a certificate vouches for a bundle."""

from collections.abc import Collection, Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import UNSET

from lockstep.parity.certificate import Certificate, CertifiedSplit
from lockstep.parity.checks import CHECKS_OF
from lockstep.parity.doors.peer import Identity
from lockstep.parity.split.checks import SPLIT_CHECKS, STICKY
from lockstep.parity.suite import Verdict


def judge_certificate(
    certificate: Certificate, digest: str, public_key: Ed25519PublicKey | None
) -> tuple[Verdict, list[str]]:
    """Return whether a certificate vouches for the bundle of `digest`, and the reasons where it does not.

    DIVERGED where the signature is not the key's or the run did not end in parity, OTHER_ARTEFACT where it is of
    another bundle, INCONCLUSIVE where nobody vouches for it or checks are missing.
    """
    if public_key and certificate.signature and not _is_signed(certificate, public_key):
        return Verdict.DIVERGED, ["the signature is not of this key, or the certificate was changed after signing"]
    proven = list(dict.fromkeys(run.bundle.digest for run in certificate.runs))
    if digest not in proven:
        return Verdict.OTHER_ARTEFACT, [f"it is of the bundle {', '.join(proven)}, not of {digest}"]
    checks = [check for run in certificate.runs for check in run.checks]
    checks += [check for split in certificate.splits or [] for check in split.checks]
    failed = [f"{check.name} was {check.verdict}" for check in checks if check.verdict != Verdict.PARITY.word]
    if failed or any(run.verdict != Verdict.PARITY.word for run in certificate.runs):
        return Verdict.DIVERGED, [*failed, f"the verdict of the run was {certificate.verdict}"]
    reasons = find_gaps(certificate)
    if not certificate.signature:
        reasons.append("it is not signed")
    elif public_key is None:
        reasons.append("its signature was not checked: pass --public-key")
    return (Verdict.INCONCLUSIVE if reasons else Verdict.PARITY), reasons


def find_gaps(certificate: Certificate) -> list[str]:
    """Return what a certificate has to show and does not."""
    proven = {(run.url, run.bundle.digest) for run in certificate.runs}
    gaps = [gap for run in certificate.runs for gap in _find_gaps_of_run(run)]
    return gaps + [gap for split in certificate.splits or [] for gap in _find_gaps_of_split(split, proven)]


def _find_gaps_of_run(run: Certificate) -> Iterator[str]:
    ran = {check.name for check in run.checks}
    if run.bundle.series is not UNSET and run.bundle.symbol is not None:
        yield f"it is of the series {run.bundle.symbol} alone: leave out --symbol to prove the others"
        return
    for check in CHECKS_OF.get(run.bundle.kind, ()):
        if check.name not in ran:
            yield f"the check {check.name} is not among its checks"
    if run.identity is not UNSET and run.identity != Identity.SHOWN:
        yield f"which bundle answered was {run.identity}"


def _find_gaps_of_split(split: CertifiedSplit, proven: Collection[tuple[str, str]]) -> Iterator[str]:
    ran = {check.name for check in split.checks}
    for check in SPLIT_CHECKS:
        if check.name not in ran and (split.sticky or check is not STICKY):
            yield f"the check {check.name} of {split.url} is not among its checks"
    for arm in split.arms:
        if (split.url, arm.digest) not in proven:
            yield f"{arm.name} at {split.url} was not proven"


def _is_signed(certificate: Certificate, public_key: Ed25519PublicKey) -> bool:
    try:
        public_key.verify(bytes.fromhex(certificate.signature), certificate.signed_bytes)
    except (InvalidSignature, ValueError):
        return False
    return True
