"""`lockstep batch` and `lockstep parity --batch`: what they print, and the exit codes that a scheduled job reads."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from sklearn.tree import DecisionTreeClassifier

from lockstep.batch import running
from lockstep.batch.folder import OutputFolder
from lockstep.batch.job import Partition
from lockstep.batch.marks import digest_file, read_mark, write_mark
from lockstep.batch.models import hold_model
from lockstep.batch.work import Outcome, Worker
from lockstep.bundles.registry import Registry
from lockstep.parity.answers import Reply, Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.local import open_door, receive
from lockstep.parity.posted import Sent
from lockstep.training.table_rows import TableRecipe
from tests.commands import Ended, run_command
from tests.small_tables import TARGET, load_table, save_table

URL = "http://127.0.0.1:9"
MAX_ROWS = 1000

Run = Callable[..., Ended]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the partitions run in this process."""

    def run(folder: OutputFolder, partitions: list[Partition], _: int) -> Iterator[Outcome]:
        yield from map(Worker(folder).work, partitions)

    monkeypatch.setattr(running, "run_in_pool", run)


@pytest.fixture
def run(here: None, folder: Path, prices: Path, tmp_path: Path) -> Run:
    def run_batch(*options: object) -> Ended:
        return run_command("batch", folder, prices, "--out", tmp_path / "out", "--format", "csv", *options)

    return run_batch


