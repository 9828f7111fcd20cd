import hashlib
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from lockstep.bundles.reading import load_bundle, load_series
from lockstep.bundles.shown_verdict import NO_CHANGE_IS_SERVED
from lockstep.bundles.stated.unproven import list_unproven
from lockstep.bundles.verdicts import VerdictEntry, describe_test, describe_verdict
from lockstep.cli import serve as serving
from lockstep.errors import InvalidBundle, UnknownModel
from lockstep.report_card.building import make_report_card
from lockstep.report_card.page import render_page
from lockstep.scoring.keys import find_key, parse_keys
from lockstep.training.grid import GRID, candidates
from lockstep.training.selecting import CANDIDATES
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import ROOT
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars


def test_train_evaluate_verify_round_trip(prices: Path, tmp_path: Path, run: Run) -> None:
    out, picture = tmp_path / "deep" / "tiny", tmp_path / "tiny.png"
    trained = run("train", prices, "--symbol", "TINY", "--out", out, "--test-rows", 100)
    assert (trained.exit_code, "calendar  XNYS" in trained.stdout) == (0, True)
    assert [name in trained.stdout for name in ("model", "always 1.0", "mean of learning returns")] == [True] * 3
    digest = load_series(out / "1").manifest.digest
    assert f"digest {digest[:12]}" in trained.stdout
    assert "always 1.0" in run("evaluate", out, "--picture", picture).stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    verified = run("verify", out).stdout
    assert "digests match, 100 rows recomputed to the bit" in verified
    assert verified.endswith(f"model digest {digest}\n")


