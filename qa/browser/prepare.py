"""`python -m qa.browser.prepare FOLDER`: the files that the flows need, made by the library and its commands."""

import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sklearn.linear_model import LogisticRegression

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.reading import load_bundle
from lockstep.parity.certificate import certify, write_certificate
from lockstep.parity.checks import Check
from lockstep.parity.proof import ArmEntry, SplitEntry, prove
from lockstep.parity.record import Record
from lockstep.parity.recording import record_run
from lockstep.parity.split.checks import SPLIT_CHECKS
from lockstep.parity.split.shares import ERROR
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import run_checks
from lockstep.parity.vouching import judge_certificate
from lockstep.predict.intervals import interval_at
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.browser.forged import write_forged
from qa.browser.odd_texts import CATEGORIES, COLUMN, LABELS
from qa.default_bundle import DEFAULT_BUNDLE
from qa.in_process import AppClient, Wsgi
from qa.servers import ROOT
from tests.parity.mutants.forecasters import SumsFromStartOfHistory
from tests.parity.mutants.trials import serve_forecaster
from tests.small_panels import make_series, save_panel
from tests.small_tables import make_gaps, save_table

LOCKSTEP = (sys.executable, "-m", "lockstep")
SEED, N_SERIES = 7, 5
BATCH, CHUNKS = "batch", "chunks"


def train_table(folder: Path) -> Path:
    """Train the table of the example on breast cancer, below `models` in the folder; return its first version."""
    cells, out = folder / "cells.csv", folder / "models" / "breast-cancer"
    _run(sys.executable, str(ROOT / "examples" / "breast-cancer" / "write_table.py"), str(cells))
    estimator = ("--estimator", "tree(max_depth=3)")
    _run(*LOCKSTEP, "train-table", str(cells), "--target", "diagnosis", *estimator, "--out", str(out))
    return out / "1"


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own commands


def record(app: Wsgi, bundle: Bundle, *only: str) -> Record:
    """Return the record of a run of all checks, or of some, against an app in this process."""
    subject = make_subject(AppClient(app, bundle.manifest.name), bundle, SEED)
    checks: list[Check] = [check for check in list_checks(bundle) if check.name in only or not only]
    started = datetime.datetime.now(datetime.UTC)
    return record_run(subject, run_checks(subject, checks=checks), subject.ask_version(), started)


def split_traffic(told: Record, *others: str) -> SplitEntry:
    """Return how the address of a run shares its answers between that version and others, by their digests."""
    digests = (told.bundle.digest, *others)
    checks = [msgspec.structs.replace(told.checks[0], name=check.name) for check in SPLIT_CHECKS]
    share, asked = 1.0 / len(digests), 500
    counted = (1, share, asked // len(digests), 0, asked, 0, 1)
    arms = [ArmEntry(f"arm-{place}", place, digest, *counted) for place, digest in enumerate(digests, 1)]
    return SplitEntry(told.url, told.bundle.name, "x-user", asked, ERROR, 0, arms, checks)


def write_audited(folder: Path, table: Path) -> None:
    """Write certificates and reports of the table, which is served, and of the default series.

    `expected.json` has what `lockstep parity --check-certificate` finds in each certificate, by file.
    `refused.json` has the names of files that it does not read.
    """
    key, bundle = Ed25519PrivateKey.generate(), load_bundle(table)
    right = create_app(Settings(models=(table,), rate_limit=None)).wsgi_app
    whole, part = record(right, bundle), record(right, bundle, BATCH, CHUNKS)
    wrong = record(serve_forecaster(SumsFromStartOfHistory), load_bundle(DEFAULT_BUNDLE), BATCH)
    signed = certify(whole, key)
    of_another = msgspec.structs.replace(whole, bundle=msgspec.structs.replace(whole.bundle, digest="0" * 64))
    certificates = {
        "signed.json": signed,
        "unsigned.json": certify(whole),
        "changed.json": msgspec.structs.replace(signed, time="2030-01-01T00:00:00+00:00"),
        "other-key.json": certify(whole, Ed25519PrivateKey.generate()),
        "part.json": certify(part, key),
        "other-model.json": certify(of_another, key),
        "two-runs.json": certify(prove([whole, wrong], []), key),
        "second-of-two.json": certify(prove([of_another, whole], []), key),
        "of-several.json": certify(prove([whole, whole], []), key),
        "shared.json": certify(prove([whole, whole], [split_traffic(whole)]), key),
        "shared-with-another.json": certify(prove([whole], [split_traffic(whole, "0" * 64)]), key),
    }
    for name, certificate in certificates.items():
        write_certificate(folder / name, certificate)
    digest, public = bundle.manifest.digest, key.public_key()
    expected = {name: judge_certificate(each, digest, public)[0].word for name, each in certificates.items()}
    (folder / "expected.json").write_text(json.dumps(expected))
    (folder / "refused.json").write_text(json.dumps(write_forged(folder, signed, key)))
    # a picture shows its command, in which no folder of this machine has a place
    (folder / "number.json").write_text("7")
    (folder / "report.json").write_bytes(msgspec.json.encode(wrong).replace(f"{folder}/".encode(), b""))
    (folder / "good-report.json").write_bytes(msgspec.json.encode(whole))
    (folder / "parity.pub").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "parity.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def train_odd(models: Path) -> None:
    """Train a table whose column, categories and labels are those of `odd_texts`."""
    table, odd = make_gaps().without("value"), iter(CATEGORIES + LABELS)
    table.names[0] = COLUMN
    for column in table.columns[-2:]:
        spelled = dict(zip(sorted({cell for cell in column if cell}), odd, strict=False))
        column[:] = [spelled.get(cell or "") for cell in column]
    save_table(models, table, TableRecipe("odd", table.names[-1], LogisticRegression()))


def main(folder: Path) -> None:
    """Write everything; a command of a report may name a file, which stays in the folder as well."""
    tempfile.tempdir = str(folder)
    save_panel(folder / "models" / "panel", make_series(N_SERIES), interval=interval_at(1))
    train_odd(folder / "models")
    write_audited(folder, train_table(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
