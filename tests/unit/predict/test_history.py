import numpy as np
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import MAX_LISTED, MissingBars
from lockstep.predict.history import Gathered, History
from preprocessing.daily import DAILY
from qa.default_bundle import STAGES

LOOKBACK = 5


@pytest.fixture
def history(bars: Bars, calendar: Calendar) -> History:
    return History(bars, calendar)


def at(bars: Bars, *rows: int) -> Bars:
    return bars.select(np.array(rows))


def gather(
    history: History, posted: Bars, lookback_bars: int, use_stored: bool = True, whole: bool = False
) -> Gathered:
    sessions = history.calendar.session_numbers(posted.dates)
    return history.gather(posted, sessions, lookback_bars, use_stored, whole)


def test_a_row_is_gathered_with_its_look_back(history: History, market: Bars) -> None:
    gathered = gather(history, at(market, 300), LOOKBACK)
    assert gathered.bars.dates.tolist() == market.dates[296:301].tolist()
    assert gathered.bars.values.tolist() == market.values[:, 296:301].tolist()
    assert (gathered.positions.tolist(), gathered.answerable.tolist()) == ([4], [True])


def test_posted_row_replaces_the_stored_row_of_its_date(history: History, market: Bars) -> None:
    stored = history.bars.values.copy()
    posted = Bars(market.dates[[298, 300]], market.values[:, [298, 300]] * 2.0)
    gathered = gather(history, posted, LOOKBACK)
    expected = market.values[:, 294:301] * [1, 1, 1, 1, 2, 1, 2]
    assert gathered.bars.values.tolist() == expected.tolist()
    assert history.bars.values.tolist() == stored.tolist()


def test_rows_in_any_order_are_found_by_date_with_stored_rows_between(history: History, market: Bars) -> None:
    posted = at(market, 150, 100, 130)
    gathered = gather(history, posted, LOOKBACK)
    assert gathered.bars.dates.tolist() == market.dates[96:151].tolist()
    assert gathered.bars.values.tolist() == market.values[:, 96:151].tolist()
    assert gathered.bars.dates[gathered.positions].tolist() == posted.dates.tolist()


def test_two_new_sessions_alone_are_joined_to_the_stored_ones(history: History, market: Bars) -> None:
    gathered = gather(history, at(market, 501, 500), LOOKBACK)
    assert gathered.bars.values.tolist() == market.values[:, 496:502].tolist()
    assert gathered.positions.tolist() == [5, 4]
    assert gathered.answerable.all()


def test_lone_row_years_later_names_the_missing_sessions(history: History, market: Bars, calendar: Calendar) -> None:
    date = calendar.session_dates(calendar.session_numbers(market.dates[-1:]) + 800)
    posted = Bars(np.concatenate([market.dates[499:500], date]), market.values[:, 499:501])
    with pytest.raises(MissingBars, match=rf"^row 1 \({date[0]}\) needs the 200 bars.*199 session\(s\)") as refused:
        gather(history, posted, DAILY.lookback_bars)
    missing = calendar.session_dates(calendar.session_numbers(date) - 199 + np.arange(MAX_LISTED))
    assert refused.value.sessions == tuple(missing.astype(str))
    assert (refused.value.rows, refused.value.total) == ((1,), 199)


def test_hole_between_stored_and_posted_rows_is_named(history: History, market: Bars) -> None:
    with pytest.raises(MissingBars, match=r"no bars for 2 session\(s\) from") as refused:
        gather(history, at(market, 499, 502, 504), LOOKBACK)
    assert refused.value.sessions == tuple(market.dates[[500, 501]].astype(str))
    assert refused.value.rows == (1, 2)


def test_hole_behind_every_look_back_is_no_hole(history: History, market: Bars) -> None:
    gathered = gather(history, at(market, *range(501, 511)), LOOKBACK, use_stored=False)
    assert gathered.answerable.sum() == 10 - LOOKBACK + 1
    with pytest.raises(MissingBars):
        gather(history, at(market, *range(501, 504), *range(505, 511)), LOOKBACK, use_stored=False)


@pytest.mark.parametrize("row", [0, LOOKBACK - 2])
def test_row_before_the_calendars_look_back_is_refused(history: History, market: Bars, row: int) -> None:
    with pytest.raises(MissingBars, match=rf"no bars for {4 - row} session\(s\) before the calendar") as refused:
        gather(history, at(market, row), LOOKBACK)
    assert (refused.value.sessions, refused.value.total) == ((), 4 - row)
    assert gather(history, at(market, LOOKBACK - 1), LOOKBACK).answerable.all()


def test_without_stored_bars_the_oldest_rows_are_look_back_only(bundle: SeriesBundle, market: Bars) -> None:
    posted = market.select(np.random.default_rng(2).permutation(np.arange(90, 520)))
    alone = bundle.forecaster.forecast(posted, use_stored=False, levels=(80, 95))
    assert alone.rows.tolist() == np.flatnonzero(posted.dates >= market.dates[90 + 199]).tolist()
    joined = bundle.forecaster.forecast(posted.select(alone.rows), levels=(80, 95))
    for stage in STAGES:
        assert alone.stages[stage].tolist() == joined.stages[stage].tolist()


