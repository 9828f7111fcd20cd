import datetime
import io
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import VALUE_COLUMNS, Bars
from lockstep.data.calendar import Calendar
from lockstep.data.schema import BarsSchema
from lockstep.doors import plain, v1
from lockstep.doors.body import check_extent
from lockstep.doors.door import Received
from lockstep.doors.frame import DayNumbers
from lockstep.doors.plain import encode_predictions
from lockstep.doors.stored import write_frame
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE
from lockstep.scoring.score import ScoringRequest

EVERY_DAY = Calendar(
    "every day", "1111111", np.datetime64("1950-01-01"), np.datetime64("2080-01-01"), np.array([], "datetime64[D]")
)
COLUMNS = ["date", "open", "high", "low", "close", "volume"]
MAX_ROWS = 20_000
ROW = ["2013-03-04", 10.0, 12.0, 9.0, 11.0, 1000]


def read(body: object) -> Bars:
    return read_table(plain.decode(Received(body if isinstance(body, bytes) else json.dumps(body).encode(), MAX_ROWS)))


def read_table(asked: ScoringRequest) -> Bars:
    names, columns = asked.table.read_columns(BarsSchema(EVERY_DAY, "prices"))
    assert names is not None
    return BarsSchema(EVERY_DAY, "prices").read(names, columns, asked.reader)


def decode(body: object) -> ScoringRequest:
    return v1.decode(Received(json.dumps(body).encode(), 1000))


def frame(*rows: object, columns: list[str] = COLUMNS) -> dict[str, object]:
    return {"columns": columns, "data": list(rows)}


def problems(body: object) -> list[tuple[int | None, str]]:
    with pytest.raises(InvalidInput) as refused:
        read(body)
    return [(problem.row, problem.column) for problem in refused.value.problems]


price = st.one_of(
    st.integers(1, 10**6),
    st.floats(1e-6, 1e9),
    st.floats(1e-30, 1e30),
)
# read_json guesses the unit of an epoch date from its size, and guesses wrong near 1970
day = st.dates(datetime.date(1975, 1, 1), datetime.date(2079, 1, 1))


@st.composite
def price_frames(draw: st.DrawFn) -> pd.DataFrame:
    days = draw(st.lists(day, min_size=1, max_size=8, unique=True))
    rows = []
    for _ in days:
        low, *inner, high = sorted(draw(st.lists(price, min_size=4, max_size=4)))
        rows.append((inner[0], high, low, inner[1], draw(st.integers(0, 2**62))))
    table = pd.DataFrame(rows, columns=VALUE_COLUMNS)
    table.insert(0, "date", pd.to_datetime(days))
    return table


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # pandas 3 deprecates what its clients write
@settings(max_examples=300, deadline=None)
@given(price_frames(), st.sampled_from(["epoch", "iso"]), st.sampled_from(["column", "bare", "index"]))
def test_whatever_to_json_writes_is_read_as_pandas_reads_it(table: pd.DataFrame, dates: str, shape: str) -> None:
    written = table.set_index("date") if shape == "index" else table
    body = written.to_json(orient="split", date_format=dates, index=shape != "bare", double_precision=15)
    read_back = pd.read_json(io.StringIO(body), orient="split", precise_float=True)
    expected = read_back.reset_index(names="date") if shape == "index" else read_back
    try:
        bars = read(body.encode())
    except InvalidInput:
        # fifteen decimals may round a tiny price to 0, and pandas keeps that 0
        assert (expected[list(VALUE_COLUMNS[:4])] <= 0).any(axis=None)
        return
    assert bars.dates.astype(str).tolist() == [str(when.date()) for when in pd.to_datetime(expected["date"])]
    for name, column in zip(VALUE_COLUMNS, bars.values, strict=True):
        assert column.tolist() == expected[name].astype(float).tolist()


