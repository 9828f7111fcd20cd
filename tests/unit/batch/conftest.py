"""A folder of prices of several series, beside a tiny bundle of one of them."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from lockstep.batch.job import Job, Kind, Partition, pin_symbols, plan
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.panel.finding import find_panel
from lockstep.data.price_csv import write_price_csv

N_BARS = 260
OWN = "TINY"
"""The symbol whose bars the tiny bundle stores."""


def scale(bars: Bars, factor: float) -> Bars:
    """Return bars of other prices."""
    return Bars(bars.dates, bars.values * np.array([[factor]] * 4 + [[1.0]]))


@pytest.fixture
def prices(tmp_path: Path, bars: Bars) -> Path:
    """Three series of 260 bars, as new as the tiny bundle's, and two bad ones: a word among numbers, and too short."""
    folder = tmp_path / "prices"
    folder.mkdir()
    newest = bars.select(slice(-N_BARS, None))
    for place, symbol in enumerate(("AA", "BB", OWN)):
        (folder / f"{symbol}.csv").write_text(write_price_csv(scale(newest, 2.0**place)))
    (folder / "BAD.csv").write_text(write_price_csv(newest).strip() + "x\n")
    (folder / "SHORT.csv").write_text(write_price_csv(newest.select(slice(-20, None))))
    return folder


def make_job(folder: Path, prices: Path, digest: str, kind: Kind = "forecast", **other: object) -> Job:
    """Return a job of the series in a folder."""
    sources = find_panel(prices).sources
    job = Job(kind, str(folder), digest, str(prices), False, None, "csv", len(sources), pin_symbols(sources))
    return msgspec.structs.replace(job, **other)


@pytest.fixture
def job(folder: Path, bundle: SeriesBundle, prices: Path) -> Job:
    return make_job(folder, prices, bundle.manifest.digest)


@pytest.fixture
def partition(job: Job, prices: Path) -> Partition:
    [only] = plan(job, find_panel(prices).sources)
    return only