@pytest.mark.parametrize("rows", [[7], range(100, 104), [100, 300, 301]], ids=str)
def test_too_few_posted_rows_without_stored_bars_are_refused(history: History, market: Bars, rows: range) -> None:
    with pytest.raises(MissingBars) as refused:
        gather(history, at(market, *rows), LOOKBACK, use_stored=False)
    assert refused.value.total > 0


def test_whole_history_is_gathered_from_the_first_stored_bar(history: History, market: Bars) -> None:
    posted = Bars(market.dates[[300, 298]], market.values[:, [300, 298]] * 2.0)
    gathered = gather(history, posted, LOOKBACK, whole=True)
    expected = market.values[:, :301].copy()
    expected[:, [298, 300]] *= 2.0
    assert gathered.bars.dates.tolist() == market.dates[:301].tolist()
    assert gathered.bars.values.tolist() == expected.tolist()
    assert (gathered.positions.tolist(), gathered.answerable.tolist()) == ([300, 298], [True, True])


def test_whole_history_without_stored_bars_starts_with_the_oldest_posted_row(history: History, market: Bars) -> None:
    gathered = gather(history, at(market, *range(109, 99, -1)), LOOKBACK, use_stored=False, whole=True)
    assert gathered.bars.dates.tolist() == market.dates[100:110].tolist()
    assert gathered.answerable.tolist() == [True] * 6 + [False] * 4


@pytest.mark.parametrize(
    ("rows", "use_stored", "hole"),
    [([502, *range(505, 511)], True, [500, 501, 503, 504]), ([*range(100, 103), *range(104, 120)], False, [103])],
    ids=str,
)
def test_hole_anywhere_in_a_whole_history_is_named(
    history: History, market: Bars, rows: list[int], use_stored: bool, hole: list[int]
) -> None:
    needed = rows[-1] + 1 if use_stored else rows[-1] - rows[0] + 1
    posted = at(market, *reversed(rows))
    with pytest.raises(MissingBars, match=rf"^row 0 .* needs the {needed} bars that end in it") as refused:
        gather(history, posted, LOOKBACK, use_stored, whole=True)
    assert refused.value.sessions == tuple(market.dates[hole].astype(str))


def test_row_in_the_warm_up_of_a_whole_history_is_refused(history: History, market: Bars) -> None:
    with pytest.raises(MissingBars, match=r"no bars for 1 session\(s\) before the calendar") as refused:
        gather(history, at(market, LOOKBACK - 2, 300), LOOKBACK, whole=True)
    assert (refused.value.rows, refused.value.total) == ((0, 1), 1)
    assert gather(history, at(market, LOOKBACK - 1), LOOKBACK, whole=True).answerable.all()


def test_only_known_dates_with_other_values_count_as_replaced(history: History, market: Bars) -> None:
    posted = at(market, 501, 300, 0, 499, 200)
    assert history.count_replaced(posted, history.calendar.session_numbers(posted.dates)) == 0
    posted.values[3, 1] += 0.01
    posted.values[4, 2] += 1.0
    posted.values[:, 0] *= 2.0
    assert history.count_replaced(posted, history.calendar.session_numbers(posted.dates)) == 2


def merge(history: History, posted: Bars) -> Bars:
    return history.merge(posted, history.calendar.session_numbers(posted.dates)).bars


def test_merged_bars_replace_stored_ones_and_follow_them_in_any_order(history: History, market: Bars) -> None:
    replaced = Bars(market.dates[[499, 10]], market.values[:, [499, 10]] * 2.0)
    posted = Bars(
        np.concatenate([replaced.dates, market.dates[[501, 500]]]),
        np.concatenate([replaced.values, market.values[:, [501, 500]]], axis=1),
    )
    merged, factors = merge(history, posted), np.ones(502)
    factors[[10, 499]] = 2.0
    assert merged.dates.tolist() == market.dates[:502].tolist()
    assert merged.values.tolist() == (market.values[:, :502] * factors).tolist()
    assert len(history.bars) == 500


def test_merged_bars_may_come_before_the_stored_ones(bars: Bars, calendar: Calendar) -> None:
    assert merge(History(at(bars, *range(3, 500)), calendar), at(bars, 1, 2)).dates.tolist() == bars.dates[1:].tolist()


def test_merged_bars_leave_no_hole(history: History, market: Bars) -> None:
    with pytest.raises(MissingBars, match=f"a gap: 2 session.* from {market.dates[501]} to {market.dates[502]}") as gap:
        merge(history, at(market, 503, 500))
    assert (gap.value.rows, gap.value.total_rows) == ((0,), 1)
    assert gap.value.sessions == (str(market.dates[501]), str(market.dates[502]))