@settings(deadline=None)
@given(price_frames(), st.integers(0, 7), st.sampled_from(VALUE_COLUMNS))
def test_a_null_is_named_where_pandas_reads_nan(table: pd.DataFrame, row: int, column: str) -> None:
    row %= len(table)
    holed = table.astype(dict.fromkeys(VALUE_COLUMNS, float)).assign(date=table["date"].astype(str))
    holed.loc[row, column] = None
    body = holed.to_json(orient="split", double_precision=15)
    assert pd.read_json(io.StringIO(body), orient="split", precise_float=True)[column].isna()[row]
    with pytest.raises(InvalidInput) as refused:
        read(body.encode())
    assert (row, column) in [(problem.row, problem.column) for problem in refused.value.problems]


@given(st.floats(1e-30, 1e30))
def test_a_number_is_read_as_the_nearest_float(number: float) -> None:
    bars = read(
        f'{{"columns": {json.dumps(COLUMNS)}, "data": [["2013-03-04", {", ".join([repr(number)] * 4)}, 7]]}}'.encode()
    )
    assert bars.close[0] == number


@pytest.mark.parametrize(
    "written",
    ["2013-03-04", "2013-03-04T00:00:00", "2013-03-04T00:00:00.000Z", "2013-03-04 00:00:00",
     "2013-03-04T00:00:00+00:00", 1362355200000, 1362355200000.0],
)  # fmt: skip
def test_a_date_may_be_written_in_iso_8601_or_epoch_milliseconds(written: object) -> None:
    assert str(read(frame([written, *ROW[1:]])).dates[0]) == "2013-03-04"


def test_known_dates_are_bounded_and_read_each_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lockstep.doors.frame.MAX_KNOWN_DATES", 3)
    known, texts = DayNumbers(), [f"1970-01-{day:02}" for day in range(1, 8)]
    assert [known[text] for text in texts] == list(range(7))
    assert list(known) == texts[6:]
    known[texts[6]] = 99
    assert known[texts[6]] == 99
    for written in ("1970-W01-1", "1970-01-01T12:00", "1970-01-1", ""):
        with pytest.raises(ValueError, match=r"."):
            known[written]
    assert len(known) == 1


def test_dates_before_1970_are_read() -> None:
    assert str(read(frame([-86_400_000, *ROW[1:]])).dates[0]) == "1969-12-31"


@pytest.mark.parametrize(
    "written",
    [1362355200, 1362355200001, 1e300, None, True, "", "today", "NaT", "2013-3-4", "2013-W10-1", "20130304",
     "04/03/2013", "2013-03-04T09:30:00", "2013-03-04T00:00:00+02:00", "2013-02-30", {}, [1]],
)  # fmt: skip
def test_anything_else_is_no_date(written: object) -> None:
    assert problems(frame(ROW, [written, *ROW[1:]])) == [(1, "date")]


@pytest.mark.parametrize("written", ["10.5", "", None, True, {"a": 1}, [1.0], "NaN"])
def test_a_cell_that_is_no_number_is_named(written: object) -> None:
    assert problems(frame(ROW, ["2013-03-05", 10.0, 12.0, 9.0, written, 5])) == [(1, "close")]


def test_every_bad_cell_is_named_with_its_row_and_column() -> None:
    rows = [["2013-03-04", "a", -1.0, 9.0, 11.0, 1000], ROW, ["2013-03-05", 10.0, 12.0, 13.0, 11.0, -5]]
    assert problems(frame(*rows)) == [(0, "open"), (0, "high"), (1, "date"), (2, "volume"), (2, "low")]


def test_twenty_bad_cells_are_listed_and_all_are_counted() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(frame(*([None, *ROW[1:]] for _ in range(50))))
    assert (len(refused.value.problems), refused.value.total) == (20, 50)


