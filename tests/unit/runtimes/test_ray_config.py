"""What is found in a config of Serve, without Ray."""

from pathlib import Path

import pytest

from lockstep.runtimes.ray.__main__ import check_config, main
from lockstep.runtimes.ray.config_file import ConfigFile, Fault, InvalidConfig, read_config, write_place
from lockstep.runtimes.ray.rules import find_offences
from lockstep.runtimes.ray.schema import find_misfits
from lockstep.scoring.keys import new_key
from qa.servers import ROOT

SERVE_YAML = ROOT / "serve.yaml"
OPEN = "0.0.0.0"  # noqa: S104 -- nothing binds it here
DEPLOYMENT = "applications[0].deployments[0]"
TEXT = """http_options:
  host: {host}
applications:
  - import_path: backend.ray_serve:app
    deployments:
      - name: Lockstep
{more}"""
LOOPBACK = "http_options: {host: 127.0.0.1}\n"
KEYS = {"LOCKSTEP_API_KEYS": new_key("anna")[1].entry, "RAY_AUTH_MODE": "token"}


def read(folder: Path, *lines: str, host: str = "127.0.0.1") -> ConfigFile:
    """Return a config whose only deployment has these lines as well."""
    path = folder / "config.yaml"
    path.write_text(TEXT.format(host=host, more="".join(f"        {line}\n" for line in lines)))
    return read_config(path)


def misfits(config: ConfigFile) -> list[str]:
    return [config.describe(fault) for fault in find_misfits(config.values)]


def offences(config: ConfigFile, **environ: str) -> list[str]:
    return [config.describe(fault) for fault in find_offences(config.values, environ)]


@pytest.mark.parametrize("name", ["serve.yaml", "split.yaml"])
def test_the_configs_of_the_application_have_nothing_wrong(name: str) -> None:
    assert check_config(ROOT / name) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("own.serving:app", ""),
        ("own.serving.app", ""),
        ("own.serving:make", ""),
        ("json:dumps", ""),
        ("math:sin", ""),
        ("own.broken:app", ""),
        ("own.servin:app", "there is no 'servin' in {own}; did you mean own.serving:app?"),
        ("own.serving:ap", "{own}/serving.py has no 'ap'; did you mean own.serving:app?"),
        ("own.serving:x", "{own}/serving.py has no 'x'; expected MODULE:NAME, such as backend.ray_serve:app"),
        ("owm.serving:app", "there is no 'owm' in {here}, and none is installed here; did you mean own.serving:app?"),
        ("own/serving.py:app", "expected MODULE:NAME, such as backend.ray_serve:app"),
        ("own.serving:app:x", "expected MODULE:NAME, such as backend.ray_serve:app"),
        (":app", "expected MODULE:NAME, such as backend.ray_serve:app"),
    ],
)
def test_an_import_path_that_leads_to_nothing_is_refused_with_the_nearest_one(
    path: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    (own / "serving.py").write_text("def make():\n    inner = 1\n\nraise OSError\napp = make()\n")
    (own / "broken.py").write_text("app = (")
    (tmp_path / "serve.yaml").write_text(f"{LOOPBACK}applications:\n  - import_path: '{path}'\n")
    said = f"line 3: applications[0].import_path: is '{path}'; {reason.format(own=own, here=tmp_path)}"
    assert check_config(tmp_path / "serve.yaml") == ([f"{tmp_path / 'serve.yaml'}, {said}"] if reason else [])


def test_modules_that_a_replica_gets_by_its_runtime_environment_need_not_be_here(tmp_path: Path) -> None:
    shipped = "runtime_env: {working_dir: 'https://x/own.zip'}"
    for name, path in (("a.yaml", "own.serving:app"), ("b.yaml", "own/serving:app")):
        (tmp_path / name).write_text(f"{LOOPBACK}applications: [{{import_path: '{path}', {shipped}}}]\n")
    assert check_config(tmp_path / "a.yaml") == []
    assert "expected MODULE:NAME" in check_config(tmp_path / "b.yaml")[0]


def test_the_import_path_of_what_serves_own_processes_load_is_checked_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVE_YAML.read_text().replace("list_middlewares", "middlewares"))
    [fault] = check_config(tmp_path / "a.yaml")
    assert fault.endswith("has no 'middlewares'; did you mean lockstep.runtimes.ray.front:list_middlewares?")


