"""What runs a partition: series in; a table, trained models and bad series out. Nothing is written here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lockstep.batch.backtesting import backtest_series
from lockstep.batch.forecasting import forecast_series
from lockstep.batch.job import Job, Partition
from lockstep.batch.models import hold_model
from lockstep.batch.rows import NewModel, SeriesRows, make_table
from lockstep.batch.table import Table
from lockstep.data.panel.sources import BadSeries, SeriesSource
from lockstep.errors import LockstepError
from lockstep.features.sources import describe_raised

RunSeries = Callable[[SeriesSource], SeriesRows]
"""What a process does with one series, once it holds the model; raises a `LockstepError` for a bad one."""


@dataclass(frozen=True)
class PartitionResult:
    """The table of a partition, None if every series is bad; the models that were trained, and the bad series."""

    table: Table | None
    trained: list[NewModel]
    bad: list[BadSeries]


def prepare(job: Job) -> RunSeries:
    """Return what a process does with each series of a job; raise a `LockstepError` if its model cannot be used."""
    folder = Path(job.model)
    if job.kind == "train":
        from lockstep.batch import training  # scikit-learn is slow to import, and only training needs it
        from lockstep.training.rebuilding import rebuild_recipe

        return partial(training.train_series, job, rebuild_recipe(folder))
    held = hold_model(folder)
    return partial({"forecast": forecast_series, "backtest": backtest_series}[job.kind], job, held)


def run_partition(run: RunSeries, partition: Partition) -> PartitionResult:
    """Return what a job makes of a partition: the same series, model and options give the same."""
    found, bad = [], []
    for source in partition.sources:
        result = _run_series(run, source)
        if isinstance(result, BadSeries):
            bad.append(result)
        else:
            found.append((source.symbol, result))
    return PartitionResult(
        make_table(found) if found else None, [each.trained for _, each in found if each.trained], bad
    )


def _run_series(run: RunSeries, source: SeriesSource) -> SeriesRows | BadSeries:
    try:
        return run(source)
    except LockstepError as error:
        return BadSeries(source.symbol, str(error))
    except OSError as error:
        return BadSeries(source.symbol, f"cannot be read: {error.strerror or error}")
    except MemoryError:
        raise
    except Exception as error:  # the code of a feature set may raise anything
        return BadSeries(source.symbol, describe_raised(error))
