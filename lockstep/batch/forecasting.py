"""The forecasts of one series, as `POST /v1/forecast` answers them."""

import msgspec
from msgspec import UNSET

from lockstep.batch.asking import Asked, BarsTable, ask, naming_dates
from lockstep.batch.job import Job
from lockstep.batch.models import HeldModel
from lockstep.batch.rows import VERDICT, WARNINGS, SeriesRows
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.series import as_series
from lockstep.data.panel.sources import SeriesSource
from lockstep.data.price_files.parquet import PARQUET_CELLS
from lockstep.doors.answers import describe_frame, keep_newest
from lockstep.doors.series_warnings import warn_of_series
from lockstep.scoring.score import Answer, ScoringRequest


def forecast_series(job: Job, held: HeldModel, source: SeriesSource) -> SeriesRows:
    """Return the newest row of a series, or every row that has a forecast, as the service answers it.

    Raises `InvalidInput` or `MissingBars` for a series that cannot be forecast, and OSError.
    """
    asked = ask(job, held, source)
    with naming_dates():
        answer = answer_asked(asked, job)
    return write_answer(answer, all_rows=job.all_rows)


def answer_asked(asked: Asked, job: Job) -> Answer:
    """Return the answer of the service, before it is written."""
    posted, bundle = asked.number(), asked.bundle
    levels = bundle.choose_levels(job.levels)
    forecast = bundle.predict(posted, asked.history == "stored", levels)
    request = ScoringRequest(BarsTable(asked.bars), PARQUET_CELLS, len(posted), history=asked.history)
    return Answer(request, asked.served, posted, forecast, levels)


def write_answer(answer: Answer, *, all_rows: bool) -> SeriesRows:
    """Return the newest answered row of an answer to bars that are oldest first, or all answered rows.

    `warnings` is a JSON list: what the service says of the whole answer.
    """
    bundle = as_series(answer.served.bundle)
    frame = describe_frame(bundle, keep_newest(answer, None if all_rows else 1))
    beside = (find_verdict(bundle.manifest), msgspec.json.encode(warn_of_series(bundle, answer)).decode())
    return SeriesRows(
        (*frame.columns, VERDICT, WARNINGS), [(*row, *beside) for row in frame.data], bundle.manifest.classes
    )


def find_verdict(manifest: SeriesManifest) -> str | None:
    """Return the verdict on a model, None if it has none."""
    return None if manifest.verdict is UNSET else manifest.verdict.verdict