@pytest.mark.parametrize("path", ["a" * 300 + ":app", "a." * 300 + "b:app", "__main__:app", ":", "."])
def test_odd_import_paths_end_in_no_traceback(path: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"applications: [{{import_path: '{path}'}}]\n")
    assert all(len(line) < 400 + len(str(tmp_path)) for line in check_config(tmp_path / "a.yaml"))


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ("Champion: 90", "Champion: 95", "user_config.shares is 105 percent together; expected 100"),
        ("Challenger: 10", "Challengers: 10", "has to name each of Champion, Challenger, and no other"),
        ("sticky_header:", "sticky:", "user_config has 'sticky'; expected shares and sticky_header"),
        ("shares:", "share:", "user_config has 'share'"),
        ("user_config:", "name_of_nothing:", "has to name each of Champion, Challenger"),
    ],
)
def test_wrong_shares_are_found_where_the_router_stands(was: str, now: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "split.yaml").write_text((ROOT / "split.yaml").read_text().replace(was, now))
    config = read_config(tmp_path / "split.yaml")
    [found] = offences(config)
    assert "applications[0].deployments[0]: user_config" in found
    assert reason in found


def test_a_key_that_serve_ignores_is_found_with_the_nearest_one(tmp_path: Path) -> None:
    assert misfits(read(tmp_path, "num_replica: 2")) == [
        f"line 7: {DEPLOYMENT}.num_replica: Serve knows no such key; did you mean `num_replicas`?"
    ]


def test_a_key_unlike_all_others_is_found_with_all_that_are_known(tmp_path: Path) -> None:
    [found] = misfits(read(tmp_path, "logging_config: {qqq: 1}"))
    assert "no such key; known are additional_log_standard_attrs, enable_access_log," in found


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        ('max_ongoing_requests: "5"', "max_ongoing_requests", 'is "5"; expected a whole number'),
        ("max_ongoing_requests: 5.5", "max_ongoing_requests", "is 5.5; expected a whole number"),
        ("max_ongoing_requests: true", "max_ongoing_requests", "is true; expected a whole number"),
        ("max_ongoing_requests: 0", "max_ongoing_requests", "is 0; expected more than 0"),
        ("health_check_period_s: soon", "health_check_period_s", 'is "soon"; expected a number'),
        ("autoscaling_config: {min_replica: 1}", "autoscaling_config.min_replica", "did you mean `min_replicas`?"),
        ("autoscaling_config: {min_replicas: -1}", "autoscaling_config.min_replicas", "is -1; expected at least 0"),
        ("autoscaling_config: 3", "autoscaling_config", "is 3; expected keys with values"),
        ("logging_config: {enable_access_log: 0}", "logging_config.enable_access_log", "expected true or false"),
        ("ray_actor_options: {num_cpu: 1}", "ray_actor_options.num_cpu", "did you mean `num_cpus`?"),
        ("ray_actor_options: {runtime_env: {env_var: {}}}", "ray_actor_options.runtime_env.env_var", "`env_vars`?"),
        ("ray_actor_options: {runtime_env: {env_vars: {A: 1}}}", "runtime_env.env_vars.A", "expected a text"),
        ("placement_group_bundles: {}", "placement_group_bundles", "is {}; expected a list"),
        ("max_surge_percent: 101", "max_surge_percent", "is 101; expected at most 100"),
    ],
)
def test_a_value_of_another_type_or_range_is_found(line: str, place: str, reason: str, tmp_path: Path) -> None:
    [found] = misfits(read(tmp_path, line))
    assert place in found
    assert reason in found


@pytest.mark.parametrize(
    "line",
    ["num_replicas: auto", "num_replicas: 2", "user_config: {anything: 1}", "health_check_period_s: 1", "user_config:"],
)
def test_what_serve_takes_is_not_found(line: str, tmp_path: Path) -> None:
    assert misfits(read(tmp_path, line)) == []


def test_a_config_without_applications_is_found(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("proxy_location: Everynode\n")
    assert misfits(read_config(tmp_path / "config.yaml")) == [
        "line 1: applications: is missing",
        'line 1: proxy_location: is "Everynode"; expected Disabled or HeadOnly or EveryNode',
    ]


@pytest.mark.parametrize("text", ["", "- 1\n", "text"])
def test_a_file_that_is_no_config_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)
    [found] = misfits(read_config(tmp_path / "config.yaml"))
    assert found.startswith("line 1: the file: is ")
    assert found.endswith("expected keys with values")


def test_a_key_that_is_there_twice_is_found(tmp_path: Path) -> None:
    assert read(tmp_path, "num_replicas: 2", "num_replicas: 3").faults == [
        Fault(("applications", 0, "deployments", 0, "num_replicas"), "is there twice")
    ]


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="is no YAML"):
        read(tmp_path, "num_replicas: [")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"applications: \xfc\n", "is no YAML: 'utf-8' codec can't decode"),
        (b'applications: "\x01"\n', "is no YAML: unacceptable character"),
        (b"applications: &all [*all]\n", "an alias is within its own anchor"),
    ],
)
def test_bytes_that_are_no_config_are_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidConfig, match=reason):
        read_config(path)


