"""Look for secrets in every tracked file: `make secrets` prints where one stands, never the secret.

What counts is what this project and its deployments hold: API keys as `lockstep keys new` makes them, private
keys, tokens of Heroku, GitHub and AWS, and addresses with a password.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATTERNS = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "token": re.compile(r"\b(?:HRKU-[\w-]{36,}|gh[pousr]_\w{36,}|AKIA[A-Z0-9]{16}|xox[abpr]-[\w-]{10,})"),
    "password in an address": re.compile(
        r"\b\w+://[^\s/:@'\"]*:(?!(?i:password)@|hunter2@|s(?:3|%3A%2F)cret@)[^\s/:@'\"{}$]{6,}@"
    ),
    "random key": re.compile(r"(?<![\w+/=-])[A-Za-z0-9_-]{40,64}(?![\w+/=-])"),
}
WORDS = re.compile(r"[A-Za-z][a-z]{3,}(?=[-_A-Z]|$)")
MOST_WORDS = 0.8
"""The share of words from which a run of letters is a name: of 100,000 keys none had so many."""


@dataclass(frozen=True)
class Finding:
    """Hold where something stands that looks like a secret, and like which."""

    path: str
    line: int
    what: str


def find_secrets(path: str, text: str) -> Iterator[Finding]:
    """Yield what looks like a secret, line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in PATTERNS.items():
            if any(what != "random key" or _is_random(found.group()) for found in pattern.finditer(line)):
                yield Finding(path, number, what)


def _is_random(text: str) -> bool:
    """Return whether a run of letters mixes cases as no digest does, and is no run of words."""
    mixed = any(map(str.isupper, text)) and any(map(str.islower, text))
    return mixed and len("".join(WORDS.findall(text))) < MOST_WORDS * len(text) and len(set(text)) > 16


def scan(root: Path) -> list[Finding]:
    """Return the findings in every tracked file of the repository at `root`; raise where git lists none."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout  # noqa: S607
    paths = [root / name for name in listed.decode().split("\0") if name]
    if not paths:
        raise ValueError(f"git lists no files in {root}: nothing was looked at")
    existing = [path for path in paths if path.is_file()]
    return [
        finding
        for path in existing
        for finding in find_secrets(str(path.relative_to(root)), path.read_bytes().decode(errors="replace"))
    ]


if __name__ == "__main__":
    findings = scan(ROOT)
    for finding in findings:
        print(f"{finding.path}:{finding.line}: looks like a {finding.what}")
    sys.exit(bool(findings))