@pytest.mark.parametrize("token", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"0x10", b".5", b"+1", b"1_000"])
def test_what_json_has_no_number_for_is_refused(token: bytes) -> None:
    with pytest.raises((RequestError, InvalidInput)):
        read(json.dumps(frame(ROW)).encode().replace(b"11.0", token))


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b"1", b'"frame"', b"{}", b"\xff", b'{"columns": []}', b'{"columns": 1, "data": []}',
     b'{"columns": ["date"], "data": {}}', b'{"columns": [], "data": [], "more": 1}', b"[" * 100_000,
     b'{"columns": [], "data": ' + b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_frame_is_malformed(body: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        read(body)
    assert refused.value.kind is MALFORMED


def test_an_empty_body_is_no_data() -> None:
    for door in (plain, v1):
        with pytest.raises(RequestError) as refused:
            door.decode(Received(b"", 1000))
        assert refused.value.kind is EMPTY


def test_a_row_of_another_length_is_named() -> None:
    assert problems(frame(ROW, ROW[:-1], [*ROW, 1])) == [(1, "data"), (2, "data")]


def test_no_rows_are_refused() -> None:
    assert problems(frame()) == [(None, "data")]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (COLUMNS[:-1], [(None, "volume")]),
        ([*COLUMNS[:-1], "close"], [(None, "volume"), (None, "close")]),
        ([*COLUMNS[:-1], "Volume "], []),
        ([*COLUMNS[:-1], "dividend"], [(None, "volume"), (None, "dividend")]),
    ],
)
def test_a_column_missing_unknown_or_doubled_is_named(columns: list[str], expected: list[object]) -> None:
    body = frame(ROW[: len(columns)], columns=columns)
    assert problems(body) == expected if expected else len(read(body)) == 1


def test_an_index_of_another_length_is_refused() -> None:
    assert problems({**frame(ROW), "index": [0, 1]}) == [(None, "index")]


def test_without_a_date_column_or_index_the_date_is_missing() -> None:
    assert problems(frame(ROW[1:], columns=COLUMNS[1:])) == [(None, "date")]


def test_a_range_index_is_not_taken_for_dates() -> None:
    body = {**frame(ROW[1:], ROW[1:], columns=COLUMNS[1:]), "index": [0, 1]}
    with pytest.raises(InvalidInput, match="date: no date column, and the index holds no dates"):
        read(body)


@pytest.mark.parametrize("cell", [b"[{}]", b"{}", b"1", b"[]", b'""'])
@pytest.mark.parametrize("n_cells", [(1, 200_000), (200_000, 1), (30_000, 6)])
def test_more_values_than_the_rows_can_have_are_refused_before_they_are_made(
    cell: bytes, n_cells: tuple[int, int]
) -> None:
    rows, in_a_row = n_cells
    row = b"[" + b",".join([cell] * in_a_row) + b"]"
    with pytest.raises(RequestError, match="more than 16200 values; this service takes 1000 rows") as refused:
        check_extent(b'{"columns": [], "data": [' + b",".join([row] * rows) + b"]}", 1000)
    assert refused.value.kind is TOO_LARGE


@pytest.mark.parametrize("max_rows", [1, 20, 1000])
def test_a_frame_of_as_many_rows_as_allowed_is_never_too_many_values(max_rows: int) -> None:
    rows = [[*ROW, 11.0]] * max_rows
    body = json.dumps({**frame(*rows, columns=[*COLUMNS, "adj_close"]), "index": ["2013-03-04"] * max_rows})
    check_extent(body.encode(), max_rows)


def test_the_frame_may_stand_in_dataframe_split() -> None:
    asked = decode({"dataframe_split": frame(ROW), "history": "none", "trace": "values"})
    assert (len(asked.table), asked.history, asked.trace) == (1, "none", "values")
    assert asked.table.read_columns(BarsSchema(EVERY_DAY, "prices"))[0] == COLUMNS


def test_the_frame_may_stand_alone() -> None:
    asked = decode({**frame(ROW), "symbol": "MSFT"})
    assert (asked.table.read_columns(BarsSchema(EVERY_DAY, "prices"))[1][0], asked.symbol, asked.history) == (
        ("2013-03-04",),
        "MSFT",
        "stored",
    )


@pytest.mark.parametrize(("version", "picked"), [(3, 3), ("champion", "champion"), (None, None)])
def test_a_request_may_name_its_model_and_version(version: object, picked: int | str | None) -> None:
    asked = decode({**frame(ROW), "model": "msft", "version": version})
    assert (asked.model, asked.version) == ("msft", picked)


