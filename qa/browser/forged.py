"""Files that look like a signed certificate, and that `lockstep parity --check-certificate` refuses to read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lockstep.parity.certificate import Certificate, CertificateError, read_certificate
from qa.errors import RunFailed

N_NESTED = 100_000


def write_forged(folder: Path, signed: Certificate, key: Ed25519PrivateKey) -> list[str]:
    """Write a file for each way that only the bytes of the file give away; return their names.

    Raises `RunFailed` if the command reads one of them. Each that is JSON is signed with the key, but for its form.
    """
    told = msgspec.to_builtins(signed)
    right = _lay_out(told)
    first, second, *others = told["checks"]
    forged = {
        "one-line.json": json.dumps(told),
        "without-end.json": right.removesuffix("\n"),
        "mark.json": f"\N{ZERO WIDTH NO-BREAK SPACE}{right}",
        "escaped.json": right.replace('"parity"', r'"parit\u0079"'),
        "twice.json": right.replace('\n  "verdict"', '\n  "verdict": "diverged",\n  "verdict"'),
        "more.json": _lay_out(_sign({**told, "withdrawn": True}, key)),
        "more-of-check.json": _lay_out(_sign({**told, "checks": [{**first, "skipped": True}, second, *others]}, key)),
        "more-of-bundle.json": _lay_out(_sign({**told, "bundle": {**told["bundle"], "draft": True}}, key)),
        "less.json": _lay_out(_sign({name: each for name, each in told.items() if name != "n_leaves"}, key)),
        "turned.json": _lay_out(_sign({"signature": "", **{n: e for n, e in told.items() if n != "signature"}}, key)),
        "number-as-text.json": _lay_out(_sign({**told, "checks": [{**first, "compared": "9"}, second, *others]}, key)),
        "fraction.json": _lay_out(_sign({**told, "seed": 0.5}, key)),
        "not-a-number.json": _lay_out(_sign({**told, "seed": float("nan")}, key)),
        "cut-off.json": right[: len(right) // 2],
        "nested.json": '{"beside": [' * N_NESTED,
    }  # fmt: skip
    for name, text in forged.items():
        (folder / name).write_text(text)
        if not _is_refused(folder / name):
            raise RunFailed(f"lockstep parity --check-certificate reads {name}")
    return list(forged)


def _lay_out(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _sign(told: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    compact = json.dumps({**told, "signature": ""}, separators=(",", ":"), ensure_ascii=False)
    return {**told, "signature": key.sign(compact.encode()).hex()}


def _is_refused(path: Path) -> bool:
    try:
        read_certificate(path)
    except CertificateError:
        return True
    return False
