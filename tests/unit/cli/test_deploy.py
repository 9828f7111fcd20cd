import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import lockstep.cli.deploy
import lockstep.cli.proving
import lockstep.cli.rollback
import lockstep.cli.waiting
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.checkout import Checkout, read_checkout
from lockstep.cli.interrupts import ENDING
from lockstep.cli.release import NotProven, Release
from lockstep.cli.waiting import wait_until_up
from lockstep.parity.checks import CHECKS
from lockstep.predict.forecast import Forecaster
from lockstep.scoring.keys import new_key, parse_keys
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.default_bundle import DEFAULT_BUNDLE, DEFAULT_MODEL
from qa.threads import serve_app
from tests.conftest import ROOT, Start
from tests.hostile_service import drip, serve_bytes
from tests.parity.mutants.forecasters import Mutant
from tests.parity.mutants.proxies import nudge
from tests.parity.mutants.seen import Seen, Told, stand_between
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("signals_as_before")

STAND_IN = """#!/bin/sh
cd "${0%/*}" || exit 99
echo "$*" >> calls
case " $(cat failing) " in *" $1 "*) echo " >   Error: $1 failed" >&2; exit 2 ;; esac
if test -e "$1.sh"; then . "./$1.sh"; fi
if test -e "$1.json"; then cat "$1.json"; fi
echo "$1" >> ended
"""
INFO, RELEASES = "apps:info -a my-app --json", "releases -a my-app --json"
ALIASES = "config:get LOCKSTEP_ALIASES -a my-app"
RELEASED = "container:release web -a my-app"
ROLLBACK = "rollback v12 -a my-app"
PUSH, RELEASE = "container:push", "container:release"


class StandIn:
    """A `heroku` that records its calls and answers like the CLI."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        executable = folder / "heroku"
        executable.write_text(STAND_IN)
        executable.chmod(0o755)
        self.fail()
        self.describe("http://127.0.0.1:9/")

    def describe(self, url: str, build_stack: str = "container") -> None:
        # right after `heroku stack:set container`, `stack` is still the stack of the running release
        app = {"name": "my-app", "stack": {"name": "heroku-24"}, "build_stack": {"name": build_stack}, "web_url": url}
        self.answer("apps:info", {"addons": [], "app": app, "dynos": []})
        told = [
            {"version": 13, "status": "failed", "current": False},
            {"version": 12, "current": True},
            {"version": 11},
        ]
        self.answer("releases", told)

    def answer(self, command: str, told: object) -> None:
        (self.folder / f"{command}.json").write_text(json.dumps(told, indent=2))

    def act(self, command: str, script: str) -> None:
        (self.folder / f"{command}.sh").write_text(script)

    def fail(self, *commands: str) -> None:
        (self.folder / "failing").write_text(" ".join(commands))

    @property
    def calls(self) -> list[str]:
        return self.read("calls")

    def read(self, name: str) -> list[str]:
        record = self.folder / name
        return record.read_text().splitlines() if record.exists() else []


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    """A key, and the entry by which a service knows it."""
    secret, stored = new_key("ci")
    return secret, stored.entry


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git checkout with a Dockerfile.web in it."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "Dockerfile.web").write_text("FROM scratch\n")
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        command = ["git", *arguments]
        subprocess.run(command, cwd=folder, check=True)
    return folder


@pytest.fixture
def commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Work in the checkout, whose commit this is."""
    monkeypatch.chdir(checkout)
    found = read_checkout(checkout)
    assert found is not None
    return found.described


