"""An evaluation as a frame of Nixtla's tools: what their cross-validation returns, for utilsforecast to score."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import FORECAST_DATE
from lockstep.bundles.interval import list_evaluated_levels
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array
from lockstep.distribution import write_install
from lockstep.errors import LockstepError
from lockstep.predict.intervals import find_bounds
from lockstep.predict.stages import HALF_WIDTH

ID, DS, CUTOFF, TARGET, NAIVE = "unique_id", "ds", "cutoff", "y", "naive"
OURS = (ID, DS, CUTOFF, TARGET, NAIVE)
LOWER, UPPER = "{}-lo-{}", "{}-hi-{}"
PARQUET = ".parquet"

Frame = Mapping[str, NDArray[Any]]
"""Columns by name, each (n,), oldest first."""


class NotExported(LockstepError):
    """A version that Nixtla's tools have no frame for, or a frame that cannot be written."""


def build_frame(bundle: SeriesBundle, levels: Sequence[int] | None, *, prices: bool) -> Frame:
    """Return the rows of an evaluation that came true, one for each cutoff.

    `ds` is the date that is forecast, `cutoff` that of the newest bar before. The model's column has its name; beside
    it stands `naive`, and then the bounds of the intervals at `levels`, by default those of the evaluation. With
    `prices` these are closes: each gross return is multiplied by the close of its cutoff. Raises `NotExported`, and
    `InvalidInput` for levels.
    """
    manifest, evaluation = bundle.manifest, bundle.evaluation
    _refuse_other(bundle, prices)
    rows = evaluation.realised
    unit = evaluation.close[rows] if prices else np.ones(np.count_nonzero(rows))
    predicted = {
        TARGET: evaluation.close[manifest.horizon_bars :] if prices else evaluation.y_true[rows],
        manifest.name: evaluation.y_pred[rows] * unit,
        NAIVE: np.full(unit.shape, manifest.naive) * unit,
    }
    for level, (lower, upper) in _find_intervals(bundle, levels).items():
        predicted[LOWER.format(manifest.name, level)] = lower[rows] * unit
        predicted[UPPER.format(manifest.name, level)] = upper[rows] * unit
    dates = {DS: evaluation.cells[FORECAST_DATE][rows], CUTOFF: evaluation.dates[rows]}
    return {ID: np.full(unit.shape, manifest.symbol), **dates, **predicted}


def join_frames(frames: Sequence[Frame]) -> Frame:
    """Return the rows of the frames of several series, one after the other."""
    return {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}


def _refuse_other(bundle: SeriesBundle, prices: bool) -> None:
    manifest = bundle.manifest
    if manifest.classes:
        raise NotExported(f"{manifest.name} forecasts labels, and Nixtla's tools score numbers alone")
    if prices and manifest.target != RETURN:
        raise NotExported(f"{manifest.name} forecasts {manifest.target}, which makes no prices; leave --prices out")
    if manifest.name in OURS:
        raise NotExported(f"the model is called {manifest.name}, as another column of the frame is; rename its folder")


def _find_intervals(bundle: SeriesBundle, levels: Sequence[int] | None) -> dict[int, tuple[Array, Array]]:
    """Return the lower and the upper bounds of the evaluated rows by level, each (n,); raise `InvalidInput`."""
    chosen = list_evaluated_levels(bundle.manifest) if levels is None else bundle.choose_levels(tuple(levels))
    if not chosen:
        return {}
    half_width = bundle.forecaster.forecast(bundle.test_bars, levels=chosen).stages[HALF_WIDTH]
    return {level: find_bounds(half_width[:, place]) for place, level in enumerate(chosen)}


def write_frame(frame: Frame, path: Path) -> None:
    """Write a frame as Parquet if `path` ends so, else as CSV; its numbers read back to the same bits.

    Raises `NotExported` if Parquet needs pyarrow, and OSError.
    """
    if path.suffix.lower() == PARQUET:
        _write_parquet(frame, path)
        return
    cells = [
        map(repr, values.tolist()) if values.dtype.kind == "f" else values.astype(str) for values in frame.values()
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame)
        writer.writerows(zip(*cells, strict=True))


def _write_parquet(frame: Frame, path: Path) -> None:
    try:
        from pyarrow import parquet, table  # not on the serving path, and only for such files
    except ImportError as error:
        raise NotExported(f"writing Parquet needs pyarrow; run: {write_install('pyarrow')}") from error
    # pandas reads a day as an object; a moment it reads as its own type of dates
    moments = {name: each.astype("datetime64[ms]") if each.dtype.kind == "M" else each for name, each in frame.items()}
    parquet.write_table(table(moments), path)
