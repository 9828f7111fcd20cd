"""What `make secrets` and `make audit` find, and that neither passes without having looked."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from lockstep.scoring.keys import new_key
from tests.conftest import ROOT
from tests.secret_scan import find_secrets, scan

PLANTED = {
    "random key": lambda: new_key("me")[0],
    "private key": lambda: "-----BEGIN RSA " + "PRIVATE KEY-----",
    "token": lambda: "ghp" + "_" + "a1B2" * 9,
    "password in an address": lambda: "rediss://:" + "s3cretw0rd" + "@host:6379",
}


def test_no_tracked_file_holds_a_secret() -> None:
    assert scan(ROOT) == []


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_secret_is_found_in_a_tracked_file(what: str, tmp_path: Path) -> None:
    for attempt in range(20):
        (tmp_path / "notes.md").write_text(f"first\nkey: {PLANTED[what]()} # {attempt}\n")
        subprocess.run("git init -q . && git add notes.md", cwd=tmp_path, shell=True, check=True)  # noqa: S602, S607
        assert [(found.path, found.line, found.what) for found in scan(tmp_path)] == [("notes.md", 2, what)]


@pytest.mark.parametrize("text", ["a" * 64, "0123456789abcdef" * 4, "test_a_long_name_that_is_no_key_at_all_2024_v3"])
def test_digests_and_names_are_no_secrets(text: str) -> None:
    assert list(find_secrets("file", text)) == []


def test_where_git_lists_nothing_the_scan_does_not_pass(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)  # noqa: S607
    with pytest.raises(ValueError, match="nothing was looked at"):
        scan(tmp_path)


def test_an_audit_that_could_not_ask_does_not_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), nowhere)
    unproxied = {"NO_PROXY": "", "no_proxy": ""}
    environ = {**os.environ, **proxies, **unproxied}
    audit = subprocess.run(
        ["make", "audit"],  # noqa: S607
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert audit.returncode != 0
    assert "make audit: requirements/web.txt is not known to be sound" in audit.stderr
