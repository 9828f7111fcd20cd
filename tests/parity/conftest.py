"""Files of the commands that the suite prints go where the test's files go."""

import tempfile
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _keep_files_of_curl_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
