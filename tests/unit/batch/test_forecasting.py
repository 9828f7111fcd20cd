"""What a job writes of a series is what the routes of the service answer to the same bars."""

import csv
import datetime
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lockstep.batch.forecasting import find_verdict
from lockstep.batch.job import Job, Partition
from lockstep.batch.models import hold_model
from lockstep.batch.partition import PartitionResult, prepare, run_partition
from lockstep.batch.table import write_csv, write_parquet
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.panel.finding import find_panel
from lockstep.data.price_csv import write_price_csv
from lockstep.data.schema import BarsSchema
from lockstep.parity.batch_job import write_frame
from lockstep.parity.local import open_door, receive
from lockstep.parity.posted import Sent
from tests.small_panels import make_series, save_panel
from tests.unit.batch.conftest import N_BARS, OWN, make_job

MAX_ROWS = 1000


def run(job: Job, prices: Path) -> PartitionResult:
    return run_partition(prepare(job), Partition(0, find_panel(prices).sources))


def rows_of(result: PartitionResult, symbol: str) -> list[dict[str, Any]]:
    assert result.table is not None
    names = [column.name for column in result.table.columns]
    return [dict(zip(names, row, strict=True)) for row in result.table.rows if row[0] == symbol]


def answer(folder: Path, path: str, body: Mapping[str, Any], symbol: str | None = None) -> Any:
    """Return what a route of a service that serves the version in a folder answers, decoded."""
    served = hold_model(folder).pick(symbol or "")[0]
    door = open_door(path)
    asked = door.decode(receive(door, Sent(path, msgspec.json.encode(body)), MAX_ROWS))
    return msgspec.json.decode(door.encode(door.score(Registry((served,), served), asked, None), "").body)


def cells_of(frame: Any, place: int) -> dict[str, Any]:
    return dict(zip(frame["columns"], frame["data"][place], strict=True))


def post_newest(bars: Bars, bundle: SeriesBundle) -> dict[str, Any]:
    return write_frame(bars.select(slice(-bundle.lookback_bars, None)))


def test_the_newest_row_is_what_the_service_answers_to_its_look_back(
    job: Job, prices: Path, folder: Path, bundle: SeriesBundle
) -> None:
    result = run(job, prices)
    good = [source for source in find_panel(prices).sources if source.symbol in ("AA", "BB", OWN)]
    for symbol, bars in [(source.symbol, source.read(BarsSchema(None, "prices"))) for source in good]:
        told = answer(folder, "/v1/forecast", {**post_newest(bars, bundle), "history": "none"})
        [row] = rows_of(result, symbol)
        assert {"symbol": symbol, **cells_of(told["forecast"], -1)} == {
            name: cell for name, cell in row.items() if name not in ("verdict", "warnings")
        }
        assert msgspec.json.decode(row["warnings"]) == told["warnings"]
        assert row["verdict"] == find_verdict(bundle.manifest)


def test_all_rows_are_those_that_have_a_forecast(job: Job, prices: Path, bundle: SeriesBundle) -> None:
    rows = rows_of(run(msgspec.structs.replace(job, all_rows=True), prices), "AA")
    assert len(rows) == N_BARS - bundle.lookback_bars + 1
    assert rows[-1]["y_pred"] == rows_of(run(job, prices), "AA")[0]["y_pred"]


def test_levels_are_those_asked_for(job: Job, prices: Path) -> None:
    [row] = rows_of(run(msgspec.structs.replace(job, levels=(50, 95)), prices), "AA")
    assert {"lo-50", "hi-95", "close_hi-95"} < set(row)
    assert "lo-80" not in row


def test_a_bad_series_is_listed_and_the_others_are_done(job: Job, prices: Path) -> None:
    result = run(job, prices)
    assert result.table is not None
    assert [row[0] for row in result.table.rows] == ["AA", "BB", OWN]
    reasons = {each.symbol: each.reason for each in result.bad}
    assert set(reasons) == {"BAD", "SHORT"}
    assert "line" in reasons["BAD"]
    assert "needs 200 bars" in reasons["SHORT"]
    assert not [reason for reason in reasons.values() if ".py" in reason]


