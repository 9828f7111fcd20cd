"""The wire format: split-oriented pandas JSON in, forecasts out.

Numbers are read as the nearest float64 and written in their shortest round-trip form.
"""

import datetime
import re
from array import array
from typing import Any, Literal

import msgspec
import numpy as np

from lockstep.data.bars import DATE, Array, Dates
from lockstep.data.schema import BarsSchema, CellReader, Cells, NumberedBars, normalise_column
from lockstep.doors.wire import Predictions
from lockstep.errors import InvalidBars, Problem
from lockstep.scoring.errors import EmptyBody, RequestError, TooLarge

Cell = float | str | None

MS_PER_DAY = 86_400_000
EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()
ISO_DATE_LENGTH = 10
MIDNIGHT = re.compile(r"([T ]00:00(:00(\.0{1,9})?)?(Z|\+00:?00)?)?")
EXPECTED_DATE = "a date: ISO 8601 (2013-03-01) or milliseconds since 1970-01-01, without a time of day"
MAX_VALUES_PER_ROW = 16
"""More than seven cells, their list and an index label: what has more values for each allowed row is no frame."""
MAX_VALUES_BESIDE = 100
"""Room for column names and options, where few rows are allowed."""


class Frame(msgspec.Struct, forbid_unknown_fields=True):
    """Hold what `DataFrame.to_json(orient="split")` writes."""

    columns: list[str]
    data: list[list[Cell]]
    index: list[Cell] | None = None


class ForecastRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Hold the body of `POST /v1/forecast`: a frame, or one in `dataframe_split`, and what to do with it."""

    columns: list[str] | None = None
    data: list[list[Cell]] | None = None
    index: list[Cell] | None = None
    dataframe_split: Frame | None = None
    model: str | None = None
    version: int | str | None = None
    symbol: str | None = None
    history: Literal["stored", "none"] = "stored"
    trace: Literal["digests", "values"] | None = None

    @property
    def frame(self) -> Frame:
        """Return the frame, wherever it stands in the body."""
        if self.dataframe_split is not None and self.columns is None and self.data is None:
            return self.dataframe_split
        if self.dataframe_split is None and self.columns is not None and self.data is not None:
            return Frame(self.columns, self.data, self.index)
        raise RequestError("expected a frame: `columns` and `data`, or the two inside `dataframe_split`")


_FRAME = msgspec.json.Decoder(Frame)
_REQUEST = msgspec.json.Decoder(ForecastRequest)


def check_extent(body: bytes, max_rows: int) -> None:
    """Raise `TooLarge` for a body of more values than `max_rows` rows can have, before any of them is made.

    A value of two bytes becomes an object of up to a hundred: the size of a body alone does not bound memory.
    """
    limit = MAX_VALUES_PER_ROW * max_rows + MAX_VALUES_BESIDE
    if len(body) > limit and body.count(b",") + body.count(b"[") + body.count(b"{") > limit:
        raise TooLarge(f"more than {limit} values; this service takes {max_rows} rows in one request")


def parse_frame(body: bytes) -> Frame:
    """Return the frame in the body of `POST /forecast`; raise `RequestError`."""
    return _decode(body, _FRAME)


def parse_request(body: bytes) -> ForecastRequest:
    """Return the body of `POST /v1/forecast`; raise `RequestError`."""
    return _decode(body, _REQUEST)


def _decode(body: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    if not body:
        raise EmptyBody("the body is empty; expected a split-oriented JSON frame of price bars")
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            return _decode_loosely(body, decoder.type, error)
    except RecursionError as error:
        raise RequestError("the body is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"the body is not JSON: {error}") from error


def _decode_loosely(body: bytes, expected: type, error: msgspec.ValidationError) -> Any:
    """Return the body with every cell of a type that no frame has as text, so that its row can be named."""
    raw = msgspec.json.decode(body)
    frame = raw.get("dataframe_split", raw) if isinstance(raw, dict) else None
    if not (isinstance(frame, dict) and isinstance(frame.get("data"), list)):
        raise RequestError(str(error)) from error
    rows = frame["data"]
    frame["data"] = [[_mark(cell) for cell in row] if isinstance(row, list) else [_mark(row)] for row in rows]
    try:
        return msgspec.convert(raw, expected)
    except msgspec.ValidationError:
        raise RequestError(str(error)) from error


def _mark(cell: Any) -> Cell:
    is_cell = cell is None or (isinstance(cell, (str, int, float)) and not isinstance(cell, bool))
    return cell if is_cell else msgspec.json.encode(cell).decode()


def read_bars(frame: Frame, schema: BarsSchema, max_rows: int) -> NumberedBars:
    """Return the frame's bars in the order posted, with their session numbers; raise `InvalidBars` or `TooLarge`.

    Where no column is called `date`, the index holds the dates.
    """
    if len(frame.data) > max_rows:
        raise TooLarge(f"{len(frame.data)} rows; this service takes {max_rows} in one request")
    names, columns = list(frame.columns), _transpose(frame)
    if frame.index is not None and DATE not in map(normalise_column, names):
        if all(isinstance(label, float) and abs(label) < MS_PER_DAY for label in frame.index):
            raise InvalidBars([Problem(None, DATE, "no date column, and the index holds no dates")])
        names.append(DATE)
        columns.append(frame.index)
    return schema.read_numbered(names, columns, JSON_CELLS)


def _transpose(frame: Frame) -> list[Cells]:
    n_columns, n_rows = len(frame.columns), len(frame.data)
    problems = [
        Problem(row, "data", f"{len(cells)} cells, but there are {n_columns} columns")
        for row, cells in enumerate(frame.data)
        if len(cells) != n_columns
    ]
    if not frame.data:
        problems.append(Problem(None, "data", "no rows; expected one for each bar"))
    elif frame.index is not None and len(frame.index) != n_rows:
        problems.append(Problem(None, "index", f"{len(frame.index)} labels for {n_rows} rows"))
    if problems:
        raise InvalidBars(problems)
    return list(zip(*frame.data, strict=True))


def _read_dates(cells: Cells) -> Dates:
    return _read_iso_dates(cells) if isinstance(cells[0], str) else _read_epoch_dates(cells)


def _read_epoch_dates(cells: Cells) -> Dates:
    milliseconds = _read_numbers(cells)
    days = np.floor(milliseconds / MS_PER_DAY)
    if (days * MS_PER_DAY != milliseconds).any() or np.abs(days).max() > EPOCH_ORDINAL:
        raise ValueError("a time of day, or out of range")
    return days.astype("datetime64[D]")


def _read_iso_dates(cells: Cells) -> Dates:
    days = cells if set(map(len, cells)) == {ISO_DATE_LENGTH} else [_cut_midnight(cell) for cell in cells]
    if "W" in "".join(days):  # fromisoformat takes weeks as well
        raise ValueError("not year-month-day")
    ordinals = [datetime.date.fromisoformat(day).toordinal() for day in days]
    return (np.array(ordinals) - EPOCH_ORDINAL).astype("datetime64[D]")


def _cut_midnight(cell: str) -> str:
    if len(cell) < ISO_DATE_LENGTH or not MIDNIGHT.fullmatch(cell[ISO_DATE_LENGTH:]):
        raise ValueError("a time of day or an offset")
    return cell[:ISO_DATE_LENGTH]


def _read_numbers(cells: Cells) -> Array:
    return np.array(array("d", cells))


JSON_CELLS = CellReader(_read_dates, _read_numbers, EXPECTED_DATE)


def encode_predictions(predictions: Array) -> bytes:
    """Return the tutorial's answer: a JSON list inside a JSON string."""
    return msgspec.json.encode(Predictions(msgspec.json.encode(predictions.tolist()).decode()))
