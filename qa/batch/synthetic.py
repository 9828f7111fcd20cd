"""Synthetic series: random walks on the newest sessions of the default bundle's calendar, a Parquet file each."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

from lockstep.bundles.reading import load_series
from lockstep.data.bars import VALUE_COLUMNS, Dates
from qa.default_bundle import DEFAULT_BUNDLE

N_BARS = 500
"""Two years, of which a forecast reads 200 bars."""
CHUNK = 250


def write_series(folder: Path, n_series: int) -> Path:
    """Write the first of the synthetic series into a new folder, and return it; each is always the same."""
    folder.mkdir()
    dates = load_series(DEFAULT_BUNDLE).bars.dates[-N_BARS:]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        list(pool.map(partial(_write_one, folder, dates), range(n_series), chunksize=CHUNK))
    return folder


def _write_one(folder: Path, dates: Dates, number: int) -> None:
    rng = np.random.default_rng(number)
    close = 50.0 * np.cumprod(1.0 + rng.normal(0.0, 0.015, dates.size))
    open_ = close * (1.0 + rng.normal(0.0, 0.005, dates.size))
    high = np.maximum(open_, close) * (1.0 + rng.uniform(0.0, 0.01, dates.size))
    low = np.minimum(open_, close) * (1.0 - rng.uniform(0.0, 0.01, dates.size))
    values = (open_, high, low, close, rng.integers(10**5, 10**7, dates.size).astype(float))
    table = pyarrow.table({"date": dates, **dict(zip(VALUE_COLUMNS, values, strict=True))})
    parquet.write_table(table, folder / f"S{number:05d}.parquet")


def take_series(source: Path, folder: Path, n_series: int) -> Path:
    """Return a new folder of hard links to the first files of another."""
    folder.mkdir()
    for path in sorted(source.glob("*.parquet"))[:n_series]:
        (folder / path.name).hardlink_to(path)
    return folder