@pytest.mark.parametrize(
    "body",
    [{}, {"dataframe_split": frame(ROW), **frame(ROW)}, {**frame(ROW), "history": "all"}, {**frame(ROW), "trace": "x"},
     {"columns": COLUMNS}, {"dataframe_split": frame(ROW), "index": [0]}, {"dataframe_split": []},
     {**frame(ROW), "version": 1.5}, {**frame(ROW), "model": 1}],
)  # fmt: skip
def test_a_request_that_contradicts_itself_is_malformed(body: object) -> None:
    with pytest.raises(RequestError):
        decode(body)


def test_bad_cells_are_named_inside_dataframe_split_too() -> None:
    with pytest.raises(InvalidInput, match="volume"):
        read_table(decode({"dataframe_split": frame([*ROW[:-1], True])}))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_predictions_come_back_to_the_bit_from_the_list_inside_the_string(values: list[float]) -> None:
    text = json.loads(encode_predictions(np.array(values)))["y_pred"]
    answered = json.loads(text)
    assert answered == values
    assert [math.copysign(1, value) for value in answered] == [math.copysign(1, value) for value in values]


def test_the_evaluation_rows_are_read_to_the_bit(default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-961, None))
    rows = zip(bars.dates.astype(str).tolist(), *bars.values.tolist(), strict=True)
    assert np.array_equal(read(frame(*map(list, rows))).values, bars.values)


def test_rows_without_volume_are_read_by_a_schema_that_reads_none() -> None:
    schema = BarsSchema(EVERY_DAY, "prices", reads_volume=False)
    for body in (frame(ROW), frame(ROW[:-1], columns=COLUMNS[:-1]), frame([*ROW[:-1], "none"])):
        asked = plain.decode(Received(json.dumps(body).encode(), MAX_ROWS))
        names, columns = asked.table.read_columns(BarsSchema(EVERY_DAY, "prices"))
        assert names is not None
        bars = schema.read(names, columns, asked.reader)
        assert write_frame(bars) == {"columns": COLUMNS[:-1], "data": [ROW[:-1]]}


FRAME = b'"columns": ["date", "close"], "data": [["2013-03-04T00:00:00", 24.0]]'
REPEATED = {
    "columns": b'{"columns": ["date", "open"], ' + FRAME + b"}",
    "data": b"{" + FRAME + b', "data": []}',
    "index": b'{"index": null, "index": null, ' + FRAME + b"}",
    "columns, escaped": b'{"col\\u0075mns": [], ' + FRAME + b"}",
    "columns, far from its colon": b'{"columns" \n: [], ' + FRAME + b"}",
}


@pytest.mark.parametrize("name", REPEATED)
def test_a_member_twice_is_malformed(name: str) -> None:
    member = name.partition(",")[0]
    for door in (plain, v1):
        with pytest.raises(RequestError, match=f"an object of the body has the member '{member}' twice"):
            door.decode(Received(REPEATED[name], 1000))


@pytest.mark.parametrize(
    ("member", "body"),
    [
        ("data", b'{"dataframe_split": {' + FRAME + b', "data": []}}'),
        ("dataframe_split", b'{"dataframe_split": {}, "dataframe_split": {' + FRAME + b"}}"),
        ("version", b'{"version": 1, "version": null, "dataframe_split": {' + FRAME + b"}}"),
        ("history", b'{"history": "none", ' + FRAME + b', "history": "stored"}'),
    ],
)
def test_a_member_twice_anywhere_in_a_request_is_malformed(member: str, body: bytes) -> None:
    with pytest.raises(RequestError, match=f"an object of the body has the member '{member}' twice"):
        v1.decode(Received(body, 1000))


@pytest.mark.parametrize("members", [b"", b', "index": null', b', "index": ["a\\":b"]'])
def test_colons_and_quotes_inside_of_cells_are_no_members(members: bytes) -> None:
    body = b"{" + FRAME + members + b"}"
    assert len(plain.decode(Received(body, 1000)).table) == 1
    assert len(v1.decode(Received(body[:-1] + b', "history": "stored"}', 1000)).table) == 1
    assert len(v1.decode(Received(b'{"trace": null, "dataframe_split": ' + body + b"}", 1000)).table) == 1