@pytest.fixture
def heroku(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return StandIn(tmp_path)


Deploy = Callable[..., tuple[int, str]]


@pytest.fixture
def deploy(
    run: Run, heroku: StandIn, key: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Deploy:
    """Run `lockstep deploy my-app`: its exit code, and all that it and its commands printed; the key in none of it."""
    monkeypatch.setenv("LOCKSTEP_API_KEY", key[0])
    monkeypatch.setattr(lockstep.cli.waiting, "POLL_S", 0.05)

    def deployed(*options: object) -> tuple[int, str]:
        result = run("deploy", "my-app", "--wait-s", 1, *options)
        printed = "".join((result.output, *capfd.readouterr()))
        assert key[0] not in printed
        assert key[0] not in "".join(heroku.calls)
        return result.exit_code, printed

    return deployed


def pushed(commit: str) -> str:
    return f"container:push web --recursive --arg LOCKSTEP_COMMIT={commit} -a my-app"


def app_of(service: Service) -> Any:
    return make_app(service).wsgi_app


def serving(make: Callable[[Forecaster], Forecaster] = Mutant, **settings: Any) -> Service:
    service = load_service(Settings(**settings))
    bundle = as_series(service.registry.default.bundle)
    return with_bundle(service, dataclasses.replace(bundle, forecaster=make(bundle.forecaster)))


def nudge_traced(seen: Seen, told: Told) -> Told:
    """Move a prediction of the few answers that have the values of their stages."""
    return nudge(told) if b'"values"' in seen.body and told.status.startswith("200") else told


def with_bundle(service: Service, bundle: SeriesBundle) -> Service:
    served = dataclasses.replace(service.registry.default, bundle=bundle)
    return dataclasses.replace(service, registry=Registry((served,), served))


def test_a_release_that_is_proven_stays(
    deploy: Deploy, heroku: StandIn, commit: str, key: tuple[str, str], start_gunicorn: Start
) -> None:
    gunicorn = start_gunicorn(LOCKSTEP_API_KEYS=key[1], LOCKSTEP_COMMIT=commit)
    gunicorn.wait_until_ready()
    heroku.describe(f"{gunicorn.url}/")
    code, printed = deploy()
    assert (code, heroku.calls) == (0, [INFO, RELEASES, ALIASES, pushed(commit), RELEASED])
    assert [line.removeprefix("$ heroku ") for line in printed.splitlines() if "$ heroku" in line] == heroku.calls
    assert f"lockstep parity {gunicorn.url} --bundle {DEFAULT_MODEL}\n" in printed
    assert f"{len(CHECKS)} checks" in printed
    assert f"PROVEN: {gunicorn.url} runs digest " in printed
    assert f", commit {commit}" in printed


def test_another_champion_in_the_apps_configuration_is_refused_before_the_push(
    deploy: Deploy, heroku: StandIn, commit: str
) -> None:
    (heroku.folder / "config:get.json").write_text("msft@champion=2\n")
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO, RELEASES, ALIASES])
    assert "LOCKSTEP_ALIASES of my-app makes version 2 the champion of msft, not 1; nothing was pushed" in printed
    assert f"Deploy that one with --bundle {DEFAULT_MODEL / '2'}, or run: heroku config:unset" in printed


def test_a_release_that_answers_differently_is_rolled_back(deploy: Deploy, heroku: StandIn, commit: str) -> None:
    with serve_app(stand_between(app_of(serving(commit=commit)), nudge_traced)) as url:
        heroku.describe(url)
        code, printed = deploy()
    assert (code, heroku.calls[3:]) == (1, [pushed(commit), RELEASED, ROLLBACK])
    assert "NOT PROVEN: `lockstep parity` exited with 1. Rolling back." in printed
    assert "ROLLED BACK: my-app runs v12 again: `lockstep parity` exited with 1." in printed
    assert "PROVEN: http" not in printed


def test_a_release_that_takes_another_key_is_rolled_back(deploy: Deploy, heroku: StandIn, commit: str) -> None:
    keys = parse_keys(new_key("other")[1].entry)
    with serve_app(app_of(serving(commit=commit, api_keys=keys))) as url:
        heroku.describe(url)
        code, printed = deploy()
    assert (code, heroku.calls[-1]) == (4, ROLLBACK)
    assert "takes another key than the one given" in printed


