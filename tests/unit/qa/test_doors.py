import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from lockstep.web.app import ROUTES
from qa.default_bundle import DEFAULT_BUNDLE
from qa.doors import asking, oip_schema
from qa.doors.asking import ask, count_equal, judge
from qa.doors.clients.job import ROWS_AT_ONCE, Answers, Job, join, run, spell, take_outputs
from qa.doors.outcome import EQUAL, Outcome
from qa.doors.peers import PEERS, Peer
from qa.doors.plan import CLIENTS, Client, read_version
from qa.doors.report import summarise
from qa.doors.subjects import Subject, load_subject
from qa.errors import RunFailed
from tests.conftest import ROOT

NEXT = np.nextafter(1.5, 2.0)
CLIENT = CLIENTS[0]


@pytest.fixture
def subject() -> Subject:
    outputs: dict[str, list[str | None]]
    outputs = {"prediction": ["a", "b"], "proba_a": [(1.5).hex(), (0.5).hex()], "proba": ["1", "2", "3", "4"]}
    return Subject(Path("models/m/1"), ["x", "town"], ["number", "category"], [[1.0, "Bonn"], [2.0, None]], outputs)


def call(**outputs: list[str | None]) -> dict[str, object]:
    return {"form": "JSON", "requests": 1, "outputs": outputs}


def test_equal_values_are_counted(subject: Subject) -> None:
    assert count_equal(call(prediction=["a", "b"], proba_a=[(1.5).hex(), (0.5).hex()]), subject) == 4


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"prediction": ["a", "b"], "proba_a": [float(NEXT).hex(), (0.5).hex()]}, "proba_a: row 0: 1.5000000000000002"),
        ({"prediction": ["a"]}, "1 values, the evaluation has 2"),
        ({"prediction": ["a", None]}, "row 1: None, the evaluation has 'b'"),
        ({"prediction": ["a", "b"], "margin": ["1", "2"]}, "margin: the evaluation has no such output"),
        ({"proba_a": [(1.5).hex(), (0.5).hex()]}, "no prediction among the outputs"),
    ],
)
def test_the_first_difference_is_named(subject: Subject, outputs: dict[str, list[str | None]], said: str) -> None:
    with pytest.raises(RunFailed, match="JSON: ") as raised:
        count_equal(call(**outputs), subject)
    assert said in str(raised.value)


def test_an_output_without_a_guarantee_is_not_compared(subject: Subject) -> None:
    loose = replace(subject, loose=frozenset({"proba_a"}))
    assert count_equal(call(prediction=["a", "b"], proba_a=["9", "9"]), loose) == 2


def test_rows_without_gaps_keep_all_their_outputs(subject: Subject) -> None:
    kept = subject.without_gaps
    assert (kept.rows, kept.outputs["prediction"], kept.outputs["proba"]) == ([[1.0, "Bonn"]], ["a"], ["1", "2"])


def test_the_rows_of_a_bundle_are_those_of_its_evaluation() -> None:
    loaded = load_subject(DEFAULT_BUNDLE)
    lines = (DEFAULT_BUNDLE / "evaluation.csv").read_text().splitlines()[1:]
    assert [row[0] for row in loaded.rows] == [line.split(",")[0] for line in lines]
    assert loaded.outputs["prediction"] == [float(line.split(",")[4]).hex() for line in lines]


@pytest.mark.parametrize(
    ("cell", "spelled"),
    [
        *((0.1, (0.1).hex()), (np.float64(0.1), (0.1).hex()), (-0.0, "-0x0.0p+0"), (float("nan"), None)),
        *((3, "3"), (True, "True"), ("a", "a"), (b"a", "a"), (None, None)),
    ],
)
def test_equal_texts_are_equal_bits(cell: object, spelled: str | None) -> None:
    assert spell(cell) == spelled


def test_predictions_are_taken_from_values_and_from_records() -> None:
    assert take_outputs([1.5, 2.5]) == {"prediction": [1.5, 2.5]}
    assert take_outputs([{"y": 1}, {"y": 2}]) == {"y": [1, 2]}
    assert join([{"y": [1]}, {"y": [2]}]) == {"y": [1, 2]}


