"""What people write without Lockstep: pandas, TA-Lib and scikit-learn, one series after the other in a process pool.

It reads each file, computes the same 17 features of all its bars, and predicts the newest row with the same fitted
scaler and model. The numbers are not the same, as TA-Lib smooths recursively: the work is.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import talib

from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_parts
from lockstep.bundles.reading import read_files
from qa.bench.blog_features import build_features
from qa.default_bundle import DEFAULT_BUNDLE

CHUNK = 50

BuildFeatures = Callable[[pd.DataFrame], pd.DataFrame]


def time_rival(files: Sequence[Path], workers: int, build: BuildFeatures) -> float:
    """Return the seconds for some files, after each process has loaded what it needs."""
    forecast_file = partial(forecast, build=build)
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(forecast_file, files[: 4 * workers], chunksize=1))
        started = time.perf_counter()
        answered = list(pool.map(forecast_file, files, chunksize=CHUNK))
        duration_s = time.perf_counter() - started
    if not np.isfinite(answered).all():
        raise ValueError("a forecast of the rival is no number")
    return duration_s


def forecast(path: Path, build: BuildFeatures) -> float:
    """Return the prediction for the newest row of a file."""
    scaler, model = load_model()
    features = build(pd.read_parquet(path)).tail(1).to_numpy()
    return float(model.predict(scaler.transform(features))[0])


@cache
def load_model() -> tuple[Any, Any]:
    """Return the fitted scaler and model of the default bundle, once in each process."""
    return load_parts(pick_pickles(read_files(DEFAULT_BUNDLE)[1]))


def build_with_pandas(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the 17 features of each row by pandas alone."""
    named = prices.rename(columns=str.title)
    return build_features(named.assign(**{"Adj Close": named["Close"]}))


def build_with_talib(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the 17 features of each row: TA-Lib where it has the formula, and pandas elsewhere."""
    open_, high, low, close, volume = (prices[name] for name in ("open", "high", "low", "close", "volume"))
    returns = close / close.shift()
    bands = talib.BBANDS(close, 21, 2.0, 2.0)
    return pd.DataFrame(
        {
            "return": returns,
            "close_to_open": close / open_,
            "close_to_high": close / high,
            "close_to_low": close / low,
            "macd_diff": talib.MACD(close, 12, 26, 9)[2] / close,
            "ma_50_200": (talib.SMA(close, 50) - talib.SMA(close, 200)) / close,
            "aroon": talib.AROONOSC(high, low, 25),
            "stochastic_oscillator": talib.STOCHF(high, low, close, 14)[0],
            "cci": talib.CCI(high, low, close, 20),
            "rsi": talib.RSI(close, 14),
            **{f"{days}d_volatility": returns.rolling(days).std() for days in (5, 21, 60)},
            "bollinger": (close - bands[2]) / (bands[0] - bands[2]),
            "atr": talib.ATR(high, low, close, 14) / close,
            "on_balance_volume": _share(np.sign(close.diff()), volume),
            "chaikin_money_flow": _share(((close - low) - (high - close)) / (high - low), volume),
        }
    )


def _share(sign: pd.Series, volume: pd.Series) -> pd.Series:
    return (sign * volume).rolling(21).sum() / volume.rolling(21).sum()