def test_bad_series_are_listed_and_end_with_3(run: Run, tmp_path: Path) -> None:
    ended = run()
    assert ended.returncode == 3
    assert f"3 of 5 series done in {tmp_path / 'out' / 'forecast'}; 2 are bad: see" in ended.stderr
    lines = (tmp_path / "out" / "bad.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["symbol", "BAD", "SHORT"]


def test_good_series_end_with_0_and_a_second_run_keeps_them(run: Run, prices: Path) -> None:
    for name in ("BAD", "SHORT"):
        (prices / f"{name}.csv").unlink()
    assert run().returncode == 0
    again = run()
    assert again.returncode == 0
    assert "3 of 3 series done in" in again.stderr
    assert "(3 were finished before)" in again.stderr


def test_another_job_in_the_same_folder_ends_with_1(run: Run) -> None:
    run()
    ended = run("--all-rows")
    assert ended.returncode == 1
    assert "holds another job: --all-rows was not passed, and now is passed" in ended.stderr


def test_an_interrupted_run_says_what_goes_on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> Iterator[Outcome]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(running, "run_in_pool", interrupt)
    ended = run()
    assert ended.returncode == 130
    command = ended.stderr.partition("Go on with: ")[2]
    assert f"--out {tmp_path / 'out'}" in command.replace("\n", "")


def test_options_of_forecasts_do_not_train(run: Run) -> None:
    ended = run("--job", "train", "--level", "80")
    assert ended.returncode == 2
    assert "--all-rows and --level are for forecasts and backtests" in ended.stderr


def test_a_model_of_a_table_is_refused(here: None, prices: Path, tmp_path: Path) -> None:
    recipe = TableRecipe("iris", TARGET, DecisionTreeClassifier(max_depth=2))
    table = save_table(tmp_path / "models", load_table("iris"), recipe)
    ended = run_command("batch", table, prices, "--out", tmp_path / "out")
    assert ended.returncode == 1
    assert "is a model of a table; expected one of a series, or of many" in ended.stderr


def test_parquet_without_pyarrow_is_refused_before_any_work(
    folder: Path, prices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ended = run_command("batch", folder, prices, "--out", tmp_path / "out")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert ended.stderr.startswith("Error: writing Parquet needs pyarrow; pass --format csv, or run: ")
    assert ended.stderr.endswith(" -m pip install pyarrow\n")
    assert not (tmp_path / "out").exists()


def test_csv_needs_no_pyarrow(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "3 of 5 series done in" in run().stderr


def test_ray_that_is_not_installed_is_named(run: Run) -> None:
    ended = run("--address", "auto")
    assert ended.returncode == 1
    assert "--address needs ray, not installed here; run: " in ended.stderr


@pytest.fixture
def service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a client reach the routes of a service that serves the tiny bundle; return the paths that it asks for."""
    asked, served = list[str](), hold_model(folder).served

    def send(client: ServiceClient, method: str, path: str, body: bytes | None = None) -> Reply:
        asked.append(path)
        door = open_door(path)
        request = door.decode(receive(door, Sent(path, body or b""), MAX_ROWS))
        content = door.encode(door.score(Registry((served,), served), request, None), "").body
        return Reply(f"{method} {path}", 200, {}, content)

    monkeypatch.setattr(ServiceClient, "send", send)
    told = {"name": served.name, "version": 1, "aliases": [], "symbol": None, "digest": served.bundle.manifest.digest}
    version = {"models": [{**told, "default": True}], "libraries": {}, "self_check": {}}
    monkeypatch.setattr(ServiceClient, "get_version", lambda _: msgspec.convert(version, Version))
    return asked


@pytest.mark.parametrize("options", [(), ("--all-rows", "--level", "50"), ("--job", "backtest")])
def test_what_was_written_is_what_the_service_answers(
    run: Run, service: list[str], tmp_path: Path, options: tuple[str, ...]
) -> None:
    run(*options)
    ended = run_command("parity", URL, "--batch", tmp_path / "out", "--seed", 1)
    assert (ended.returncode, "PARITY batch-job" in ended.stdout) == (0, True), ended
    assert len(service) == (1 if options[:1] == ("--job",) else 3)


def test_what_was_written_as_parquet_needs_pyarrow_to_be_proven(
    run: Run, service: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--format", "parquet")
    proven = run_command("parity", URL, "--batch", tmp_path / "out")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ended = run_command("parity", URL, "--batch", tmp_path / "out")
    assert (proven.returncode, ended.returncode != 0) == (0, True), proven
    assert "reading Parquet needs pyarrow; run: " in ended.stderr


def change_digit(path: Path, mark: Path, *, is_noted: bool) -> None:
    """Change the last digit of a close, and the digest that a mark has of the file as well if that `is_noted`."""
    header, first, *lines = path.read_text().splitlines()
    place = header.split(",").index("y_pred")
    cells = first.split(",")
    cells[place] = cells[place][:-1] + ("3" if cells[place][-1] != "3" else "4")
    path.write_text("\n".join([header, ",".join(cells), *lines]) + "\n")
    held = read_mark(mark)
    if is_noted and held:
        write_mark(mark, msgspec.structs.replace(held, sha256=digest_file(path)))


@pytest.mark.parametrize("is_noted", [True, False])
def test_one_changed_bit_of_the_output_is_found(run: Run, service: list[str], tmp_path: Path, is_noted: bool) -> None:
    run()
    out = tmp_path / "out"
    change_digit(out / "forecast" / "part-00000.csv", out / "marks" / "part-00000.json", is_noted=is_noted)
    ended = run_command("parity", URL, "--batch", out)
    assert ended.returncode == 1
    expected = "y_pred: written" if is_noted else "is not the file that the run has written"
    assert expected in ended.stdout.replace("\n", "")


def test_a_series_that_is_missing_or_there_twice_is_found(run: Run, service: list[str], tmp_path: Path) -> None:
    run()
    path, mark = tmp_path / "out" / "forecast" / "part-00000.csv", tmp_path / "out" / "marks" / "part-00000.json"
    content, held = path.read_text(), read_mark(mark)
    assert held is not None
    path.write_text("\n".join(line for line in content.splitlines() if not line.startswith("BB")) + "\n")
    write_mark(mark, msgspec.structs.replace(held, sha256=digest_file(path)))
    ended = run_command("parity", URL, "--batch", tmp_path / "out")
    assert (ended.returncode, "part-00000 lacks BB" in ended.stdout) == (1, True)
    path.write_text(content)
    write_mark(mark, msgspec.structs.replace(held, bad=[*held.bad, held.bad[0]]))
    assert "holds a series twice" in run_command("parity", URL, "--batch", tmp_path / "out").stdout


@pytest.mark.parametrize(
    "options", [("--certificate", "c.json"), ("--json",), ("--expect", "1=90,2=10"), ("--skip", "chunks"), ("--list",)]
)
def test_options_that_batch_would_pass_over_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    ended = run_command("parity", URL, "--batch", tmp_path, *options)
    assert (ended.returncode, f"by its own model: leave {options[0]} out" in ended.stderr) == (2, True)


def test_a_folder_that_is_no_jobs_ends_with_2(tmp_path: Path) -> None:
    ended = run_command("parity", URL, "--batch", tmp_path)
    assert (ended.returncode, "holds no batch job" in ended.stderr) == (2, True)


def test_nobody_there_ends_with_4(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr("lockstep.parity.client.FIRST_PAUSE_S", 0.0)
    ended = run_command("parity", URL, "--batch", tmp_path / "out")
    assert (ended.returncode, "is it running?" in ended.stderr) == (4, True)


def test_a_service_with_another_model_ends_with_3(
    run: Run, service: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setattr(ServiceClient, "get_version", lambda _: Version([], {}, {}))
    ended = run_command("parity", URL, "--batch", tmp_path / "out")
    assert (ended.returncode, "serves no model with digest" in ended.stderr) == (3, True)
