"""What every feature promises: causal, warm, of bounded look-back, free of scale, defined where nothing moves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.data.bars import Array, Bars
from lockstep.data.bits import same_bits
from lockstep.data.price_csv import parse_price_csv, write_price_csv
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput
from preprocessing.daily import DAILY
from preprocessing.prices import COLUMNS, PRICES

FIRST = DAILY.lookback_bars - 1
SCHEMA = BarsSchema(None, "prices")
BARS_NEEDED = (2, 1, 1, 1, 191, 200, 26, 14, 20, 15, 6, 22, 61, 21, 15, 22, 21)
RandomValues = Callable[[int, int], Array]

SCALE_TOLERANCE = 1e-12
"""Of the column's largest value: a factor rounds each price, half an ULP, and differences of prices magnify that."""
ADJUST_TOLERANCE = 1e-9
"""Of the column's largest value: adjusted closes are published with 12 decimals."""
STEADY_TOLERANCE = 3e-8
"""Of the return: the root of an ULP, which is what a variance of 0 keeps as the difference of two sums."""
MACD_FLAT = 1e-15
"""As its docstring says: the rounding of the weights."""


def differing_columns(left: Array, right: Array) -> list[str]:
    """Return the features of which any bit differs."""
    equal = same_bits(left, right).reshape(-1, len(DAILY.columns)).all(axis=0)
    return [name for name, is_equal in zip(DAILY.columns, np.atleast_1d(equal), strict=True) if not is_equal]


def assert_close(actual: Array, expected: Array, tolerance: float) -> None:
    error = np.abs(actual - expected)[FIRST:].max(axis=0) / np.abs(expected)[FIRST:].max(axis=0)
    assert {name: off for name, off in zip(DAILY.columns, error, strict=True) if not off <= tolerance} == {}


def replaced(bars: Bars, rows: slice, values: Array) -> Bars:
    changed = bars.values.copy()
    changed[:, rows] = values[:, rows]
    return Bars(bars.dates, changed)


def bars_of(values: Array) -> Bars:
    return Bars(np.datetime64("2000-01-03") + np.arange(values.shape[1]), values)


def unit(**factors: float) -> Array:
    return np.array([factors.get("prices", 1.0)] * 4 + [factors.get("volume", 1.0)])[:, None]


def test_features_without_volume_have_the_bits_of_the_set_that_reads_it(msft: Bars, features: Array) -> None:
    found = PRICES.build(Bars(msft.dates, msft.values[:-1]))
    assert len(PRICES.columns) == len(DAILY.columns) - 2
    assert same_bits(found, features[:, [DAILY.columns.index(name) for name in COLUMNS]]).all()


def test_no_row_reads_a_later_bar(msft: Bars, features: Array, random_values: RandomValues) -> None:
    for cut in range(FIRST, len(msft) - 1, 17):
        other_future = replaced(msft, slice(cut + 1, None), random_values(cut, len(msft)))
        assert differing_columns(DAILY.build(other_future)[: cut + 1], features[: cut + 1]) == [], cut


def test_rows_have_the_same_bits_wherever_the_history_starts(msft: Bars, features: Array) -> None:
    for start in [*range(1, 40), *range(40, len(msft) - FIRST, 29)]:
        late = DAILY.build(msft.select(slice(start, None)))
        assert differing_columns(late[FIRST:], features[start + FIRST :]) == [], start


def test_a_row_alone_has_the_bits_it_has_in_the_batch(msft: Bars, features: Array) -> None:
    for t in range(FIRST, len(msft), 5):
        alone = DAILY.build(msft.select(slice(t - FIRST, t + 1)))
        assert differing_columns(alone[-1], features[t]) == [], t


@pytest.mark.parametrize("t", [FIRST + 1, 500, 1333, 3269])
def test_row_reads_the_lookback_and_no_bar_before(
    msft: Bars, features: Array, random_values: RandomValues, t: int
) -> None:
    others, oldest = random_values(t, len(msft)), t - FIRST
    assert differing_columns(DAILY.build(replaced(msft, slice(0, oldest), others))[t], features[t]) == []
    with_other_oldest = replaced(msft, slice(oldest, oldest + 1), others)
    assert differing_columns(DAILY.build(with_other_oldest)[t], features[t]) == ["ma_50_200"]


@pytest.mark.parametrize(("name", "n_bars"), [*zip(DAILY.columns, BARS_NEEDED, strict=True)])
def test_feature_reads_exactly_the_bars_it_names(
    msft: Bars, features: Array, random_values: RandomValues, name: str, n_bars: int
) -> None:
    column, t = DAILY.columns.index(name), 2600
    oldest, others = t - n_bars + 1, random_values(t, len(msft))
    assert DAILY.build(replaced(msft, slice(0, oldest), others))[t, column] == features[t, column]
    extremes = [others, *(msft.values * unit(prices=factor, volume=3.0) for factor in (0.001, 1000.0))]
    changed = [DAILY.build(replaced(msft, slice(oldest, oldest + 1), values))[t, column] for values in extremes]
    assert set(changed) != {features[t, column]}


@pytest.mark.parametrize("what", ["prices", "volume"])
def test_the_unit_of_prices_and_volume_does_not_matter(msft: Bars, features: Array, what: str) -> None:
    for power in (-60, -1, 1, 2, 33):
        same = DAILY.build(Bars(msft.dates, msft.values * unit(**{what: 2.0**power})))
        assert differing_columns(same, features) == [], power
    for factor in (0.7, 1.37, 1e-9, 3e11):
        rounded = DAILY.build(Bars(msft.dates, msft.values * unit(**{what: factor})))
        assert_close(rounded, features, SCALE_TOLERANCE)


