from pathlib import Path

import pytest

from qa.errors import RunFailed
from qa.uwsgi import service
from tests.conftest import ROOT


def test_the_command_of_the_page_is_the_one_that_is_tried() -> None:
    section = (ROOT / "docs" / "hosting.md").read_text().partition("## Under uWSGI")[2]
    assert f"\n{' '.join(service.COMMAND)}\n" in section


def test_a_machine_without_uwsgi_is_told_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(service, "ENVIRONMENT", tmp_path)
    with pytest.raises(RunFailed, match=r"make \.venv-doors/uwsgi/\.installed"):
        service.find_uwsgi()
