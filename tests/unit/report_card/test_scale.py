"""Axes: round numbers within them, and dates that do not crowd."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.report_card.scale import MAX_DATES, MAX_TICKS, Scale, make_scale, mark_dates
from lockstep.report_card.ticks import label_ticks


@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e12), st.booleans())
def test_ticks_are_few_round_and_within_the_axis(low: float, span: float, is_up: bool) -> None:
    high = low + span
    if high - low < 1e-6 * abs(low):
        return
    scale = make_scale(200.0, [low, high], is_up=is_up)
    places = scale.place(np.array(scale.ticks))
    assert 1 <= places.size <= MAX_TICKS
    assert ((places >= -1e-6) & (places <= 200.0 + 1e-6)).all()
    assert float(f"{scale.step:.0e}"[0]) in (1.0, 2.0, 5.0)
    texts = [text for _, text in label_ticks(scale, is_percent=False)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e12, 1e-12])
def test_equal_values_lie_in_the_middle(value: float) -> None:
    scale = make_scale(200.0, [value, value])
    assert float(scale.place(np.array(value))) == pytest.approx(100.0, abs=0.1)


def test_an_axis_that_goes_up_begins_at_the_bottom() -> None:
    scale = make_scale(100.0, [0.0, 10.0], is_up=True)
    assert scale.place(np.array([0.0, 10.0])).tolist() == pytest.approx([96.3, 3.7], abs=0.1)


@pytest.mark.parametrize(
    ("percents", "expected"), [((0.0, 0.1), "5 %"), ((0.0, 0.01), "0.5 %"), ((0.0, 0.002), "0.05 %")]
)
def test_percents_have_the_digits_that_tell_them_apart(percents: tuple[float, float], expected: str) -> None:
    assert expected in [text for _, text in label_ticks(make_scale(100.0, percents), is_percent=True)]


def test_years_are_named_where_there_are_some_and_months_elsewhere() -> None:
    days = (np.datetime64("2009-05-08") + np.arange(1400)).astype(str).tolist()
    assert [name for _, name in mark_dates(days)] == ["2010", "2011", "2012", "2013"]
    assert all(days[place].startswith(name) for place, name in mark_dates(days))
    assert [name for _, name in mark_dates(days[:120])] == ["2009-06", "2009-07", "2009-08", "2009-09"]
    assert mark_dates(days[:3]) == []
    assert len(mark_dates((np.datetime64("1950-01-01") + np.arange(25_000)).astype(str).tolist())) <= MAX_DATES


def test_a_straight_axis_places_its_ends() -> None:
    assert Scale(2.0, 4.0, 10.0).place(np.array([2.0, 3.0, 4.0])).tolist() == [0.0, 5.0, 10.0]