def test_a_later_dividend_adjustment_changes_no_value(msft_csv: Path, features: Array) -> None:
    header, *lines = msft_csv.read_text(encoding="utf-8").splitlines()
    cells = [line.split(",") for line in lines]
    adjusted = [",".join([*row[:5], repr(round(float(row[5]) * 0.99, 12)), row[6]]) for row in cells]
    again = parse_price_csv("\n".join([header, *adjusted]), "MSFT.csv", SCHEMA)
    assert_close(DAILY.build(again), features, ADJUST_TOLERANCE)


FLAT = dict.fromkeys(DAILY.columns, 0.0) | {
    **dict.fromkeys(("return", "close_to_open", "close_to_high", "close_to_low"), 1.0),
    **dict.fromkeys(("stochastic_oscillator", "rsi"), 50.0),
    "bollinger": 0.5,
}
IN_RANGE = {"close_to_open": 0.9, "close_to_high": 0.75, "close_to_low": 1.125, "stochastic_oscillator": 25.0}


def assert_flat(row: Array, **moved: float) -> None:
    actual = dict(zip(DAILY.columns, row.tolist(), strict=True))
    assert abs(actual["macd_diff"]) <= MACD_FLAT
    assert actual == FLAT | {"macd_diff": actual["macd_diff"]} | moved


@pytest.fixture
def _float_errors_raise() -> Iterator[None]:
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


@pytest.mark.usefixtures("_float_errors_raise")
@pytest.mark.parametrize("volume", [0.0, 1e6])
def test_bars_that_do_not_move_have_the_stated_values(volume: float) -> None:
    for price in (0.1, 1.37, 89.62, 1e-30, 1e30):
        for row in DAILY.build(bars_of(np.repeat([[price]] * 4 + [[volume]], 230, axis=1)))[FIRST:]:
            assert_flat(row)
    for row in DAILY.build(bars_of(np.repeat([[20.0], [24.0], [16.0], [18.0], [volume]], 230, axis=1)))[FIRST:]:
        assert_flat(row, **IN_RANGE, atr=8 / 18, chaikin_money_flow=-0.5 if volume else 0.0)


@pytest.mark.usefixtures("_float_errors_raise")
def test_a_flat_stretch_keeps_nothing_of_the_moves_around_it(random_values: RandomValues) -> None:
    values = random_values(11, 800)
    values[:, 200:400] = np.array([[89.62]] * 4 + [[0.0]])
    values[4, 600:] = 0.0
    features = DAILY.build(bars_of(values))
    assert_flat(features[399])
    assert np.isfinite(features[FIRST:]).all()
    assert features[400:600, -2:].any(axis=1).all()
    assert not features[620:, -2:].any()


@pytest.mark.usefixtures("_float_errors_raise")
@pytest.mark.parametrize("growth", [0.99, 1.1, 1.37])
def test_steady_growth_has_no_volatility(growth: float) -> None:
    close = growth ** np.arange(230.0)
    features = DAILY.build(bars_of(np.stack([close, close, close, close, close])))[FIRST:]
    volatilities = features[:, DAILY.columns.index("5d_volatility") :][:, :3]
    assert (volatilities <= STEADY_TOLERANCE * abs(growth - 1.0)).all()


def assert_contract(features: Array) -> None:
    assert np.isnan(features[:FIRST]).all()
    assert np.isfinite(features[FIRST:]).all()
    limits = {"aroon": 100, "stochastic_oscillator": 100, "rsi": 100, "on_balance_volume": 1, "chaikin_money_flow": 1}
    for name, limit in limits.items():
        column = features[FIRST:, DAILY.columns.index(name)]
        least = 0 if name in {"stochastic_oscillator", "rsi"} else -limit
        assert least <= column.min() <= column.max() <= limit, name


@settings(derandomize=True, deadline=None)
@given(
    prices=hnp.arrays(float, (4, 230), elements=st.floats(1e-50, 1e50)),
    volume=hnp.arrays(float, 230, elements=st.just(0.0) | st.floats(0.0, 1e100)),
)
def test_any_valid_bars_give_finite_features_in_their_range(prices: Array, volume: Array) -> None:
    low, open_, close, high = np.sort(prices, axis=0)
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        assert_contract(DAILY.build(bars_of(np.stack([open_, high, low, close, volume]))))


def test_real_bars_give_finite_features_that_vary(msft: Bars, features: Array) -> None:
    assert features.shape == (len(msft), 17)
    assert_contract(features)
    assert (features[FIRST:].std(axis=0) > 0.0).all()


def assert_refused_or_in_contract(bars: Bars) -> None:
    try:
        accepted = parse_price_csv(write_price_csv(bars), "bars.csv", SCHEMA)
    except InvalidInput:
        return
    assert_contract(DAILY.build(accepted))


@pytest.mark.parametrize("high", [100.0 + 1e-11, 99.99995])
def test_close_within_the_range_tolerance_leaves_no_range(random_values: RandomValues, high: float) -> None:
    values = random_values(12, 230)
    values[:, 200:] = np.array([100.0, high, 100.0, 100.00004, 1e8])[:, None]
    assert_refused_or_in_contract(bars_of(values))


@pytest.mark.parametrize(("low", "high", "volume"), [(1e-160, 1e160, 1.0), (1.0, 2.0, 1e307)])
def test_finite_bars_never_overflow(low: float, high: float, volume: float) -> None:
    values = np.full((5, 230), low)
    values[:, ::2], values[4] = high, volume
    assert_refused_or_in_contract(bars_of(values))


def test_a_missing_bar_makes_every_feature_of_its_row_nan(msft: Bars) -> None:
    values = msft.values[:, :400].copy()
    values[:, 300] = np.nan
    row = DAILY.build(bars_of(values))[300]
    assert {name: value for name, value in zip(DAILY.columns, row, strict=True) if not np.isnan(value)} == {}