def test_refusals_of_bars_name_their_dates_and_not_rows_that_were_never_seen(
    job: Job, prices: Path, bundle: SeriesBundle
) -> None:
    n_bars = bundle.lookback_bars
    lines = (prices / "AA.csv").read_text().splitlines()
    gap, before, last = (lines[place].split(",")[0] for place in (-10, -2, -1))
    (prices / "AA.csv").write_text("\n".join(lines[:-10] + lines[-9:]))
    day = datetime.date.fromisoformat(last)
    saturday = str(day + datetime.timedelta(days=5 - day.weekday()))
    (prices / "BB.csv").write_text("\n".join([*lines[:-1], lines[-1].replace(last, saturday)]))
    reasons = {each.symbol: each.reason for each in run(job, prices).bad}
    assert reasons["AA"] == (
        f"the forecast of {before} needs the {n_bars} bars that end in it; "
        f"no bars for 1 session(s) from {gap} to {gap}; add them to the file"
    )
    assert reasons["BB"].startswith(f"date: {saturday} is not a session of the calendar")
    assert reasons["SHORT"] == (
        f"a forecast needs {n_bars} bars of consecutive sessions, and the file has 20; add older ones to the file"
    )


def test_a_backtest_names_the_gap_between_a_file_and_the_stored_bars(
    job: Job, prices: Path, bars: Bars, market: Bars
) -> None:
    newer = market.select(slice(len(bars) + 2, len(bars) + 5))
    (prices / f"{OWN}.csv").write_text(write_price_csv(newer))
    reasons = {each.symbol: each.reason for each in run(msgspec.structs.replace(job, kind="backtest"), prices).bad}
    first, last = market.dates[len(bars)], market.dates[len(bars) + 1]
    gap = f"have a gap: 2 session(s) from {first} to {last}; add them to the file"
    assert reasons[OWN] == f"the bars of the file and the stored ones {gap}"


@pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars
def test_series_too_short_to_train_name_no_option_that_a_job_lacks(job: Job, prices: Path) -> None:
    train = prepare(msgspec.structs.replace(job, kind="train"))
    [source] = [source for source in find_panel(prices).sources if source.symbol == "AA"]
    lines = (prices / "AA.csv").read_text().splitlines()
    for kept in (260, 20):
        (prices / "AA.csv").write_text("\n".join([lines[0], *lines[-kept:]]))
        [bad] = run_partition(train, Partition(0, [source])).bad
        assert bad.reason.startswith(f"{kept} bars are too few: ")
        assert "--test-rows" not in bad.reason