def test_an_open_address_without_keys_is_found(tmp_path: Path) -> None:
    [without_keys, without_token] = offences(read(tmp_path, host=OPEN))[-2:]
    assert without_keys.startswith("line 2: http_options.host: refusing to bind 0.0.0.0 without API keys")
    assert "RAY_AUTH_MODE is not token" in without_token


def test_a_config_that_names_no_address_has_an_open_one(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("applications: [{import_path: 'backend.ray_serve:app'}]\n")
    [found, _] = offences(read_config(tmp_path / "config.yaml"))
    assert found.startswith("line 1: http_options.host: refusing to bind 0.0.0.0")


def test_an_open_address_with_keys_and_a_token_is_taken(tmp_path: Path) -> None:
    assert offences(read(tmp_path, host=OPEN), **KEYS) == []


def test_an_open_address_without_a_token_is_found(tmp_path: Path) -> None:
    [found] = offences(read(tmp_path, host=OPEN), **{**KEYS, "RAY_AUTH_MODE": "disabled"})
    assert "who reaches the head could run code on it" in found


def test_a_secret_in_the_file_is_found_and_not_repeated(tmp_path: Path) -> None:
    variables = f"{{LOCKSTEP_API_KEYS: '{KEYS['LOCKSTEP_API_KEYS']}'}}"
    [found] = offences(read(tmp_path, f"ray_actor_options: {{runtime_env: {{env_vars: {variables}}}}}"))
    assert "LOCKSTEP_API_KEYS: Ray's dashboard shows it" in found
    assert KEYS["LOCKSTEP_API_KEYS"] not in found


def test_a_setting_that_no_replica_would_start_with_is_found(tmp_path: Path) -> None:
    [found] = offences(read(tmp_path, "ray_actor_options: {runtime_env: {env_vars: {LOCKSTEP_MAX_ROW: '5'}}}"))
    assert "unknown variable LOCKSTEP_MAX_ROW" in found


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        ("autoscaling_config: {min_replicas: 3, max_replicas: 2}", "autoscaling_config.min_replicas", "more than max_"),
        ("- name: Lockstep", "deployments[1].name", "is that of a deployment above; expected each once"),
        ("- name: ' '", "deployments[1].name", "is empty; expected the name of a deployment"),
    ],
)
def test_odd_deployments_are_found(line: str, place: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    indent = " " * (6 if line.startswith("-") else 8)
    path.write_text(TEXT.format(host="127.0.0.1", more=f"{indent}{line}\n"))
    [found] = offences(read_config(path))
    assert place in found
    assert reason in found


@pytest.mark.parametrize(
    "line", ["{min_replicas: 2, max_replicas: 2}", "{min_replicas: 2}", "{max_replicas: 5}", "null"]
)
def test_replicas_within_their_bounds_are_taken(line: str, tmp_path: Path) -> None:
    assert offences(read(tmp_path, f"autoscaling_config: {line}")) == []


def test_a_hostile_key_is_escaped(tmp_path: Path) -> None:
    [found] = misfits(read(tmp_path, r'"\e[2Jx": 1'))
    assert r"deployments[0].\x1b[2Jx: Serve knows no such key" in found
    assert "\x1b" not in found


def test_every_file_is_checked_and_what_comes_later_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(tmp_path, "num_replica: 2")
    (tmp_path / "broken.yaml").write_text("a: [\n")
    assert main([str(tmp_path / name) for name in ("broken.yaml", "config.yaml")]) == 1
    said = capsys.readouterr().err
    for expected in ("broken.yaml is no YAML", "did you mean `num_replicas`?", "are checked once this is mended"):
        assert expected in said


BOMB = "a: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{'a' * each}a: &a{each} [{', '.join([f'*a{each - 1}'] * 10)}]\n" for each in range(1, 9)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "applications: &a\n- *a\n",
        "[" * 2000,
        "applications: 2001-99-99\n",
        "applications: !!int x\n",
        f"applications: {'9' * 5000}\n",
        "applications: \udcff\n",
    ],
    ids=["bomb", "itself", "deep", "date", "number", "digits", "bytes"],
)
def test_a_file_that_means_harm_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "serve.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert main([str(path)]) == 1
    error = capsys.readouterr().err
    assert f"{path} is no YAML: " in error or f"{path} is no config: " in error


def test_places_are_written_as_people_write_them() -> None:
    assert write_place(("applications", 0, "name")) == "applications[0].name"
    assert write_place(()) == "the file"


def test_the_exit_code_says_whether_something_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SERVE_YAML)]) == 0
    assert "Serve takes every key" in capsys.readouterr().out
    assert main([str(tmp_path / "missing.yaml"), str(SERVE_YAML)]) == 1
    assert "missing.yaml" in capsys.readouterr().err