def test_evaluate_writes_the_report_card_and_draws_what_is_asked_for(
    bundle: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run("evaluate", bundle, "--html", "report.html").stdout
    assert shown.endswith("report    report.html\n")
    card = make_report_card(load_bundle(bundle), 1)
    assert Path("report.html").read_text() == render_page(card)
    assert not Path("evaluation.png").exists()
    Path("report.html").unlink()
    run("evaluate", bundle, "--html", "report.html", "--picture", "a.png", "--json")
    assert {path.name for path in tmp_path.iterdir() if path.suffix in (".html", ".png")} == {"report.html", "a.png"}
    assert "report.txt does not end in .html" in run("evaluate", bundle, "--html", "report.txt").stderr


def test_features_decide_what_is_adjusted_and_train_and_verify_say_what_they_read(
    prices: Path, tmp_path: Path, run: Run
) -> None:
    out, arguments = tmp_path / "whole", ("--symbol", "T", "--test-rows", 100, "--features")
    trained = run("train", prices, "--out", out, *arguments, ROOT / "examples" / "tutorial" / "features.py").stdout
    verified = run("verify", out).stdout
    assert ["a row reads the whole history: not checked alone" in text for text in (trained, verified)] == [True] * 2
    header, first, *_ = prices.read_text().splitlines()
    raw = dict(zip(header.split(","), first.split(","), strict=True))
    oldest = load_series(out / "1").bars.values[:, 0].tolist()
    assert oldest == [float(raw[name]) for name in ("Open", "High", "Low", "Adj Close", "Volume")]
    windowed = run("train", prices, "--out", out, *arguments, "daily").stdout
    assert "a row reads the 200 bars that end in its row" in windowed


@pytest.mark.parametrize("symbol", ["EUR/USD", "../evil", "^GSPC", ".", ".."])
def test_a_symbol_that_is_no_name_of_a_model_is_refused(
    symbol: str, prices: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lockstep.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    refused = run("train", prices, "--symbol", symbol)
    assert (refused.exit_code, sorted(tmp_path.iterdir())) == (2, before)
    assert "is no name; expected a letter" in refused.stderr
    assert "Call the model something else: --out models/NAME" in refused.stderr


def test_json_of_train_is_the_manifest_and_no_grid(prices: Path, tmp_path: Path, run: Run) -> None:
    printed = run("train", prices, "--symbol", "T", "--out", tmp_path / "t", "--test-rows", 100, "--json").stdout
    assert json.loads(printed) == {
        "manifest": json.loads((tmp_path / "t" / "1" / "manifest.json").read_bytes()),
        "grid": [],
    }


def test_grid_lists_every_candidate_and_trains_with_the_best(prices: Path, tmp_path: Path, run: Run) -> None:
    arguments = ("train", prices, "--symbol", "T", "--out", tmp_path / "t", "--test-rows", 100, "--grid")
    printed = json.loads(run(*arguments, "--json").stdout)
    errors = [candidate["mse"] for candidate in printed["grid"]]
    assert (len(errors), errors) == (len(candidates(GRID)), sorted(errors))
    tree = printed["manifest"]["estimator"][-1]["parameters"]
    assert {name: tree[name] for name in printed["grid"][0]["parameters"]} == printed["grid"][0]["parameters"]
    table = run(*arguments).stdout
    assert all(name.replace("_", " ") in table for name in GRID)


def test_json_of_evaluate_holds_the_scores_of_the_manifest(bundle: Path, run: Run, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    printed = json.loads(run("evaluate", bundle, "--json").stdout)
    assert printed.pop("interval") == manifest["interval"]["scores"]
    assert printed == {name: manifest[name] for name in ("symbol", "scores", "up_rate")}
    assert sorted(tmp_path.iterdir()) == before


def test_verify_without_a_bundle_verifies_those_of_the_settings(
    bundle: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKSTEP_MODELS", f"{bundle}{os.pathsep}{DEFAULT_BUNDLE}")
    printed = [json.loads(line) for line in run("verify", "--json").stdout.splitlines()]
    expected = [(folder, load_series(folder).manifest, rows) for folder, rows in ((bundle, 100), (DEFAULT_BUNDLE, 961))]
    assert printed == [
        {
            "bundle": str(folder),
            "digest": manifest.digest,
            "rows": rows,
            "equal": True,
            "guarantees": {"prediction": "bits"},
            "stated": list_unproven(manifest),
        }
        for folder, manifest, rows in expected
    ]


def test_new_key_opens_what_its_entry_describes(run: Run) -> None:
    printed = run("keys", "new", "postman")
    (_, secret), (_, entry) = (line.split() for line in printed.stdout.splitlines())
    assert entry == f"postman:{hashlib.sha256(secret.encode()).hexdigest()}"
    found = find_key(parse_keys(entry), secret.encode())
    assert found is not None
    assert found.name == "postman"
    assert find_key(parse_keys(entry), secret[:-1].encode()) is None
    assert secret not in printed.stderr
    assert secret not in run("keys", "new", "postman").stdout


@pytest.mark.parametrize("name", ["a b", "a:b", "a,b", "", "x" * 65])
def test_key_name_that_no_entry_can_hold_is_refused(run: Run, name: str) -> None:
    refused = run("keys", "new", name)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "is no key name" in refused.stderr


def test_serve_becomes_gunicorn_with_the_bundles_and_the_address(
    bundle: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    run("serve", bundle, DEFAULT_BUNDLE, "--port", 8001, "--host", "::1")
    (program, command, environ), = started  # fmt: skip
    assert (program, command[:4]) == (sys.executable, [sys.executable, "-P", "-m", "lockstep.runtimes.gunicorn"])
    assert command[4:] == ["--config", "python:lockstep.runtimes.gunicorn.config", "lockstep.web.wsgi:app"]
    assert environ["LOCKSTEP_MODELS"] == f"{bundle}{os.pathsep}{DEFAULT_BUNDLE}"
    assert (environ["PORT"], environ["LOCKSTEP_HOST"]) == ("8001", "::1")


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_serve_names_the_port_option_if_the_port_is_taken(
    host: str, shown: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("gunicorn was started"))
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", DEFAULT_BUNDLE, "--port", port, "--host", host)
    said = f"cannot listen at {shown}:{port}: Address already in use. Choose another port with --port, such as --port "
    assert (refused.exit_code, said in refused.stderr) == (1, True)


def test_serve_on_a_unix_socket_has_no_port_to_be_taken(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    assert run("serve", DEFAULT_BUNDLE, "--host", f"unix:{tmp_path / 'socket'}").exit_code == 0
    assert len(started) == 1


@pytest.mark.parametrize(("is_terminal", "form"), [(True, "text"), (False, None)])
def test_serve_writes_its_log_for_people_on_a_terminal(
    is_terminal: bool, form: str | None, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    monkeypatch.delenv("LOCKSTEP_LOG", raising=False)
    monkeypatch.setattr(serving, "is_terminal", lambda: is_terminal)
    run("serve", DEFAULT_BUNDLE, "--host", "unix:unused")
    [(_, _, environ)] = started
    assert environ.get("LOCKSTEP_LOG") == form


def test_models_are_evaluated_by_their_names(run: Run, tmp_path: Path) -> None:
    shown = run("evaluate", "msft", "--picture", tmp_path / "a.png")
    assert (shown.exit_code, "always 1.0" in shown.stdout) == (0, True)
    with pytest.raises(UnknownModel, match="did you mean 'msft'"):
        run("evaluate", "mfst")


def test_a_second_version_names_its_promotion(bundle: Path, prices: Path, run: Run) -> None:
    model = bundle.parent
    shown = run("train", prices, "--symbol", "TINY", "--test-rows", 101, "--out", model).stdout
    assert ", which does not answer yet: version 1 is the champion\n" in shown
    promote = shown.splitlines()[-1].split("    ")[-1].split()
    assert promote == ["lockstep", "models", "--models", str(model.parent), "promote", "tiny", "2"]
    assert run(*promote[1:]).exit_code == 0


def test_a_version_like_an_older_one_is_said_to_be_its_copy(bundle: Path, prices: Path, run: Run) -> None:
    model, recipe = bundle.parent, ("--symbol", "TINY", "--calendar", "file")
    other, copy = (run("train", prices, *recipe, "--test-rows", rows, "--out", model).stdout for rows in (101, 100))
    said, remove = copy.splitlines()[-1].split(": ")
    assert said == "same      as version 1, to the byte; to remove the copy"
    assert "same " not in other
    assert run(*remove.split()[1:]).exit_code == 0
    assert [path.name for path in sorted(model.glob("[0-9]*"))] == ["1", "2"]


def test_another_symbol_is_refused_before_anything_is_trained(
    bundle: Path, prices: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lockstep.cli.train.train_bundle", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(InvalidBundle, match="holds versions of TINY, and this is one of OTHER; name another model"):
        run("train", prices, "--symbol", "OTHER", "--out", bundle.parent)


def test_estimator_scaler_target_and_horizon_are_chosen_by_name(prices: Path, tmp_path: Path, run: Run) -> None:
    out, picture = tmp_path / "up", tmp_path / "up.png"
    arguments = ("train", prices, "--symbol", "T", "--out", out, "--target", "direction", "--horizon", 3)
    trained = run(*arguments, "--estimator", "logistic(C=0.5)", "--scaler", "minmax")
    manifest = load_series(out / "1").manifest
    assert (manifest.target, manifest.horizon_bars, manifest.classes) == ("direction", 3, ["down", "up"])
    assert [step.estimator.rpartition(".")[2] for step in manifest.estimator] == ["MinMaxScaler", "LogisticRegression"]
    assert manifest.estimator[1].parameters["C"] == 0.5
    said = " ".join(trained.stdout.split())
    assert manifest.test.rows == 83
    assert "83 rows: a third of the 251 usable rows; --test-rows N chooses another number" in said
    assert "set random_state=1, so that the same bars give the same bundle" in said
    assert "T: direction, 3 bars ahead" in said
    evaluated = run("evaluate", out, "--picture", picture).stdout
    assert "most frequent label" in evaluated
    assert "up: probability of up, test rows" in evaluated
    assert json.loads(run("evaluate", out, "--json").stdout)["reliability"][0]["label"] == "up"
    assert picture.read_bytes().startswith(b"\x89PNG")
    run(*arguments, "--estimator", "logistic(C=0.01)", "--scaler", "standard")
    assert "answers: " in run("models", "--models", tmp_path, "diff", "up", "1", "2").stdout
    assert "accuracy 0." in run("models", "--models", tmp_path).stdout


def test_select_reports_every_candidate_and_serves_no_change_if_none_is_better(
    prices: Path, tmp_path: Path, run: Run
) -> None:
    arguments = ("train", prices, "--symbol", "T", "--out", tmp_path / "t", "--select")
    shown = run(*arguments)
    assert shown.exit_code == 0
    for spec in CANDIDATES:
        assert f"│ {spec} " in shown.stdout
    assert "│ * │ dummy(strategy='constant', constant=1.0)" in shown.stdout
    assert 'beside "no change" did significantly better: the bundle answers "no change".' in shown.stdout
    assert f"verdict   {NO_CHANGE_IS_SERVED}\n" in shown.stdout
    printed = json.loads(run(*arguments, "--json").stdout)["manifest"]
    assert [each["estimator"] for each in printed["selection"]["candidates"]] == list(CANDIDATES)
    assert printed["selection"]["chosen"] == CANDIDATES[0]
    assert printed["estimator"][-1]["estimator"] == "sklearn.dummy.DummyRegressor"
    assert printed["verdict"]["walk_forward"] == printed["selection"]["candidates"][0]["walk_forward"]


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        (["--estimator", "ridge"], "leave out --estimator, or --select"),
        (["--grid"], "leave out --grid, or --select"),
        (["--estimator", "ridge", "--grid", '{"alpha": [1]}'], "leave out --estimator and --grid, or --select"),
    ],
)
def test_select_beside_another_choice_of_the_estimator_is_a_usage_error(
    prices: Path, tmp_path: Path, run: Run, beside: list[str], message: str
) -> None:
    refused = run("train", prices, "--symbol", "T", "--out", tmp_path / "t", "--select", *beside)
    assert (refused.exit_code, message in refused.stderr) == (2, True)


def test_train_prints_the_verdict_or_why_there_is_none(prices: Path, tmp_path: Path, run: Run) -> None:
    arguments = ("train", prices, "--symbol", "T", "--test-rows", 100, "--out", tmp_path / "t")
    shown = run(*arguments).stdout
    verdict = load_series(tmp_path / "t" / "1").manifest.verdict
    assert isinstance(verdict, VerdictEntry)
    lines = f"verdict   {describe_verdict(verdict)}\n          {describe_test(verdict.test)}\n"
    assert lines in shown
    assert lines in run("evaluate", tmp_path / "t", "--picture", tmp_path / "t.png").stdout
    said = 'verdict   none: "no change" is a forecast of the target return alone\n'
    assert said in run(*arguments, "--target", "direction").stdout


def test_a_grid_of_ones_own_is_searched(prices: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "grid.toml").write_text("alpha = [0.1, 10.0]\n")
    arguments = ("train", prices, "--symbol", "T", "--out", tmp_path / "t", "--estimator", "ridge", "--json", "--grid")
    found = [json.loads(run(*arguments, grid).stdout) for grid in ('{"alpha": [0.1, 10.0]}', tmp_path / "grid.toml")]
    assert sorted(each["parameters"]["alpha"] for each in found[0]["grid"]) == [0.1, 10.0]
    assert found[0]["grid"] == found[1]["grid"]
    best = found[0]["manifest"]["estimator"][-1]["parameters"]["alpha"]
    assert best == found[0]["grid"][0]["parameters"]["alpha"]
