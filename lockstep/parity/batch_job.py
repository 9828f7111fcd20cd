"""The check `batch-job`: what a batch job has written is what the service answers to the same bars, to the bit."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lockstep.batch.asking import ask
from lockstep.batch.backtesting import write_backtest
from lockstep.batch.errors import NoJob
from lockstep.batch.folder import OutputFolder, read_job
from lockstep.batch.forecasting import find_verdict
from lockstep.batch.job import Job, Partition, pin_symbols, plan
from lockstep.batch.models import HeldModel, hold_model
from lockstep.batch.rows import VERDICT, WARNINGS, SeriesRows, make_table
from lockstep.batch.table import Table, write_line
from lockstep.batch.written import find_fault, read_lines
from lockstep.bundles.evaluation import Y_PRED
from lockstep.bundles.series import as_series
from lockstep.data.bars import DATE, Bars
from lockstep.data.panel.finding import find_panel
from lockstep.data.panel.sources import SeriesSource
from lockstep.doors.backtested import BacktestReport
from lockstep.errors import LockstepError
from lockstep.parity.answers import read_json
from lockstep.parity.client import ServiceClient
from lockstep.parity.draws import Draws, Origin
from lockstep.parity.local import BACKTEST, FORECAST

CHECK = "batch-job"
N_SERIES = 50


class NotComparable(LockstepError):
    """A folder that no service can be compared with."""


@dataclass(frozen=True)
class Finding:
    """How many series were compared with the service, and a line for each difference."""

    compared: int
    differences: Sequence[str]


@dataclass(frozen=True)
class WrittenJob:
    """The folder of a job, the model that it names, and the series of its input."""

    folder: OutputFolder
    held: HeldModel
    partitions: Sequence[Partition]

    @property
    def job(self) -> Job:
        """Return the job."""
        return self.folder.job


def open_job(path: Path) -> WrittenJob:
    """Return the job in a folder; raise `NoJob`, or `NotComparable` if its model or its input is another one by now."""
    job = read_job(path)
    if job is None:
        raise NoJob(f"{path} holds no batch job: it has no job.json; name the --out of a `lockstep batch`")
    if job.kind == "train":
        raise NoJob(f"{path} holds trained models: serve {path / 'models'}, and run the suite on each")
    held, panel = hold_model(Path(job.model)), find_panel(Path(job.input), job.form)
    if held.served.bundle.manifest.digest != job.digest:
        raise NotComparable(f"{job.model} has another digest than the model of the job, {job.digest[:12]}")
    if pin_symbols(panel.sources) != job.symbols_sha256:
        raise NotComparable(f"{job.input} holds other series than those of the job")
    return WrittenJob(OutputFolder(path, job), held, plan(job, panel.sources))


def check_batch_job(client: ServiceClient, written: WrittenJob, seed: int) -> Finding:
    """Return how the rows of drawn series differ from what the service answers.

    Before that the files of all partitions have to be those that were written, with each series once.
    Raises `NotComparable` if the service does not hold the model, and a `ServiceError`.
    """
    faults = [fault for each in written.partitions if (fault := find_fault(written.folder, each))]
    served = [each for each in client.get_version().models if each.digest == written.job.digest]
    if not served:
        raise NotComparable(f"{client.url} serves no model with digest {written.job.digest[:12]}, that of the job")
    client.model, client.version = served[0].name, served[0].version
    drawn, compared, differences = _draw(written, seed), 0, list(faults)
    for partition, sources in drawn:
        path = written.folder.table_of(partition)
        lines = read_lines(path) if path.exists() else {}
        for source in sources:
            if source.symbol in lines:
                compared += 1
                differences += _compare(source.symbol, lines[source.symbol], _ask(client, written, source))
    return Finding(compared, differences)


def _draw(written: WrittenJob, seed: int) -> list[tuple[Partition, list[SeriesSource]]]:
    """Return drawn series, each once, by partition."""
    places = [(at, place) for at, each in enumerate(written.partitions) for place in range(len(each.sources))]
    chosen: dict[int, list[SeriesSource]] = {}
    for number in range(min(N_SERIES, len(places))):
        drawn = Draws(Origin(seed, written.job.digest, CHECK, number)).below(len(places))
        at, place = places.pop(drawn)
        chosen.setdefault(at, []).append(written.partitions[at].sources[place])
    return [(written.partitions[at], chosen[at]) for at in sorted(chosen)]


def _compare(symbol: str, written: Sequence[str], answered: Table) -> list[str]:
    """Return the first difference between the rows of a series and those that the service's answer would be."""
    lines = [write_line(row) for row in answered.rows]
    if len(written) != len(lines):
        return [f"{symbol} has {len(written)} rows, and the service answers {len(lines)}"]
    for was, told in zip(csv.reader(written), csv.reader(lines), strict=True):
        for column, left, right in zip(answered.columns, was, told, strict=False):
            if left != right:
                return [
                    f"{symbol}, {was[1]}, {column.name}: written {left or 'nothing'}, answered {right or 'nothing'}"
                ]
    return []


def _ask(client: ServiceClient, written: WrittenJob, source: SeriesSource) -> Table:
    """Return what the service's answer to the bars of a series would be written as."""
    asked: dict[str, Callable[[ServiceClient, WrittenJob, SeriesSource], SeriesRows]] = {
        "forecast": _ask_forecast,
        "backtest": _ask_backtest,
    }
    return make_table([(source.symbol, asked[written.job.kind](client, written, source))])


def _ask_forecast(client: ServiceClient, written: WrittenJob, source: SeriesSource) -> SeriesRows:
    job, asked = written.job, ask(written.job, written.held, source)
    body = {"history": asked.history, **_name_symbol(asked.symbol), **_name_levels(job)}
    answer = _post(client, FORECAST, {**body, **write_frame(asked.bars)})
    frame, manifest = answer["forecast"], asked.bundle.manifest
    place = frame["columns"].index(Y_PRED)
    answered = [row for row in frame["data"] if row[place] is not None]
    beside = (find_verdict(manifest), msgspec.json.encode(answer["warnings"]).decode())
    kept = answered if job.all_rows else answered[-1:]
    return SeriesRows((*frame["columns"], VERDICT, WARNINGS), [(*row, *beside) for row in kept], manifest.classes)


def _ask_backtest(client: ServiceClient, written: WrittenJob, source: SeriesSource) -> SeriesRows:
    job, (served, _) = written.job, written.held.pick(source.symbol)
    bundle = as_series(served.bundle)
    body = {**_name_symbol(source.symbol), **_name_levels(job), **write_frame(source.read(bundle.schema))}
    report = msgspec.convert(_post(client, BACKTEST, body), BacktestReport)
    levels = bundle.choose_levels(job.levels)
    return write_backtest(report, bundle.manifest, levels, all_rows=job.all_rows)


def _post(client: ServiceClient, path: str, body: dict[str, Any]) -> Any:
    return read_json(client.send("POST", path, msgspec.json.encode({**body, **client.named})))


def _name_symbol(symbol: str | None) -> dict[str, Any]:
    return {} if symbol is None else {"symbol": symbol}


def _name_levels(job: Job) -> dict[str, Any]:
    return {} if job.levels is None else {"level": job.levels}


def write_frame(bars: Bars) -> dict[str, Any]:
    """Return bars as the members of a body."""
    rows = zip(bars.dates.astype(str).tolist(), *bars.values.tolist(), strict=True)
    return {"columns": (DATE, *bars.columns), "data": list(rows)}