def test_another_digest_is_rolled_back_after_the_wait(
    deploy: Deploy, heroku: StandIn, commit: str, default_bundle: SeriesBundle
) -> None:
    service = serving(commit=commit)
    renamed = msgspec.structs.replace(default_bundle.manifest, name="other").sealed()
    other = with_bundle(service, dataclasses.replace(default_bundle, manifest=renamed))
    with serve_app(app_of(other)) as url:
        heroku.describe(url)
        code, printed = deploy()
    assert (code, heroku.calls[3:]) == (6, [pushed(commit), RELEASED, ROLLBACK])
    assert f"not up after 1 s, but: digest {renamed.digest[:12]}, commit {commit}" in printed
    assert "lockstep parity" not in printed


def test_the_same_digest_of_an_older_commit_is_rolled_back_after_the_wait(
    deploy: Deploy, heroku: StandIn, commit: str
) -> None:
    with serve_app(app_of(serving(commit="older"))) as url:
        heroku.describe(url)
        code, printed = deploy()
    assert (code, heroku.calls[-1]) == (6, ROLLBACK)
    assert f"tells of digest {serving().registry.default.bundle.manifest.digest[:12]}, commit {commit}" in printed
    assert ", commit older (`heroku logs -a my-app` may tell why)" in printed


def test_no_answer_is_rolled_back_after_the_wait(deploy: Deploy, heroku: StandIn, commit: str) -> None:
    code, printed = deploy()
    assert (code, heroku.calls[3:]) == (6, [pushed(commit), RELEASED, ROLLBACK])
    assert "not up after 1 s, but: GET http://127.0.0.1:9/version: ConnectionError" in printed


@pytest.mark.usefixtures("commit")
def test_a_release_that_fails_is_rolled_back_by_name_and_not_waited_for(deploy: Deploy, heroku: StandIn) -> None:
    heroku.fail(RELEASE)
    code, printed = deploy()
    assert (code, heroku.calls[4:]) == (6, [RELEASED, ROLLBACK])
    assert "NOT PROVEN: `heroku container:release` exited with 2" in printed
    assert "waiting" not in printed


@pytest.mark.usefixtures("commit")
def test_an_interrupted_wait_is_rolled_back(deploy: Deploy, heroku: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lockstep.cli.proving, "wait_until_up", interrupt)
    code, printed = deploy()
    assert (code, heroku.calls[-1]) == (6, ROLLBACK)
    assert "interrupted before it was proven" in printed


