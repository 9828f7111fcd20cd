import re
from pathlib import Path

import pytest

from qa.errors import RunFailed
from qa.nginx import proxy
from tests.conftest import ROOT


def test_the_configuration_of_the_page_is_the_one_that_is_tried() -> None:
    [block] = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text(), re.DOTALL)
    shown = [line.strip() for line in block.splitlines()[1:-1]]
    assert shown[0] == "proxy_pass http://127.0.0.1:5000;"
    assert shown[1:] == [line.strip() for line in proxy.USUAL.splitlines()]


def test_a_machine_without_nginx_is_told_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(proxy, "SEARCHED", str(tmp_path))
    with pytest.raises(RunFailed, match="apt-get install nginx-light"):
        proxy.find_nginx()