def test_parts_hold_every_row_once() -> None:
    job = Job("http://h", "m", ["x"], ["number"], [[row] for row in range(ROWS_AT_ONCE + 1)], "", "")
    assert [len(part.rows) for part in job.parts()] == [ROWS_AT_ONCE, 1]
    assert [row for part in job.parts() for row in part.rows] == job.rows


def test_a_client_reads_its_job_and_writes_its_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, written = tmp_path / "job", tmp_path / "answers"
    told.write_text(json.dumps([asdict(Job("http://h", model, ["x"], ["number"], [[0.1]], "", "")) for model in "ab"]))
    monkeypatch.setattr(sys, "argv", ["client", str(told), str(written)])

    def client(job: Job) -> Answers:
        answers = Answers("1.0")
        answers.expect("model", job.model, "a")
        answers.add("twice", {"prediction": [row[0] for row in job.rows]}, 2)
        answers.expect("ready", True, True)
        return answers

    run(client)
    expected = {"form": "twice", "requests": 2, "outputs": {"prediction": [(0.1).hex()]}}
    first, second = json.loads(written.read_text())
    assert first == {"version": "1.0", "calls": [expected], "beside": 2}
    assert second["failed"].endswith("ValueError: model: 'b' instead of 'a'")


def test_what_a_client_did_not_expect_is_an_error() -> None:
    with pytest.raises(ValueError, match="ready: False instead of True"):
        Answers("1.0").expect("ready", False, True)


def test_a_missing_environment_is_named_with_what_makes_it(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ENVIRONMENTS", tmp_path)
    said = ask(CLIENT, [subject], "http://127.0.0.1:9")[0].verdict
    assert said == "there is no environment mlflow; make .venv-doors/mlflow/.installed makes it"


def test_a_client_that_fails_is_broken_with_its_last_lines(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / CLIENT.environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 'the last line' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(asking, "ENVIRONMENTS", tmp_path)
    assert ask(CLIENT, [subject], "http://127.0.0.1:9")[0].broken == "failed\nthe last line"


def test_the_protocols_file_is_named_if_it_is_missing(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oip_schema, "FILE", tmp_path / "open_inference_rest.yaml")
    assert oip_schema.check_schema(subject, "http://127.0.0.1:9").verdict.endswith(
        "is missing, the protocol's own OpenAPI file; the variable OIP names it elsewhere"
    )


@pytest.mark.parametrize("client", CLIENTS, ids=lambda each: each.name)
def test_a_client_asks_routes_that_there_are(client: Client) -> None:
    routes = {f"{route.method} {route.path}" for route in ROUTES}
    assert not client.asks or routes.issuperset(client.routes)
    assert (ROOT / "qa" / "doors" / "clients" / f"{client.module}.py").exists()


@pytest.mark.parametrize("each", [*CLIENTS, *PEERS], ids=lambda each: each.name)
def test_the_lock_pins_each_package(each: Client | Peer) -> None:
    assert each.version[0].isdigit()


@pytest.mark.parametrize(
    ("answers", "broken"),
    [
        ({"calls": [call(prediction=["a", "b"])]}, ""),
        ({"calls": [call(prediction=["b", "b"])]}, "JSON: prediction: row 0: 'b', the evaluation has 'a'"),
        ({"calls": []}, "nothing was compared"),
        ({"calls": [], "version": "0.1"}, "version 0.1 is installed; make .venv-doors/mlflow/.installed"),
    ],
)
def test_a_client_is_judged_by_what_it_wrote_down(subject: Subject, answers: dict[str, object], broken: str) -> None:
    assert judge(CLIENT, "c", subject, {"version": CLIENT.version, "beside": 1, **answers}).broken == broken


def test_a_package_that_no_lock_pins_is_an_error() -> None:
    with pytest.raises(LookupError, match="does not pin flask-of-nobody"):
        read_version("mlflow", "flask-of-nobody")


def test_the_summary_counts_what_was_equal() -> None:
    outcomes = [Outcome("oip", "c", "1", "m", 2, 30), Outcome("oip", "c", "1", "m", 1, 0, "failed\nwhy")]
    assert [each.verdict for each in outcomes] == [EQUAL, "failed"]
    assert summarise(outcomes) == "1 of 2 equal: 3 requests, 30 values compared as guaranteed"
