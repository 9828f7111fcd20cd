"""Certificates of `lockstep parity`, imported if one is written or checked: cryptography is slow to import."""

from pathlib import Path

from rich.console import Console

from lockstep.bundles.reading import load_bundle
from lockstep.parity.certificate import (
    certify,
    read_certificate,
    read_public_key,
    read_signing_key,
    write_certificate,
)
from lockstep.parity.proof import Proof
from lockstep.parity.record import Record
from lockstep.parity.reports.console import mark, show
from lockstep.parity.vouching import find_gaps, judge_certificate

__all__ = ["print_judgement", "read_signing_key", "write_signed"]

PART_OF_A_RUN = "; it is not of a whole run, and vouches for nothing"


def write_signed(console: Console, told: Record | Proof, path: Path, sign: Path | None) -> None:
    """Write the certificate of a run or of several, signed if a key is named, and say so."""
    certificate = certify(told, read_signing_key(sign) if sign else None)
    write_certificate(path, certificate)
    is_whole = not find_gaps(certificate)
    part = "" if is_whole else PART_OF_A_RUN
    console.print(f"wrote {show(str(path))}, {'signed' if sign else 'not signed'}{part}")


def print_judgement(console: Console, path: Path, folder: Path, public_key: Path | None) -> int:
    """Print whether a certificate vouches for the bundle in a folder; return the exit code that says so."""
    certificate, digest = read_certificate(path), load_bundle(folder).manifest.digest
    verdict, reasons = judge_certificate(certificate, digest, read_public_key(public_key) if public_key else None)
    for run in certificate.runs:
        libraries = [" ".join(library) for library in (run.libraries or {}).items()]
        told = (run.url, f"commit {run.commit}", run.time, *([run.server] if run.server else []), *libraries)
        console.print(f"{show(str(path))}: {', '.join(map(show, told))}")
    console.print(f"{mark(verdict.word)} for {show(str(folder))}, digest {digest[:12]}")
    for reason in reasons:
        console.print(f"    {show(reason)}")
    return verdict.value
