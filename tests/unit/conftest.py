from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from lockstep.applications import find_application
from lockstep.bundles.entries import Source
from lockstep.bundles.manifest import MANIFEST_FILE, decode_manifest, encode_manifest
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar, calendar_from_sessions
from lockstep.data.price_files.reading import read_price_file
from lockstep.data.schema import BarsSchema
from lockstep.features.loading import load_feature_set
from lockstep.training.recipe import Recipe
from lockstep.training.training import Trained, train
from preprocessing.daily import DAILY
from qa.default_bundle import FILES
from qa.servers import ROOT

N_STORED = 500

Reseal = Callable[..., Path]


@pytest.fixture(scope="session")
def market() -> Bars:
    """520 random bars of weekdays with a few holidays; the first 500 are stored in the tiny bundle."""
    rng = np.random.default_rng(7)
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2022-06-01"))
    dates = np.delete(days[np.is_busday(days)], slice(30, N_STORED, 37))[: N_STORED + 20]
    close = 100.0 * np.cumprod(1.0 + rng.normal(0.0, 0.01, dates.size))
    open_ = close * (1.0 + rng.normal(0.0, 0.004, dates.size))
    high, low = np.maximum(open_, close) * 1.003, np.minimum(open_, close) * 0.997
    return Bars(dates, np.stack([open_, high, low, close, rng.integers(1, 10**6, dates.size).astype(float)]))


@pytest.fixture(scope="session")
def bars(market: Bars) -> Bars:
    return market.select(slice(N_STORED))


@pytest.fixture(scope="session")
def calendar(bars: Bars) -> Calendar:
    return calendar_from_sessions("file", bars.dates, bars.dates[-1] + np.timedelta64(5 * 366, "D"))


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    daily = load_feature_set("daily", find_application(ROOT))
    return Recipe("tiny", "TINY", Source("tiny.csv", "0" * 64), daily, test_rows=120)


@pytest.fixture(scope="session")
def trained(bars: Bars, calendar: Calendar, recipe: Recipe) -> Trained:
    return train(bars, calendar, recipe)


@pytest.fixture
def folder(tmp_path: Path, trained: Trained) -> Path:
    """The tiny bundle, saved as the first version of its model, the only one of its models folder."""
    return save_bundle(tmp_path / "models" / "tiny", trained.manifest, trained.files)


@pytest.fixture
def bundle(folder: Path) -> SeriesBundle:
    return load_series(folder)


@pytest.fixture(scope="session")
def reseal() -> Reseal:
    """Replace files and manifest members of a saved bundle, with digests that match."""

    def replace(folder: Path, files: dict[str, bytes] | None = None, **members: object) -> Path:
        manifest = decode_manifest((folder / MANIFEST_FILE).read_bytes())
        contents = {name: (folder / name).read_bytes() for name in FILES} | (files or {})
        sealed = seal_manifest(msgspec.structs.replace(manifest, **members), contents)
        for name, content in {**contents, MANIFEST_FILE: encode_manifest(sealed)}.items():
            (folder / name).write_bytes(content)
        return folder

    return replace


@pytest.fixture(scope="session")
def msft_csv() -> Path:
    return Path(__file__).parents[2] / "data" / "MSFT.csv"


@pytest.fixture(scope="session")
def msft(msft_csv: Path) -> Bars:
    return read_price_file(msft_csv).cells.read(BarsSchema(None, "prices"))


@pytest.fixture(scope="session")
def features(msft: Bars) -> Array:
    return DAILY.build(msft)


@pytest.fixture(scope="session")
def random_values() -> Callable[[int, int], Array]:
    """Valid values (5, n) of a seed: prices over six magnitudes, a fifth of the bars without volume."""

    def make_values(seed: int, n: int) -> Array:
        rng = np.random.default_rng(seed)
        low, open_, close, high = np.sort(10.0 ** rng.uniform(-2.0, 4.0, (4, n)), axis=0)
        return np.stack([open_, high, low, close, rng.integers(1, 10**9, n) * (rng.random(n) > 0.2)])

    return make_values
