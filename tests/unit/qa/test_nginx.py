import re
from pathlib import Path

import pytest
import yaml

from lockstep.scoring.kinds import INTERNAL, KINDS
from lockstep.scoring.settings import DEFAULT_RATE, Settings
from qa.errors import RunFailed
from qa.nginx import examples, proxy, tools
from qa.nginx.examples import COMPOSE_FILE, OF_NGINX, SHARED, USER_DATA, read_compose_example, read_user_data
from tests.conftest import ROOT


def read_maps(text: str) -> dict[str, dict[str, str]]:
    """Return what each map of nginx by status gives for a status."""
    found = re.findall(r"map \$status \$lockstep_(\w+) \{\n(.*?)\n\}", text, re.DOTALL)
    line = re.compile(r"^ +(\w+) (?:\"(?=.*\"))?(.*?)\"?;$", re.MULTILINE)
    return {name: dict(line.findall(block)) for name, block in found}


def test_the_configuration_of_the_page_is_the_one_that_is_tried() -> None:
    [block] = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "hosting.md").read_text(), re.DOTALL)
    shown = [line.strip() for line in block.splitlines()[1:-1]]
    assert shown[0] == "proxy_pass http://127.0.0.1:5000;"
    assert shown[1:] == [line.strip() for line in proxy.USUAL.splitlines()]


def test_a_machine_without_a_tool_is_told_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "SEARCHED", str(tmp_path))
    with pytest.raises(RunFailed, match="nginx is not installed; apt-get install nginx-light"):
        tools.NGINX.find()


def test_both_examples_hold_the_same_text() -> None:
    written = read_user_data()
    for name in SHARED:
        assert written[OF_NGINX + name] == read_compose_example().files[name], f"copy {name} into {USER_DATA.name}"


def test_what_nginx_refuses_has_the_codes_and_titles_of_the_kinds() -> None:
    maps = read_maps(read_compose_example().files["lockstep/http.conf"])
    assert maps["code"].pop("default") == INTERNAL.code
    assert maps["title"].pop("default") == INTERNAL.title
    titles = {(str(kind.status), kind.code): kind.title for kind in KINDS}
    assert {status: titles[status, code] for status, code in maps["code"].items()} == maps["title"]
    assert {"default", *maps["code"]} == set(maps["detail"])


def test_the_limits_of_nginx_are_those_of_the_service() -> None:
    files = read_compose_example().files
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", files["lockstep/server.conf"])
    [rate] = re.findall(r"rate=(\d+)r/s;", files["lockstep/http.conf"])
    assert int(megabytes) * 2**20 == Settings().max_body_bytes
    assert f" {Settings().max_body_bytes} bytes" in read_maps(files["lockstep/http.conf"])["detail"]["413"]
    assert (int(rate) * 60, "minute") == (DEFAULT_RATE.requests, DEFAULT_RATE.period)


def test_compose_mounts_what_is_tried() -> None:
    mounted = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["nginx"]["volumes"]
    assert mounted == ["./nginx.conf:/etc/nginx/nginx.conf:ro", "./lockstep:/etc/nginx/lockstep:ro"]
    assert sorted(f"lockstep/{path.name}" for path in (COMPOSE_FILE.parent / "lockstep").iterdir()) == sorted(SHARED)


def test_a_text_that_an_example_lost_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="examples/compose has no 'listen 80;'"):
        examples.write_files(read_compose_example(), tmp_path, {"listen 80;": "listen 81;"})
