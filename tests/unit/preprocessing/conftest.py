from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from preprocessing.bars import Array, Bars
from preprocessing.features import DAILY
from preprocessing.price_csv import read_price_csv


@pytest.fixture(scope="session")
def msft_csv() -> Path:
    return Path(__file__).parents[3] / "data" / "MSFT.csv"


@pytest.fixture(scope="session")
def msft(msft_csv: Path) -> Bars:
    return read_price_csv(msft_csv)


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
