"""The tutorial's features against pandas and against its formulas, written out row by row."""

import numpy as np
import pandas as pd
import pytest

from examples.tutorial import indicators
from examples.tutorial.features import TUTORIAL
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array, Bars

FIRST = TUTORIAL.lookback_bars - 1
TOLERANCE = 1e-9
"""Relative to the largest value of a column: pandas adds up in another order, and takes off what it added before."""
FROM_THE_START = ("macd_diff", "sar", "rsi", "on_balance_volume", "chaikin_oscillator")


@pytest.fixture(scope="module")
def bars(default_bundle: SeriesBundle) -> Bars:
    """1200 bars whose closes are adjusted alone: most lie outside low … high."""
    bars = default_bundle.bars.select(slice(1200))
    bars.values[3] *= 0.9
    return bars


@pytest.fixture(scope="module")
def features(bars: Bars) -> dict[str, Array]:
    return dict(zip(TUTORIAL.columns, TUTORIAL.build(bars).T, strict=True))


def oracle(bars: Bars) -> pd.DataFrame:
    series = (pd.Series(column[1:]) for column in bars.values)
    open_, high, low, close, volume = series
    returns = pd.Series(bars.close).pct_change()[1:].reset_index(drop=True) + 1.0
    typical = (high + low + close) / 3.0
    line = close.ewm(com=5.5).mean() - close.ewm(com=12.5).mean()
    lowest, highest = close.rolling(14).min(), close.rolling(14).max()
    distance = typical - typical.rolling(20).mean()
    ranges = pd.concat([high - low, high - close.shift(-1), low - close.shift(-1)], axis=1).max(axis=1)
    flow = (volume * ((close - low) / (high - low)) / (high - low)).cumsum()
    return pd.DataFrame(
        {
            "return": returns,
            "close_to_open": close / open_,
            "close_to_high": close / high,
            "close_to_low": close / low,
            "macd_diff": line - line.ewm(com=4.0).mean(),
            "ma_50_200": close.rolling(50).mean() - close.rolling(200).mean(),
            "sar": parabolic_sar(high, low, close),
            "stochastic_oscillator": 100.0 * (close - lowest) / (highest - lowest),
            "cci": distance / (0.15 * distance.abs().rolling(20).mean()),
            "rsi": wilder_rsi(close),
            **{f"{days}d_volatility": returns.rolling(days).std() for days in (5, 21, 60)},
            "bollinger": (close - close.rolling(21).mean()) / 2.0 * close.rolling(21).std(),
            "atr": ranges.rolling(14).mean(),
            "on_balance_volume": np.where(-close.diff() < 0.0, -volume, volume).cumsum(),
            "chaikin_oscillator": flow.ewm(com=1.0).mean() - flow.ewm(com=4.5).mean(),
        }
    )


def parabolic_sar(high: pd.Series, low: pd.Series, close: pd.Series) -> list[float]:
    sar = [np.nan] * 5
    up, acc, prior, extreme = False, 0.02, close[:5].max(), close[:5].min()
    for t in range(5, len(close)):
        if up:
            value = prior + acc * (extreme - prior)
            if low[t] < value:
                up, extreme = False, close[t - 5 : t + 1].min()
            elif close[t] > extreme:
                extreme, acc = close[t], min(0.2, acc + 0.02)
        else:
            value = prior - acc * (prior - extreme)
            if high[t] > value:
                up, extreme = True, close[t - 5 : t + 1].max()
            elif close[t] < extreme:
                extreme, acc = close[t], min(0.2, acc + 0.02)
        sar.append(value)
        prior = value
    return sar


def wilder_rsi(close: pd.Series) -> list[float]:
    falls = close.shift() - close
    gain, loss = falls[:14].clip(lower=0.0).sum() / 14, -falls[:14].clip(upper=0.0).sum() / 14
    rsi = [np.nan] * 14
    for fall in falls[14:]:
        if fall > 0.0:
            gain = (13 * gain + fall) / 14
        else:
            loss = (13 * loss + abs(fall)) / 14
        rsi.append(100.0 - 100.0 / (1.0 + (gain / loss if loss else 100.0)))
    return rsi


@pytest.mark.parametrize("name", TUTORIAL.columns)
def test_feature_is_what_its_formula_gives(name: str, bars: Bars, features: dict[str, Array]) -> None:
    expected = oracle(bars)[name].to_numpy()[FIRST - 1 :]
    assert np.isnan(features[name][:FIRST]).all()
    assert np.abs(features[name][FIRST:] - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.parametrize("name", TUTORIAL.columns)
def test_feature_reads_the_past_from_where_it_says(name: str, bars: Bars, features: dict[str, Array]) -> None:
    column, start = TUTORIAL.columns.index(name), 300
    later = TUTORIAL.build(bars.select(slice(start, None)))[FIRST:, column]
    same = later == features[name][start + FIRST :]
    assert same.all() == (name not in FROM_THE_START)


def test_only_atr_reads_the_bar_after_its_row(bars: Bars, features: dict[str, Array]) -> None:
    values = bars.values.copy()
    values[:, 1000:] *= np.random.default_rng(3).uniform(0.5, 1.5, values[:, 1000:].shape)
    changed = dict(zip(TUTORIAL.columns, TUTORIAL.build(Bars(bars.dates, values)).T, strict=True))
    differs = [name for name in TUTORIAL.columns if changed[name][999] != features[name][999]]
    assert differs == ["atr"]
    assert changed["atr"][FIRST:999].tolist() == features["atr"][FIRST:999].tolist()


def test_what_never_moves_has_a_number_for_every_feature(bars: Bars) -> None:
    flat = np.full((5, 300), 20.0)
    built = dict(zip(TUTORIAL.columns, TUTORIAL.build(Bars(bars.dates[:300], flat))[FIRST:].T, strict=True))
    stated = {"stochastic_oscillator": 50.0, "cci": 0.0, "rsi": 100.0 - 100.0 / 101.0, "chaikin_oscillator": 0.0}
    for name, value in stated.items():
        assert set(built[name].tolist()) == {value}
    assert all(np.isfinite(column).all() for column in built.values())


def test_acceleration_of_the_stop_is_never_set_back() -> None:
    steps = np.array([*[10.0] * 5, *np.arange(9.0, 4.0, -0.5), *np.arange(5.0, 30.0, 0.5), *[4.0] * 3])
    stops = indicators.parabolic_sar(steps + 0.1, steps - 0.1, steps)
    turned = stops.size - 2
    assert stops[turned + 1] == stops[turned] - 0.2 * (stops[turned] - 4.0)
