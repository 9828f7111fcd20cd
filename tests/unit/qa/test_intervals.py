"""What `make intervals` measures and when it fails; chance.py's constants, simulated again."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lockstep.predict.intervals import EVALUATED_LEVELS, MAX_HORIZON_BARS, interval_at
from lockstep.worth.chance import CHANCE_ROWS, HALF_BANDS
from qa.errors import RunFailed
from qa.intervals.blocks import BLOCK_ROWS, MIN_LEARNING_ROWS, SCORED_LEVEL, Block, Rival, forecast_rows, measure_blocks
from qa.intervals.chance import measure_bands, simulate_bars
from qa.intervals.promises import COVERAGE, TERCILES, TO_SPLIT_EACH, WORST_STRETCH, make_promises
from qa.intervals.report import show_horizons, show_newest
from qa.intervals.series import INDEXES, Series, load_series, read_index
from qa.promises import try_promises
from qa.servers import ROOT

N_BARS = interval_at(5).lookback_bars + MIN_LEARNING_ROWS + 2 * BLOCK_ROWS + 50
CLOSE = 1e-9
"""Thousands of additions in another order."""
NORMAL_80 = 1.2815515655446004
"""80 % of a standard normal distribution lie within it."""
CHANCE_TOLERANCE = 0.1
"""Of a band: 200,000 simulated rows give that of runs of 250 rows with a standard error of 2.5 %."""


@pytest.fixture(scope="module")
def series() -> Series:
    return Series("walk", simulate_bars(np.random.default_rng(3), np.ones(N_BARS)))


def write_index(environment: Path, name: str, *lines: str) -> None:
    folder = environment / "lib" / "python3.13" / "site-packages" / "arch" / "data" / name
    folder.mkdir(parents=True)
    content = "\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *lines])
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress(content.encode()))


@pytest.mark.parametrize("horizon_bars", [1, 5])
def test_blocks_end_in_the_newest_row_with_an_outcome_and_follow_each_other(series: Series, horizon_bars: int) -> None:
    dates, blocks = series.bars.dates, measure_blocks(series, horizon_bars)
    assert len(blocks) == 2
    for place, block in enumerate(blocks):
        newest = len(dates) - 1 - horizon_bars - place * BLOCK_ROWS
        assert (block.first, block.last) == (dates[newest - BLOCK_ROWS + 1], dates[newest])


def score_plainly(moves: list[float], halves: list[float]) -> Rival:
    """Return coverage and Winkler score of intervals of 80 % around no change."""
    paired = list(zip(moves, halves, strict=True))
    held = sum(abs(move) <= half for move, half in paired)
    total = sum(2.0 * half + 10.0 * max(abs(move) - half, 0.0) for move, half in paired)
    return Rival(held / len(paired), total / len(paired))


@pytest.mark.parametrize("horizon_bars", [1, 5])
def test_a_block_is_scored_as_a_plain_loop_scores_it(series: Series, horizon_bars: int) -> None:
    block, close = measure_blocks(series, horizon_bars)[0], series.bars.close.tolist()
    newest = len(close) - 1 - horizon_bars
    tested = range(newest - BLOCK_ROWS + 1, newest + 1)
    moves = [close[row + horizon_bars] / close[row] - 1.0 for row in tested]

    column = EVALUATED_LEVELS.index(SCORED_LEVEL)
    own = score_plainly(moves, forecast_rows(series, horizon_bars).half_width[-BLOCK_ROWS:, column].tolist())
    assert_scores(Rival(block.coverage[SCORED_LEVEL], block.winkler), own)

    learned = range(interval_at(horizon_bars).lookback_bars - 1, tested.start - (horizon_bars - 1))
    ordered = sorted(abs(close[row + horizon_bars] / close[row] - 1.0) for row in learned)
    place, rest = divmod((len(ordered) + 1) * SCORED_LEVEL, 100)
    constant = ordered[place - 1] + rest / 100 * (ordered[place] - ordered[place - 1])
    assert_scores(block.split, score_plainly(moves, [constant] * BLOCK_ROWS))

    square, deviations = (close[1] / close[0] - 1.0) ** 2, []
    for row in range(1, len(close)):
        square = 0.94 * square + 0.06 * (close[row] / close[row - 1] - 1.0) ** 2
        deviations.append(square**0.5)  # the first one belongs to row 1
    halves = [NORMAL_80 * horizon_bars**0.5 * deviations[row - 1] for row in tested]
    assert_scores(block.ewma, score_plainly(moves, halves))

    pairs = [(deviations[row - 1], abs(close[row + horizon_bars] / close[row] - 1.0)) for row in learned]
    factor = sum(x * y for x, y in pairs) / sum(x * x for x, _ in pairs)
    mean = sum(abs(move) for move in moves) / len(moves)
    left = sum((abs(move) - factor * deviations[row - 1]) ** 2 for move, row in zip(moves, tested, strict=True))
    assert block.ewma_r2 == pytest.approx(1.0 - left / sum((abs(move) - mean) ** 2 for move in moves), rel=CLOSE)


def assert_scores(actual: Rival, expected: Rival) -> None:
    assert actual.coverage == expected.coverage
    assert actual.winkler == pytest.approx(expected.winkler, rel=CLOSE)


def test_series_are_read_from_every_package(tmp_path: Path) -> None:
    for name in INDEXES:
        write_index(tmp_path, name, "1/4/1999,10,12,9,11,11,5", "11/15/1999,11,13,10,12,6,5")
    named = {each.name: each.bars for each in load_series(tmp_path / "nowhere", tmp_path)}
    assert list(named) == ["msft", "aapl", "goog", "ibm", *INDEXES]
    assert named["sp500"].dates.tolist() == np.array(["1999-01-04", "1999-11-15"], "datetime64[D]").tolist()
    np.testing.assert_array_equal(named["sp500"].values, [[10.0, 5.5], [12.0, 6.5], [9.0, 5.0], [11.0, 6.0]])


def test_an_environment_without_the_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"holds no nasdaq\.csv\.gz"):
        read_index(tmp_path, "nasdaq")


GOOD = Block(
    "walk",
    np.datetime64("2001-01-01"),
    np.datetime64("2004-01-01"),
    {50: 0.5, 80: 0.8, 90: 0.9, 95: 0.95},
    winkler=0.85,
    split=Rival(coverage=0.9, winkler=1.0),
    ewma=Rival(coverage=0.83, winkler=0.87),
    worst_stretch=0.75,
    terciles=(0.79, 0.8, 0.81),
    scale_r2=0.12,
    ewma_r2=0.09,
)
BEYOND = {MAX_HORIZON_BARS + 1: [replace(GOOD, coverage={**GOOD.coverage, 80: 0.77})]}
HORIZONS = {each: [GOOD] for each in range(1, MAX_HORIZON_BARS + 1)} | BEYOND


def test_good_blocks_keep_every_promise(capsys: pytest.CaptureFixture[str]) -> None:
    assert try_promises("make intervals", make_promises([GOOD], HORIZONS)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert all(line.startswith("kept ") for line in lines)


@pytest.mark.parametrize(
    "bad",
    [
        *(
            replace(GOOD, coverage={**GOOD.coverage, level: share})
            for level, (low, high) in COVERAGE.items()
            for share in (low - 0.001, high + 0.001)
        ),
        replace(GOOD, winkler=TO_SPLIT_EACH + 0.001),
        replace(GOOD, winkler=0.91),  # good enough for a series, not for the mean
        replace(GOOD, worst_stretch=WORST_STRETCH - 0.004),
        *(replace(GOOD, terciles=(0.8, share, 0.8)) for share in (TERCILES[0] - 0.001, TERCILES[1] + 0.001)),
    ],
)
def test_each_promise_is_broken_by_one_bad_block(bad: Block, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_promises("make intervals", make_promises([bad], HORIZONS)) == 1
    assert capsys.readouterr().out.count("BROKEN") == 1


@pytest.mark.parametrize("changed", [{MAX_HORIZON_BARS: BEYOND[MAX_HORIZON_BARS + 1]}, {MAX_HORIZON_BARS + 1: [GOOD]}])
def test_another_last_horizon_breaks_a_promise(
    changed: dict[int, list[Block]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_promises("make intervals", make_promises([GOOD], HORIZONS | changed)) == 1
    assert "5 bars is the last horizon" in capsys.readouterr().out


def test_a_scale_that_forecasts_no_better_than_an_ewma_breaks_a_promise(capsys: pytest.CaptureFixture[str]) -> None:
    horizons = HORIZONS | {1: [GOOD, replace(GOOD, ewma_r2=GOOD.scale_r2)]}
    assert try_promises("make intervals", make_promises([GOOD], horizons)) == 1
    assert "R² 0.120, not above 0.120" in capsys.readouterr().out


def test_tables_hold_a_line_for_each_series_and_each_horizon() -> None:
    assert show_newest([GOOD, GOOD]).row_count == 2
    assert show_horizons(HORIZONS).row_count == len(HORIZONS)


@pytest.mark.parametrize("horizon_bars", [1, MAX_HORIZON_BARS])
def test_what_chance_allows_is_what_a_simulation_gives(horizon_bars: int) -> None:
    bands = measure_bands(horizon_bars, n_series=4)
    for level in EVALUATED_LEVELS:
        known = dict(zip(CHANCE_ROWS, HALF_BANDS[horizon_bars][level], strict=True))
        measured = dict(zip(CHANCE_ROWS, bands[level], strict=True))
        for n_rows in (60, 250):
            assert measured[n_rows] == pytest.approx(known[n_rows], rel=CHANCE_TOLERANCE)


def test_simulated_days_are_independent_with_heavy_tails() -> None:
    bars = simulate_bars(np.random.default_rng(1), np.ones(100_000))
    moves = np.diff(np.log(bars.close))
    assert np.std(moves) == pytest.approx(0.01, rel=0.03)  # of t with 4 degrees, whose fourth moment is infinite
    assert np.mean(np.abs(moves) > 0.04) > 50 * 6e-5  # a normal move is so far out 6 times in 100,000
    assert abs(np.corrcoef(np.abs(moves[1:]), np.abs(moves[:-1]))[0, 1]) < 0.02
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.open[1:] != bars.close[:-1]).all()


def test_the_documented_bands_are_those_of_chance() -> None:
    page = (ROOT / "docs" / "intervals-measured.md").read_text()
    lines = re.findall(r"^\| (\d) \| ((?:±[\d.]+ \| ){4})±2\.5 \|$", page, re.MULTILINE)
    assert [int(horizon_bars) for horizon_bars, _ in lines] == [1, 2, MAX_HORIZON_BARS]
    for horizon_bars, cells in lines:
        bands = dict(zip(CHANCE_ROWS, HALF_BANDS[int(horizon_bars)][SCORED_LEVEL], strict=True))
        assert re.findall(r"[\d.]+", cells) == [f"{100 * bands[n_rows]:.1f}" for n_rows in (250, 500, 1000, 2000)]
