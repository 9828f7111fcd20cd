import numpy as np
import pytest

from lockstep.data.bars import Array
from lockstep.drift.overlap import OtherPrices, Overlap, compare_closes

DATES = np.arange("2020-01-01", "2020-07-19", dtype="datetime64[D]")
STORED = np.linspace(20.0, 30.0, DATES.size) * (1.0 + 0.01 * np.sin(np.arange(DATES.size)))


def compare(filed: Array) -> Overlap:
    return compare_closes(DATES, STORED, filed)


def changed(place: int, factor: float) -> Array:
    """Return the closes with those before a place multiplied, as a dividend is adjusted for."""
    return np.where(np.arange(DATES.size) < place, factor * STORED, STORED)


def test_equal_closes_are_told_as_such() -> None:
    found = compare(STORED.copy())
    assert (found.kind, found.bars, found.different, found.factor) == ("equal", 200, 0, None)


def test_closes_in_whole_cents_are_equal() -> None:
    found = compare(np.round(STORED, 2))
    assert found.kind == "equal"
    assert found.different > 150
    assert "rounded otherwise" in found.says


def test_one_factor_is_prices_that_were_adjusted_again() -> None:
    found = compare(STORED * 0.98)
    assert (found.kind, found.different, found.first_change) == ("scaled", 200, None)
    assert found.factor == pytest.approx(0.98)
    assert "adjusted again" in found.says


def test_a_factor_that_changes_is_named_with_its_first_date() -> None:
    found = compare(changed(120, 0.99))
    assert (found.kind, found.different, found.first_change) == ("changed", 120, str(DATES[120]))
    assert "from 0.99 to 1:" in found.says


def test_one_corrected_close_changes_the_factor_twice() -> None:
    filed = STORED.copy()
    filed[50] *= 1.1
    assert "changes 2 time(s)" in compare(filed).says


def test_another_series_is_refused() -> None:
    with pytest.raises(OtherPrices, match=r"18. of 199 moves .* are not those of the stored bars, first on 2020-01-02"):
        compare(STORED[::-1].copy())


def test_without_a_common_date_nothing_is_said_of_the_adjustment() -> None:
    found = compare_closes(DATES[:0], STORED[:0], STORED[:0])
    assert (found.kind, found.bars) == ("none", 0)
    assert "could not be compared" in found.says
