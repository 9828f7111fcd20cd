"""A place to run mutants: deliberately wrong services, each a few lines on the real one."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from qa.threads import serve_app

Serve = Callable[[Any], AbstractContextManager[str]]


@pytest.fixture(autouse=True)
def _keep_files_of_curl_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def serve() -> Serve:
    return serve_app
