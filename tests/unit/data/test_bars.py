from collections.abc import Mapping

import numpy as np
import pytest

from lockstep.data.bars import RANGE_TOLERANCE, VALUE_COLUMNS, Bars, Dates, find_duplicate_dates, find_value_problems
from lockstep.errors import Problem

DATES = np.array(["2013-03-04", "2013-02-28", "2013-03-01"], "datetime64[D]")
INSIDE, OUTSIDE = 0.999 * RANGE_TOLERANCE, 1.001 * RANGE_TOLERANCE


def problems_of(newest: Mapping[str, float], dates: Dates = DATES) -> list[Problem]:
    """What is wrong with three bars of one close, the last with these cells."""
    values = np.repeat([[10.0], [11.0], [9.0], [10.0], [5.0]], 3, axis=1)
    for name, value in newest.items():
        values[VALUE_COLUMNS.index(name), 2] = value
    return find_duplicate_dates(dates) + find_value_problems(values, "prices")


def test_select_and_oldest_first_keep_date_and_values_together() -> None:
    bars = Bars(DATES, np.arange(15.0).reshape(5, 3))
    assert [getattr(bars, name).tolist() for name in VALUE_COLUMNS] == bars.values.tolist()
    for ordered in (bars.oldest_first(), bars.select(np.array([1, 2, 0]))):
        assert ordered.dates.astype(str).tolist() == ["2013-02-28", "2013-03-01", "2013-03-04"]
        assert ordered.close.tolist() == [10.0, 11.0, 9.0]
        assert ordered.values.flags.c_contiguous


def test_low_and_high_hold_open_and_close_up_to_the_tolerance() -> None:
    edges = ({"high": 10.0, "low": 10.0}, {"high": 10.0 * (1 - INSIDE)}, {"low": 10.0 * (1 + INSIDE)})
    assert [problems_of(edge) for edge in edges] == [[], [], []]
    for side, beyond in (("high", 10.0 * (1 - OUTSIDE)), ("low", 10.0 * (1 + OUTSIDE))):
        assert [(problem.row, problem.column) for problem in problems_of({side: beyond})] == [(2, side)]


@pytest.mark.parametrize("name", VALUE_COLUMNS)
def test_cells_that_were_reported_before_are_passed_over(name: str) -> None:
    assert problems_of({name: np.nan}, np.array(["NaT", "2013-02-28", "NaT"], "datetime64[D]")) == []


def test_each_repeat_of_a_date_is_a_problem() -> None:
    reason = "2013-03-01 is there twice"
    assert problems_of({}, DATES[[2, 2, 2]]) == [Problem(1, "date", reason), Problem(2, "date", reason)]
