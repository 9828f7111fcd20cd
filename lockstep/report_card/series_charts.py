"""The charts of a series: what they mark, and what they say."""

from collections.abc import Sequence

import numpy as np

from lockstep.bundles.scores import NO_CHANGE
from lockstep.data.bars import Array
from lockstep.predict.intervals import find_bounds
from lockstep.report_card.card import SHOWN_LEVEL, Against, Bounds, Coverage, Errors, Fan, Widths, Year
from lockstep.report_card.digits import show_count, show_percent, show_price, show_score, show_value
from lockstep.report_card.rows import SeriesRows, thin
from lockstep.report_card.scores import compare_errors
from lockstep.report_card.shown import show_error
from lockstep.worth.chance import find_chance_band
from lockstep.worth.intervals import rolling_coverage, split_groups

FAN_ROWS = 120
WINDOWS = (250, 60)
"""How many rows a share of the rolling coverage is of: a year, or a quarter if the rows are less than two years."""


def chart_errors(rows: SeriesRows) -> Errors:
    """Return the errors of rows that came true, added up."""
    model, naive = np.cumsum(rows.lose(rows.y_pred)), np.cumsum(rows.lose(rows.naive))
    ours, theirs = float(model[-1]), float(naive[-1])
    what = "wrong labels" if rows.is_labels else "errors"
    says = f"The {what} of {show_count(model.size)} rows add up to {show_error(ours, rows.unit)}. That is "
    says += f'{compare_errors(ours, theirs)} the {show_error(theirs, rows.unit)} of "{rows.naive_name}".'
    shown = thin(model.size)
    return Errors(says, rows.naive_name, rows.dates[shown].tolist(), model[shown].tolist(), naive[shown].tolist())


def chart_coverage(rows: SeriesRows, horizon_bars: int) -> Coverage | None:
    """Return the rolling coverage of rows that came true, None if there are too few of them."""
    window = next((each for each in WINDOWS if rows.dates.size >= 2 * each), None)
    if window is None:
        return None
    shares, dates = rolling_coverage(rows.is_covered(SHOWN_LEVEL), window), rows.dates[window - 1 :]
    chance, shown = find_chance_band(SHOWN_LEVEL, window, horizon_bars), thin(shares.size)
    low, high = show_percent(float(shares.min())), show_percent(float(shares.max()))
    says = f"Of any {window} consecutive rows, {low} to {high} came true inside their {SHOWN_LEVEL} % interval."
    if chance:
        within = show_percent(float(np.mean((chance[0] <= shares) & (shares <= chance[1]))))
        says += f" Chance alone allows {_join(chance)}; {within} of the line lies within."
    return Coverage(says, SHOWN_LEVEL, window, chance, dates[shown].tolist(), shares[shown].tolist())


def _join(bounds: tuple[float, float]) -> str:
    return " to ".join(map(show_percent, bounds))


def chart_fan(rows: SeriesRows) -> Fan:
    """Return the newest intervals of all rows, and those that are for sessions to come."""
    newest = rows.select(slice(-FAN_ROWS - int(np.sum(~rows.realised)), None))
    bounds = [Bounds(level, *_bound_closes(newest, level)) for level in newest.levels]
    misses = newest.dates[newest.realised & ~newest.is_covered(SHOWN_LEVEL)].tolist()
    n_realised = int(np.sum(newest.realised))
    close = [each if known else None for each, known in zip(_settle(newest), newest.realised, strict=True)]
    expected = show_count(round(n_realised * (100 - SHOWN_LEVEL) / 100))
    says = f"{show_count(len(misses))} of the last {show_count(n_realised)} closes lie outside of their interval of "
    says += f"{SHOWN_LEVEL} %; {expected} are to be expected."
    if n_realised < newest.dates.size:
        lo, hi = (bound[-1] for bound in _bound_closes(newest, SHOWN_LEVEL))
        when = newest.dates[-1] or "a session beyond the calendar"
        says += f" The newest is for {when}: {show_price(lo)} to {show_price(hi)}."
    close_pred = (newest.close * newest.y_pred).tolist()
    return Fan(says, SHOWN_LEVEL, newest.dates.tolist(), close, close_pred, bounds, misses)


def chart_against(rows: SeriesRows) -> Against:
    """Return what was predicted of rows that came true, beside it."""
    zero = NO_CHANGE if rows.is_return else 0.0
    realised, predicted = rows.y_true - zero, rows.y_pred - zero
    shown = thin(realised.size)
    says = describe_against(realised, predicted, rows.is_return)
    places = realised[shown].tolist(), predicted[shown].tolist()
    return Against(says, float(rows.naive) - zero, *places)


def describe_against(realised: Array, predicted: Array, is_return: bool) -> str:
    """Return how predictions spread beside what came true."""
    spreads = [float(np.std(each)) for each in (predicted, realised)]
    said, came = (show_percent(each, 2) if is_return else show_value(each) for each in spreads)
    says = f"Predictions spread by {said} (one standard deviation), what came true by {came}."
    if not all(spreads):
        return says
    correlation = show_score(float(np.corrcoef(realised, predicted)[0, 1]))
    return f"{says} Their correlation is {correlation}; 1 would put every point on a line."


def chart_widths(rows: SeriesRows) -> Widths:
    """Return how wide the intervals of rows were that came true, beside how far their price moved."""
    half_width, move = rows.half_width_at(SHOWN_LEVEL), np.abs(rows.y_true - NO_CHANGE)
    shown = thin(move.size)
    groups = split_groups(move, half_width)
    calm, wild = (show_percent(float(np.mean(each)), 2) for each in (groups[0], groups[-1]))
    says = f"Where the interval was narrowest (a third of the rows) the close moved by {calm} on average, where it "
    says += f"was widest by {wild}. Points above the line are misses."
    return Widths(says, SHOWN_LEVEL, half_width[shown].tolist(), move[shown].tolist())


def list_years(rows: SeriesRows) -> list[Year]:
    """Return the rows that came true by year."""
    model, naive = rows.lose(rows.y_pred), rows.lose(rows.naive)
    covered = rows.is_covered(SHOWN_LEVEL) if SHOWN_LEVEL in rows.levels else None
    names = np.array([date[:4] for date in rows.dates])
    years = []
    for year in np.unique(names).tolist():
        of_year = names == year
        share = None if covered is None else float(np.mean(covered[of_year]))
        means = float(np.mean(model[of_year])), float(np.mean(naive[of_year]))
        years.append(Year(year, int(np.sum(of_year)), *means, share))
    return years


def _settle(rows: SeriesRows) -> Sequence[float]:
    """Return the closes that came true, NaN for those to come."""
    return (rows.close * rows.y_true).tolist()


def _bound_closes(rows: SeriesRows, level: int) -> tuple[list[float], list[float]]:
    lo, hi = find_bounds(rows.half_width_at(level))
    return (rows.close * lo).tolist(), (rows.close * hi).tolist()
