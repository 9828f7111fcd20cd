"""A model of one series, trained by the recipe of another model."""

from pathlib import Path
from typing import Any

import msgspec

from lockstep.batch.backtesting import name_scores
from lockstep.batch.forecasting import find_verdict
from lockstep.batch.job import Job
from lockstep.batch.rows import FIRST, LAST, ROWS, VERDICT, VERSION, NewModel, SeriesRows
from lockstep.bundles.entries import Source
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.versions import check_name
from lockstep.data.panel.files import SeriesFiles
from lockstep.data.panel.sources import SeriesSource
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidBundle
from lockstep.training.prices import Prices, choose_checked, refuse_gaps
from lockstep.training.rebuilding import train_again
from lockstep.training.recipe import Recipe


def train_series(job: Job, recipe: Recipe, source: SeriesSource) -> SeriesRows:
    """Return the row and the bundle that `lockstep train` makes of the series.

    The model is called as the symbol, in small letters.
    Raises `InvalidBundle` for a symbol that is no name, `InvalidInput`, `TrainingError` and OSError.
    """
    name = source.symbol.lower()
    try:
        check_name(name)
    except InvalidBundle as error:
        raise InvalidBundle(f"{error}; models are called as their symbols, so rename the symbol") from error
    prices = load_series(job, recipe, source)
    named = msgspec.structs.replace(recipe, name=name, symbol=source.symbol, source=prices.source)
    trained = train_again(named, prices)
    return SeriesRows(*_describe(trained.manifest), trained=NewModel(trained.manifest, trained.files))


def load_series(job: Job, recipe: Recipe, source: SeriesSource) -> Prices:
    """Return the bars of a series with their calendar, which is chosen as `lockstep train` does without being told."""
    features = recipe.feature_set.features
    bars = source.read(BarsSchema(None, features.adjusts, features.reads_volume))
    name = source.paths[0].name if isinstance(source, SeriesFiles) else Path(job.input).name
    calendar = choose_checked(None, bars.dates, name)
    refuse_gaps(bars.dates, calendar, name)
    return Prices(bars, calendar, Source(name, source.digest()))


def _describe(manifest: SeriesManifest) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the row of a trained model, its test window and its scores, under the names of its cells."""
    described = {
        "model": manifest.name,
        VERSION: 1,
        "digest": manifest.digest,
        FIRST: manifest.test.first,
        LAST: manifest.test.last,
        ROWS: manifest.test.rows,
        **name_scores(manifest.scores, manifest),
        VERDICT: find_verdict(manifest),
    }
    return tuple(described), [tuple(described.values())]
