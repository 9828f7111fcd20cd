"""The blog post's features: the indicators of `preprocessing.features:DAILY` in vectorised pandas."""

import numpy as np
import pandas as pd


def build_features(prices: pd.DataFrame) -> pd.DataFrame:
    """Return 17 features for each row of a price file's columns, indexed alike; NaN where a window is not full."""
    factor = prices["Adj Close"] / prices["Close"]
    open_, high, low = (prices[name] * factor for name in ("Open", "High", "Low"))
    close, volume = prices["Adj Close"], prices["Volume"]
    returns = close / close.shift()
    return pd.DataFrame(
        {
            "return": returns,
            "close_to_open": close / open_,
            "close_to_high": close / high,
            "close_to_low": close / low,
            "macd_diff": _macd_difference(close),
            "ma_50_200": (close.rolling(50).mean() - close.rolling(200).mean()) / close,
            "aroon": _aroon(high, low, 25),
            "stochastic_oscillator": _stochastic(high, low, close, 14),
            "cci": _channel_index((high + low + close) / 3.0, 20),
            "rsi": _rsi(close.diff(), 14),
            **{f"{days}d_volatility": returns.rolling(days).std() for days in (5, 21, 60)},
            "bollinger": 0.5 + (close - close.rolling(21).mean()) / (4.0 * close.rolling(21).std(ddof=0)),
            "atr": _true_range(high, low, close.shift()).rolling(14).mean() / close,
            "on_balance_volume": _signed_share(np.sign(close.diff()), volume, 21),
            "chaikin_money_flow": _signed_share(((close - low) - (high - close)) / (high - low), volume, 21),
        }
    )


def _macd_difference(close: pd.Series) -> pd.Series:
    line = close.ewm(span=12).mean() - close.ewm(span=26).mean()
    return (line - line.ewm(span=9).mean()) / close


def _aroon(high: pd.Series, low: pd.Series, period: int) -> pd.Series:
    highs, lows = (np.lib.stride_tricks.sliding_window_view(series, period + 1) for series in (high, low))
    oscillator = (highs.argmax(axis=1) - lows.argmin(axis=1)) * (100.0 / period)
    return pd.Series(oscillator, index=high.index[period:])


def _stochastic(high: pd.Series, low: pd.Series, close: pd.Series, period: int) -> pd.Series:
    lowest = low.rolling(period).min()
    return 100.0 * (close - lowest) / (high.rolling(period).max() - lowest)


def _channel_index(typical: pd.Series, period: int) -> pd.Series:
    distance = typical - typical.rolling(period).mean()
    return distance / (0.015 * distance.abs().rolling(period).mean())


def _rsi(moves: pd.Series, period: int) -> pd.Series:
    return 100.0 * moves.clip(lower=0.0).rolling(period).mean() / moves.abs().rolling(period).mean()


def _true_range(high: pd.Series, low: pd.Series, previous_close: pd.Series) -> pd.Series:
    return np.maximum(high, previous_close) - np.minimum(low, previous_close)


def _signed_share(sign: pd.Series, volume: pd.Series, period: int) -> pd.Series:
    return (sign * volume).rolling(period).sum() / volume.rolling(period).sum()
