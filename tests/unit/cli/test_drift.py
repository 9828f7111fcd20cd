"""`lockstep drift`: what it prints, and the exit codes that a scheduled job reads."""

from pathlib import Path

import msgspec
import pytest
from sklearn.tree import DecisionTreeClassifier

from lockstep.bundles.series import SeriesBundle
from lockstep.cli import drift as command
from lockstep.data.price_csv import write_price_csv
from lockstep.drift.report import DriftReport
from lockstep.drift.watching import watch
from lockstep.parity import client
from lockstep.training.table_rows import TableRecipe
from qa.default_bundle import DEFAULT_BUNDLE, DEFAULT_MODEL
from tests.small_tables import TARGET, load_table, save_table
from tests.unit.cli.conftest import Run
from tests.unit.drift.conftest import replay

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory, default_bundle: SeriesBundle) -> Path:
    path = tmp_path_factory.mktemp("newer") / "newer.csv"
    path.write_text(write_price_csv(replay(default_bundle)))
    return path


@pytest.mark.parametrize("folder", [DEFAULT_BUNDLE, DEFAULT_MODEL])
def test_a_model_as_evaluated_ends_with_0_and_one_sentence_before_the_tables(
    newer: Path, run: Run, folder: Path
) -> None:
    shown = run("drift", folder, newer)
    sentence, *lines = shown.stdout.splitlines()
    assert shown.exit_code == 0
    assert sentence.startswith(
        "No alarm: 60 rows have come true since 2013-03-01, and no test says that msft/1 has left"
    )
    for said in (
        "coverage of 80 %",
        "model / naive",
        "larger loss",
        "prices   all 961 common closes are equal",
        "a stake of 1",
    ):
        assert any(said in line for line in lines), said


def test_json_is_the_whole_report(newer: Path, run: Run) -> None:
    told = msgspec.json.decode(run("drift", DEFAULT_MODEL, newer, "--json").stdout, type=DriftReport)
    assert (told.verdict, told.model, told.scored_rows, len(told.tests)) == ("as-evaluated", "msft/1", 60, 3)


def test_a_model_that_has_left_its_evaluation_ends_with_1(
    newer: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_drift(*asked: object) -> DriftReport:
        return msgspec.structs.replace(watch(*asked), verdict="left-evaluation")  # type: ignore[arg-type]

    monkeypatch.setattr(command, "watch", find_drift)
    assert run("drift", DEFAULT_MODEL, newer).exit_code == 1


def test_too_little_ends_with_2(newer: Path, run: Run, price_file: Path, tmp_path: Path) -> None:
    one_more = tmp_path / "one.csv"
    one_more.write_text("\n".join(newer.read_text().splitlines()[:3272]))
    assert (
        "No verdict yet on msft/1: 1 row has come true since 2013-03-01, and it takes 10."
        in run("drift", DEFAULT_MODEL, one_more).stdout
    )
    assert run("drift", DEFAULT_MODEL, one_more).exit_code == 2
    none = run("drift", DEFAULT_MODEL, price_file)
    assert (none.exit_code, "no newer bar" in none.stderr) == (2, True)


def test_what_cannot_be_used_ends_with_2(newer: Path, run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("Date,Open,High,Low,Close,Volume\n2013-03-04,1,2,0.5,x,1\n")
    table = save_table(
        tmp_path / "models", load_table("iris"), TableRecipe("iris", TARGET, DecisionTreeClassifier(max_depth=2))
    )
    for arguments, said in (
        ((DEFAULT_MODEL, broken), "line 2, close"),
        ((tmp_path, newer), "holds no version of a model"),
        (
            (table, newer),
            "is a model of a table; expected one of a series",
        ),
        ((DEFAULT_MODEL, newer, "--model", "msft"), "--model names a model of a service"),
        (("ftp://127.0.0.1", newer), "http://"),
    ):
        ended = run("drift", *arguments)
        assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr


def test_a_service_that_does_not_answer_ends_with_4(newer: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.0)
    ended = run("drift", NOBODY_LISTENS, newer)
    assert (ended.exit_code, "Error: GET http://127.0.0.1:9/version" in ended.stderr) == (4, True)


def test_a_model_is_named_as_in_other_commands_and_an_address_needs_its_scheme(newer: Path, run: Run) -> None:
    assert run("drift", "msft", newer).exit_code == 0
    for source, said in (
        ("mfst", "did you mean 'msft'?"),
        ("127.0.0.1:8123", "lockstep drift http://127.0.0.1:8123 PRICES.csv"),
    ):
        refused = run("drift", source, newer)
        assert (refused.exit_code, said in refused.stderr) == (2, True)