@pytest.mark.usefixtures("commit")
def test_whatever_goes_wrong_after_the_release_rolls_back(
    deploy: Deploy, heroku: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError("nobody thought of it")

    monkeypatch.setattr(lockstep.cli.proving, "wait_until_up", fail)
    code, printed = deploy()
    assert (code, heroku.calls[-1].split()[0]) == (6, "rollback")
    assert "RecursionError: nobody thought of it" in printed


def test_a_suite_that_is_killed_proves_nothing(
    deploy: Deploy, heroku: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep.cli.proving, "wait_until_up", lambda *_: None)
    monkeypatch.setattr(Release, "parity_command", lambda *_: ["sh", "-c", "kill -KILL $$"])
    assert (deploy()[0], heroku.calls[-1]) == (6, ROLLBACK)


@pytest.mark.usefixtures("commit")
def test_a_rollback_that_fails_is_said_with_what_to_do(deploy: Deploy, heroku: StandIn) -> None:
    heroku.fail(RELEASE, "rollback")
    code, printed = deploy()
    assert (code, heroku.calls[-1]) == (7, ROLLBACK)
    assert "NOT ROLLED BACK: `heroku rollback` exited with 2" in printed
    assert "`heroku maintenance:on -a my-app` takes the app off the air" in printed
    assert "runs v12 again" not in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("script", ["rm -f heroku; exit 2", 'mv heroku no-heroku; echo "no program" > heroku; exit 2'])
def test_a_rollback_that_cannot_run_is_a_rollback_that_failed(deploy: Deploy, heroku: StandIn, script: str) -> None:
    heroku.act(RELEASE, script)
    code, printed = deploy()
    assert (code, heroku.calls[-1]) == (7, RELEASED)
    assert "NOT ROLLED BACK: `heroku rollback` did not end: " in printed


@pytest.mark.usefixtures("commit")
def test_a_rollback_without_end_is_a_rollback_that_failed(
    deploy: Deploy, heroku: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep.cli.rollback, "ROLLBACK_S", 0.2)
    heroku.fail(RELEASE)
    heroku.act("rollback", "exec sleep 20")
    code, printed = deploy()
    assert code == 7
    assert "timed out after 0.2 seconds" in printed


def start_deploy(checkout: Path, key: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start the command as the leader of a process group, as a shell or a CI does."""
    command = [sys.executable, "-m", "lockstep", "deploy", "my-app", "--wait-s", "60"]
    environ = {**os.environ, "LOCKSTEP_API_KEY": key, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=checkout, env=environ, start_new_session=True, **options)


def wait_for_call(heroku: StandIn, call: str) -> None:
    ends = time.monotonic() + 60
    while call not in heroku.calls:
        assert time.monotonic() < ends
        time.sleep(0.02)


HEEDS_SIGNALS = f"""{sys.executable} -c '
import signal, time
for number in {[int(number) for number in ENDING]}:
    signal.signal(number, signal.SIG_DFL)
open("heeds", "w").close()
time.sleep(0.5)
' || exit 3
"""
"""What a program does that sets signals up anew, whatever it was started with."""


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize(("failing", "reason"), [("", "interrupted before it was proven"), (RELEASE, "exited with 2")])
def test_no_further_signal_stops_the_rollback(
    checkout: Path, heroku: StandIn, key: tuple[str, str], failing: str, reason: str
) -> None:
    heroku.fail(failing)
    heroku.act("rollback", HEEDS_SIGNALS)
    with start_deploy(checkout, key[0], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        wait_for_call(heroku, RELEASED)
        if not failing:
            process.terminate()
        wait_for_call(heroku, ROLLBACK)
        while not (heroku.folder / "heeds").exists():
            time.sleep(0.02)
        for number in ENDING:
            os.killpg(process.pid, number)
        printed = process.communicate(timeout=60)[0].decode()
    assert (process.returncode, heroku.read("ended")[-1]) == (6, "rollback")
    assert "ROLLED BACK: my-app runs v12 again: " in printed
    assert reason in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize(("failing", "code"), [((), 6), (("rollback",), 7)])
def test_a_closed_terminal_does_not_stop_the_rollback(
    checkout: Path, heroku: StandIn, key: tuple[str, str], failing: tuple[str, ...], code: int
) -> None:
    heroku.fail(*failing)
    heroku.act("rollback", "echo rolling back; echo rolling back >&2")
    reader, writer = os.pipe()
    with start_deploy(checkout, key[0], stdout=writer, stderr=writer) as process:
        os.close(writer)
        wait_for_call(heroku, RELEASED)
        os.close(reader)
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == code
    assert heroku.calls[-1] == ROLLBACK
    assert ("rollback" in heroku.read("ended")) == (not failing)


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("command", ["apps:info", PUSH])
@pytest.mark.parametrize("number", ["INT", "TERM"])
def test_an_interrupt_before_the_release_changes_nothing_and_says_so(
    deploy: Deploy, heroku: StandIn, command: str, number: str
) -> None:
    heroku.act(command, f"sleep 0.1; kill -{number} $PPID; sleep 5")
    code, printed = deploy()
    assert (code, heroku.calls[-1].split()[0]) == (5, command)
    assert "interrupted; nothing was released" in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("told", [[], [{"version": 3, "status": "failed", "current": False}]])
def test_without_a_release_to_go_back_to_nothing_is_pushed(deploy: Deploy, heroku: StandIn, told: object) -> None:
    heroku.answer("releases", told)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO, RELEASES])
    assert "my-app has no current release, so there would be none to go back to; nothing was pushed" in printed
    assert "heroku config:set LOCKSTEP_TRUSTED_PROXIES=1 -a my-app" in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("command", ["apps:info", "releases", "config:get"])
def test_output_that_is_no_text_is_refused(deploy: Deploy, heroku: StandIn, command: str) -> None:
    (heroku.folder / f"{command}.json").write_bytes(b'{"app": "\xff\xfe"}')
    code, printed = deploy()
    assert (code, heroku.calls[-1].split()[0]) == (5, command)
    assert f"`heroku {command}` printed bytes that are no UTF-8; nothing was pushed. Look at them: heroku" in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize(
    "url", ["", "my-app.herokuapp.com", "ftp://my-app", "https://", "https://my-app/?a=b", "https://my-app/\x1b[2J"]
)
def test_an_address_that_cannot_be_asked_is_refused(deploy: Deploy, heroku: StandIn, url: str) -> None:
    heroku.describe(url)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO])
    assert "`heroku apps:info` names an address of my-app that cannot be asked: the URL " in printed
    assert "heroku apps:info -a my-app --json" in printed
    assert "\x1b" not in printed


@pytest.mark.usefixtures("commit")
def test_an_address_with_a_password_is_refused_without_it(deploy: Deploy, heroku: StandIn) -> None:
    heroku.describe("https://me:s3cret@my-app.example/")
    code, printed = deploy()
    assert (code, "s3cret" in printed) == (5, False)
    assert "the address of my-app holds a password; nothing was pushed" in printed


@pytest.mark.usefixtures("commit")
def test_aliases_that_cannot_be_read_are_refused(deploy: Deploy, heroku: StandIn) -> None:
    (heroku.folder / "config:get.json").write_text("champion 2\n")
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO, RELEASES, ALIASES])
    assert "LOCKSTEP_ALIASES of my-app cannot be read: entry 1 is 'champion 2'" in printed
    assert "heroku config:unset LOCKSTEP_ALIASES -a my-app" in printed


def test_a_push_that_fails_releases_nothing_and_rolls_nothing_back(
    deploy: Deploy, heroku: StandIn, commit: str
) -> None:
    heroku.fail(PUSH)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO, RELEASES, ALIASES, pushed(commit)])
    assert "`heroku container:push` exited with 2; nothing was released" in printed


@pytest.mark.usefixtures("commit")
def test_an_app_of_another_stack_is_refused_with_the_fix(deploy: Deploy, heroku: StandIn) -> None:
    heroku.describe("http://127.0.0.1:9/", build_stack="heroku-24")
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO])
    assert "my-app builds for the stack heroku-24, not container" in printed
    assert "run: heroku stack:set container -a my-app" in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("command", ["apps:info", "releases"])
def test_an_app_that_the_cli_cannot_tell_of_is_refused(deploy: Deploy, heroku: StandIn, command: str) -> None:
    heroku.fail(command)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO, RELEASES][: 1 + (command == "releases")])
    assert f"`heroku {command}` exited with 2; nothing was pushed" in printed
    assert "`heroku login`" in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("told", [[], {"app": {"build_stack": {"name": "container"}, "web_url": None}}])
def test_an_answer_that_the_cli_does_not_give_is_refused(deploy: Deploy, heroku: StandIn, told: object) -> None:
    heroku.answer("apps:info", told)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [INFO])
    assert "`heroku apps:info` printed what the Heroku CLI 11 does not" in printed


def test_outside_of_git_no_commit_is_passed(
    deploy: Deploy, heroku: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "Dockerfile.web").touch()
    heroku.fail(RELEASE)
    deploy()
    assert heroku.calls[3] == "container:push web --recursive -a my-app"


def test_files_that_differ_from_the_commit_are_told(
    deploy: Deploy, checkout: Path, commit: str, heroku: StandIn
) -> None:
    unknown = checkout / "unknown"
    unknown.touch()
    _, printed = deploy("--dry-run")
    unknown.unlink()
    assert f"note: 1 file(s) differ from the commit; /version will show {commit}-dirty\n  unknown\n" in printed
    assert f"$ heroku {pushed(commit + '-dirty')}\n" in printed
    assert heroku.calls == []


def test_of_many_files_that_differ_the_others_are_counted() -> None:
    first, *lines = lockstep.cli.deploy.describe_changes(
        Checkout("a" * 40, tuple(f"file{n}" for n in range(23)))
    ).splitlines()
    assert first == f"note: 23 file(s) differ from the commit; /version will show {'a' * 40}-dirty"
    assert lines == [*(f"  file{n}" for n in range(20)), "  and 3 more"]


def test_a_dry_run_prints_every_command_and_runs_none(deploy: Deploy, heroku: StandIn, commit: str) -> None:
    code, printed = deploy("--dry-run")
    shown = [line.removeprefix("$ heroku ") for line in printed.splitlines() if line.startswith("$ heroku")]
    assert (code, heroku.calls) == (0, [])
    assert shown == [INFO, RELEASES, ALIASES, pushed(commit), RELEASED, ROLLBACK.replace("v12", "CURRENT_RELEASE")]
    assert f" -m lockstep parity WEB_URL --bundle {DEFAULT_MODEL}\n" in printed


@pytest.mark.usefixtures("commit")
def test_a_missing_heroku_cli_is_refused_with_where_to_get_it(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    code, printed = deploy()
    assert code == 5
    assert "no `heroku` on PATH: install the Heroku CLI (https://devcenter.heroku.com/articles/heroku-cli)" in printed


@pytest.mark.usefixtures("commit")
@pytest.mark.parametrize("second", ["venv/lib/lockstep/application/Dockerfile.web", "old/Dockerfile.web"])
def test_a_second_dockerfile_is_refused_by_its_path(
    deploy: Deploy, checkout: Path, heroku: StandIn, second: str
) -> None:
    path = checkout / second
    path.parent.mkdir(parents=True)
    path.touch()
    code, printed = deploy()
    shutil.rmtree(checkout / second.partition("/")[0])
    assert (code, heroku.calls) == (5, [])
    assert f"{second} is a second Dockerfile.web" in printed


def test_a_dockerfile_in_a_hidden_folder_is_none(tmp_path: Path) -> None:
    for folder in ("", ".venv/lib"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "Dockerfile.web").touch()
    lockstep.cli.deploy.check_dockerfiles(tmp_path)


@pytest.mark.usefixtures("commit")
def test_a_missing_key_is_refused_before_anything_runs(
    run: Run, heroku: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOCKSTEP_API_KEY", raising=False)
    refused = run("deploy", "my-app")
    assert (refused.exit_code, heroku.calls) == (5, [])
    assert "LOCKSTEP_API_KEY is not set" in refused.stderr


def test_another_folder_is_refused(
    deploy: Deploy, heroku: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [])
    assert f"no Dockerfile.web in {tmp_path}" in printed


@pytest.mark.usefixtures("commit")
def test_a_bundle_that_the_image_does_not_hold_is_refused(deploy: Deploy, heroku: StandIn, tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_MODEL, tmp_path / "msft")
    code, printed = deploy("--dry-run", "--bundle", tmp_path / "msft")
    assert (code, heroku.calls) == (5, [])
    assert "which is all that the image holds" in printed


def test_a_version_that_would_be_pushed_along_has_to_be_whole(
    deploy: Deploy, heroku: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in ("msft", "other"):
        shutil.copytree(DEFAULT_MODEL, tmp_path / "models" / model)
    (tmp_path / "models" / "other" / "1" / "model.pkl").write_bytes(b"")
    (tmp_path / "lockstep.toml").write_text('default = "msft"')
    (tmp_path / "Dockerfile.web").write_text("")
    shutil.copytree(ROOT / "preprocessing", tmp_path / "preprocessing")
    monkeypatch.chdir(tmp_path)
    code, printed = deploy()
    assert (code, heroku.calls) == (5, [])
    assert "other/1: model.pkl has SHA-256" in printed


def test_a_bundle_that_cannot_be_used_here_is_refused(deploy: Deploy, heroku: StandIn, tmp_path: Path) -> None:
    code, printed = deploy("--bundle", tmp_path)
    assert (code, heroku.calls) == (5, [])
    assert "holds no version of a model" in printed


def test_the_steps_by_hand_are_the_commands_of_deploy() -> None:
    by_hand = (ROOT / "docs" / "deploy.md").read_text().splitlines()
    release = Release("APP", DEFAULT_BUNDLE, "", "$(git rev-parse HEAD)")
    assert " ".join(release.push_command) in by_hand
    assert " ".join(release.release_command) in by_hand


def told_in_turn(*answers: tuple[str, bytes]) -> Callable[..., Iterable[bytes]]:
    queue = iter(answers)

    def app(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        status, body = next(queue)
        start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return app


def version(*digests: str, commit: str) -> tuple[str, bytes]:
    models = [
        {"name": "x", "version": place, "aliases": [], "digest": digest, "symbol": "X", "default": place == 1}
        for place, digest in enumerate(digests, 1)
    ]
    return "200 OK", json.dumps({"models": models, "libraries": {}, "self_check": {}, "commit": commit}).encode()


NEW = Release("my-app", DEFAULT_BUNDLE, "a" * 64, "new")


def test_waiting_goes_on_until_digest_and_commit_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lockstep.cli.waiting, "POLL_S", 0.01)
    gone, moved, foreign = ("503 No", b"{}"), ("404 No", b"no such app"), ("200 OK", b'{"models": 3}')
    old, half = version("b" * 64, commit="old"), version("a" * 12 + "b" * 52, commit="new")
    app = told_in_turn(old, gone, moved, foreign, half, version("a" * 64, commit="new"), ("200 OK", b"asked once more"))
    with serve_app(app) as url:
        wait_until_up(NEW, url, 60)
    assert app({}, lambda *_: None) == [b"asked once more"]  # `half` was not enough, and the release was
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 6  # the new release reads as `half` does in twelve digits, and is not said twice
    assert printed[0] == f"waiting up to 60 s until {url}/version tells of digest aaaaaaaaaaaa, commit new"
    assert printed[1].endswith(" s: digest bbbbbbbbbbbb, commit old")
    assert "503 Service Unavailable" in printed[2]
    assert "404: no such app" in printed[3]
    assert "Expected `array`, got `int`" in printed[4]


def test_without_a_commit_of_its_own_any_commit_will_do() -> None:
    with serve_app(told_in_turn(version("a" * 64, commit="unknown"))) as url:
        wait_until_up(dataclasses.replace(NEW, commit=None), url, 60)


def test_a_service_of_several_bundles_is_up_when_one_is_the_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep.cli.waiting, "POLL_S", 0.01)
    with serve_app(told_in_turn(version("b" * 64, "a" * 64, commit="new"))) as url:
        wait_until_up(NEW, url, 60)


def test_a_wait_that_times_out_says_what_was_told_last() -> None:
    with (
        serve_app(told_in_turn(*[version("b" * 64, commit="old")] * 50)) as url,
        pytest.raises(NotProven, match=r"not up after 1 s, but: digest bbbbbbbbbbbb, commit old") as fault,
    ):
        wait_until_up(NEW, url, 1)
    assert fault.value.exit_code == 6


@pytest.mark.parametrize(
    ("head", "drop"), [(b"", b"H"), (b"HTTP/1.1 200 OK\r\n\r\n", b" "), (b"", b"HTTP/1.1 100 Continue\r\n\r\n")]
)
def test_a_version_that_drips_does_not_prolong_the_wait(head: bytes, drop: bytes) -> None:
    started = time.monotonic()
    with serve_bytes(drip(head, drop)) as url, pytest.raises(NotProven, match="not up after 1 s"):
        wait_until_up(NEW, url, 1)
    assert time.monotonic() - started < lockstep.cli.waiting.POLL_TIMEOUT_S


def test_what_the_service_tells_of_itself_is_no_command_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\nPROVEN"
    with serve_app(told_in_turn(*[version(evil, commit=evil)] * 50)) as url, pytest.raises(NotProven) as fault:
        wait_until_up(NEW, url, 1)
    for line in [*capsys.readouterr().out.splitlines(), str(fault.value)]:
        assert line.isprintable()
        assert not line.startswith("PROVEN")