def test_a_feature_set_that_raises_makes_its_series_bad(
    job: Job, prices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of a feature set")

    monkeypatch.setattr("lockstep.predict.forecast.building.build_features", fail)
    result = run(job, prices)
    assert result.table is None
    assert "ZeroDivisionError: of a feature set" in {each.symbol: each.reason for each in result.bad}["AA"]


def test_few_bars_of_the_models_own_series_reach_back(
    job: Job, prices: Path, folder: Path, bars: Bars, market: Bars
) -> None:
    newer = market.select(slice(len(bars), len(bars) + 3))
    (prices / f"{OWN}.csv").write_text(write_price_csv(newer))
    [row] = rows_of(run(job, prices), OWN)
    told = answer(folder, "/v1/forecast", {**write_frame(newer), "history": "stored"})
    assert (row["date"], row["y_pred"]) == (str(newer.dates[-1]), cells_of(told["forecast"], -1)["y_pred"])
    assert len(rows_of(run(msgspec.structs.replace(job, all_rows=True), prices), OWN)) == 3


def test_bars_from_before_the_calendar_do_not_hinder_the_newest_row(job: Job, prices: Path, bars: Bars) -> None:
    lines = (prices / "AA.csv").read_text().splitlines()
    (prices / "AA.csv").write_text("\n".join([lines[0], "1999-01-04,1,1,1,1,1", *lines[1:]]))
    assert rows_of(run(job, prices), "AA")
    assert not rows_of(run(msgspec.structs.replace(job, all_rows=True), prices), "AA")


def test_a_series_is_answered_alike_alone_and_among_others(job: Job, prices: Path) -> None:
    together = rows_of(run(job, prices), "BB")
    (prices / "AA.csv").unlink()
    assert rows_of(run(job, prices), "BB") == together


def test_a_backtest_has_the_numbers_of_the_route(job: Job, prices: Path, folder: Path, bars: Bars) -> None:
    told = answer(folder, "/v1/backtest", write_frame(bars.select(slice(-N_BARS, None))) | {"max_rows": MAX_ROWS})
    (prices / f"{OWN}.csv").write_text(write_price_csv(bars.select(slice(-N_BARS, None))))
    scores = run(msgspec.structs.replace(job, kind="backtest"), prices)
    [row] = rows_of(scores, OWN)
    assert row["rows"] == told["scores"]["rows"] > 0
    assert row["model_mae"] == told["scores"]["predictors"]["model"]["mae"]
    assert row["coverage_80"] == told["scores"]["intervals"][0]["coverage"]
    rows = rows_of(run(msgspec.structs.replace(job, kind="backtest", all_rows=True), prices), OWN)
    expected = [cells_of(told["backtest"], place) for place in range(len(told["backtest"]["data"]))]
    assert [{name: row[name] for name in told["backtest"]["columns"]} for row in rows] == expected
    assert "stores no bars of AA" in {each.symbol: each.reason for each in scores.bad}["AA"]


def test_a_panel_answers_each_series_from_its_own_bars(tmp_path: Path) -> None:
    series = make_series(3)
    panel = save_panel(tmp_path / "models" / "panel", series)
    folder = tmp_path / "new"
    folder.mkdir()
    for symbol in ("S0", "S2"):
        (folder / f"{symbol}.csv").write_text(write_price_csv(series[symbol].select(slice(-2, None))))
    (folder / "OTHER.csv").write_text(write_price_csv(series["S1"]))
    bundle = hold_model(panel).served.bundle
    result = run(make_job(panel, folder, bundle.manifest.digest), folder)
    for symbol in ("S0", "S2"):
        [row] = rows_of(result, symbol)
        told = answer(panel, "/v1/forecast", write_frame(series[symbol].select(slice(-2, None))), symbol)
        assert row["y_pred"] == cells_of(told["forecast"], -1)["y_pred"]
    assert [each.symbol for each in result.bad] == ["OTHER"]


def test_tables_read_back_to_the_same_bits(job: Job, prices: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    table = run(msgspec.structs.replace(job, all_rows=True), prices).table
    assert table is not None
    (tmp_path / "table.parquet").write_bytes(write_parquet(table))
    held = parquet.read_table(tmp_path / "table.parquet").to_pylist()
    written = list(csv.reader(io.StringIO(write_csv(table).decode())))[1:]
    for row, cells, texts in zip(table.rows, held, written, strict=True):
        assert [None if cell is None else str(cell) for cell in cells.values()] == [
            None if cell is None else str(cell) for cell in row
        ]
        assert texts == ["" if cell is None else str(cell) for cell in row]


def test_a_column_without_a_cell_keeps_its_type(job: Job, prices: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    table = run(job, prices).table
    assert table is not None
    (tmp_path / "table.parquet").write_bytes(write_parquet(table))
    types = {field.name: str(field.type) for field in parquet.read_schema(tmp_path / "table.parquet")}
    assert (types["verdict"], types["date"], types["lo-80"]) == ("string", "date32[day]", "double")
