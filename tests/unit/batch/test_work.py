"""A finished partition is kept as long as it is what the same job would write; anything else is done again."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lockstep.batch import work
from lockstep.batch.errors import BatchError
from lockstep.batch.files import TEMPORARY, write_file
from lockstep.batch.folder import OutputFolder, opened
from lockstep.batch.job import Job, Partition, plan
from lockstep.batch.marks import read_mark
from lockstep.batch.partition import prepare
from lockstep.batch.running import refuse_same_names
from lockstep.batch.work import Worker
from lockstep.bundles.reading import load_bundle
from lockstep.data.bars import Bars
from lockstep.data.panel.files import SeriesFiles
from lockstep.data.panel.finding import find_panel
from lockstep.data.panel.sources import Panel
from lockstep.data.price_csv import write_price_csv
from lockstep.data.price_files.form import PriceForm
from tests.unit.batch.conftest import OWN

Contents = dict[str, bytes]


@pytest.fixture
def out(tmp_path: Path, job: Job) -> Iterator[OutputFolder]:
    with opened(tmp_path / "out", job) as folder:
        yield folder


def read_folder(out: OutputFolder) -> Contents:
    return {path.relative_to(out.path).as_posix(): path.read_bytes() for path in out.path.rglob("*") if path.is_file()}


def test_a_finished_partition_is_kept_without_its_model(
    out: OutputFolder, partition: Partition, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Worker(out).work(partition)
    written = read_folder(out)
    monkeypatch.setattr(work, "prepare", lambda _: pytest.fail("the model was loaded"))
    again = Worker(out).work(partition)
    assert (first.is_kept, again.is_kept) == (False, True)
    assert (first.series, first.bad) == (again.series, again.bad) == (5, 2)
    assert read_folder(out) == written


@pytest.mark.parametrize("lost", ["forecast/part-00000.csv", "marks/part-00000.json"])
@pytest.mark.parametrize("how", ["deleted", "cut off", "changed"])
def test_what_is_not_as_it_was_written_is_written_again(
    out: OutputFolder, partition: Partition, lost: str, how: str
) -> None:
    worker = Worker(out)
    worker.work(partition)
    written, path = read_folder(out), out.path / lost
    content = path.read_bytes()
    if how == "deleted":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if how == "cut off" else content.replace(b"1", b"2", 1))
    assert not worker.work(partition).is_kept
    assert read_folder(out) == written


def test_a_series_with_other_bars_is_done_again(out: OutputFolder, partition: Partition, prices: Path) -> None:
    worker = Worker(out)
    worker.work(partition)
    lines = (prices / "AA.csv").read_text().splitlines()
    (prices / "AA.csv").write_text("\n".join(lines[:-1]))
    assert not worker.work(partition).is_kept
    assert lines[-2].partition(",")[0] in out.table_of(partition).read_text()


def test_another_model_or_option_is_another_key(job: Job) -> None:
    digests = [("AA", "0" * 64)]
    others: list[dict[str, object]] = [
        {"digest": "x"},
        {"kind": "backtest"},
        {"all_rows": True},
        {"levels": (90,)},
        {"format": "parquet"},
        {"form": PriceForm(decimal=",")},
    ]
    keys = {msgspec.structs.replace(job, **other).make_key(digests) for other in others}
    keys |= {job.make_key(digests), job.make_key([("AA", "1" * 64)]), job.make_key([("BB", "0" * 64)])}
    assert len(keys) == len(others) + 3
    # the key of a job that was told nothing is as before there was anything to tell
    options = (job.layout, job.kind, job.digest, job.all_rows, job.levels, job.format)
    assert job.make_key(digests) == hashlib.sha256(msgspec.json.encode((options, digests))).hexdigest()


def test_a_partition_without_a_good_series_has_a_mark_and_no_table(out: OutputFolder, partition: Partition) -> None:
    bad = Partition(0, [each for each in partition.sources if each.symbol in ("BAD", "SHORT")])
    assert Worker(out).work(bad).bad == 2
    assert not out.table_of(bad).exists()
    assert Worker(out).work(bad).is_kept


def test_a_partition_that_cannot_be_written_has_no_mark_and_leaves_nothing(
    out: OutputFolder, partition: Partition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("lockstep.batch.files.os.fsync", fail)
        with pytest.raises(OSError, match="No space left"):
            Worker(out).work(partition)
    assert set(read_folder(out)) == {"job.json"}
    assert not Worker(out).work(partition).is_kept


@pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars
def test_training_again_leaves_one_version(
    job: Job, prices: Path, bars: Bars, tmp_path: Path, measured_once: None
) -> None:
    (prices / "AA.csv").write_text(write_price_csv(bars))
    [partition, _] = plan(msgspec.structs.replace(job, kind="train"), find_panel(prices).sources)
    chosen = Partition(0, [each for each in partition.sources if each.symbol in ("AA", "SHORT")])
    with opened(tmp_path / "out", msgspec.structs.replace(job, kind="train")) as out:
        Worker(out).work(chosen)
        written = read_folder(out)
        out.mark_of(chosen).unlink()
        Worker(out).work(chosen)
        assert read_folder(out) == written
        mark = read_mark(out.mark_of(chosen))
        assert mark is not None
        assert [each.symbol for each in mark.bad] == ["SHORT"], mark.bad
        index = SeriesFiles("^GSPC", (prices / "AA.csv",), job.form)
        assert Worker(out).work(Partition(1, [index])).bad == 1
        refused = read_mark(out.mark_of(Partition(1, [index])))
        assert refused is not None
        assert refused.bad[0].reason.endswith("; models are called as their symbols, so rename the symbol")
        assert mark.models == {"aa": load_bundle(out.models / "aa" / "1").manifest.digest}


def test_symbols_that_differ_in_capitals_alone_are_not_trained(prices: Path) -> None:
    (prices / "aa.csv").write_bytes((prices / "AA.csv").read_bytes())
    panel = refuse_same_names(find_panel(prices))
    assert [each.symbol for each in panel.bad] == ["AA", "aa"]
    assert OWN in [each.symbol for each in panel.sources]
    assert isinstance(panel, Panel)


def test_the_folder_of_another_job_is_refused_with_the_command_that_goes_on(tmp_path: Path, job: Job) -> None:
    with opened(tmp_path / "out", job):
        pass
    other = msgspec.structs.replace(job, all_rows=True)
    with pytest.raises(BatchError) as refusal, opened(tmp_path / "out", other):
        pass
    assert "--all-rows was not passed, and now is passed" in str(refusal.value)
    assert f"--out {tmp_path / 'out'}-2" in str(refusal.value)
    assert str(refusal.value).endswith(job.write_command(tmp_path / "out"))


OTHER: dict[str, tuple[object, str]] = {
    "kind": ("backtest", "--job was forecast, and now is backtest"),
    "model": ("m/2", "and now is m/2"),
    "digest": ("0", "and now is 0"),
    "input": ("p", "and now is p"),
    "all_rows": (True, "--all-rows was not passed, and now is passed"),
    "levels": ((50, 90), "--level was not passed, and now is 50, 90"),
    "format": ("parquet", "--format was csv, and now is parquet"),
    "layout": (9, "and now is 9"),
    "form": (PriceForm(sep=";"), "--sep was not passed, and now is ;"),
}


@pytest.mark.parametrize("member", sorted({*Job.__struct_fields__} - {"series", "symbols_sha256"}))
def test_what_makes_it_another_job_is_named_as_it_was_typed(tmp_path: Path, job: Job, member: str) -> None:
    value, said = OTHER[member]
    with opened(tmp_path / "out", job):
        pass
    with (
        pytest.raises(BatchError, match=said),
        opened(tmp_path / "out", msgspec.structs.replace(job, **{member: value})),
    ):
        pass


def test_other_series_are_another_job(tmp_path: Path, job: Job) -> None:
    with opened(tmp_path / "out", job):
        pass
    other = msgspec.structs.replace(job, series=6, symbols_sha256="0")
    with pytest.raises(BatchError, match="its input had 5 series, and now has 6"), opened(tmp_path / "out", other):
        pass


def test_a_folder_of_something_else_is_refused(tmp_path: Path, job: Job) -> None:
    with pytest.raises(BatchError, match="holds files, and none of a batch job"), opened(tmp_path, job):
        pass


def test_two_runs_in_one_folder_are_refused(out: OutputFolder, job: Job) -> None:
    with pytest.raises(BatchError, match="another run works in"), opened(out.path, job):
        pass


def test_what_killed_processes_left_is_deleted(tmp_path: Path, job: Job) -> None:
    with opened(tmp_path / "out", job) as out:
        left = [
            out.path / f"{TEMPORARY}a",
            out.tables / f"{TEMPORARY}b",
            out.mark_of(Partition(0, ())).parent / TEMPORARY,
        ]
        for each in left:
            each.write_text("half")
    with opened(tmp_path / "out", job):
        assert not any(each.exists() for each in left)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path / "file", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("not moved")))
        with pytest.raises(OSError, match="not moved"):
            write_file(tmp_path / "file", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_the_same_series_are_in_the_same_partitions(job: Job, prices: Path) -> None:
    sources = find_panel(prices).sources
    places = plan(msgspec.structs.replace(job, kind="train"), sources)
    assert [[each.symbol for each in partition.sources] for partition in places] == [
        ["AA", "BAD", "BB", "SHORT"],
        [OWN],
    ]
    assert [partition.place for partition in places] == [0, 1]


def test_a_model_that_has_gone_ends_the_run(job: Job) -> None:
    with pytest.raises(Exception, match="manifest"):
        prepare(msgspec.structs.replace(job, model=f"{job.model}0"))
