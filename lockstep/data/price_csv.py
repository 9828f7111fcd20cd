"""The Yahoo format as text: what a bundle's own `bars.csv` is, and what other price files are made into."""

import csv
import datetime
import io
import re

import numpy as np

from lockstep.data.bars import DATE, Array, Bars, Dates
from lockstep.data.cells import CellReader, Cells
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput, Problem

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def decode_text(content: bytes, name: str) -> str:
    """Return the text of the file `name`, without a byte order mark; each line ends in a line feed alone.

    Raises `InvalidInput`, which names the first line that is not UTF-8.
    """
    try:
        return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()
    except UnicodeDecodeError as error:
        # not at the error's own place: that is one in the block of text that was being decoded
        line = next(number for number, each in enumerate(content.split(b"\n"), 1) if not _is_utf8(each))
        raise InvalidInput([Problem(line, name, "is no UTF-8 text")], unit="line") from error


def parse_price_csv(text: str, name: str, schema: BarsSchema) -> Bars:
    """Return the bars of comma-separated text with a header, oldest first whatever the order of its lines.

    Every number is read as the nearest float64. Raises `InvalidInput` naming lines of the file `name`.
    """
    reader = csv.reader(io.StringIO(text))
    try:
        header = next(reader, [])
        numbered = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise InvalidInput([Problem(reader.line_num, name, str(error))], unit="line") from error
    if not numbered:
        raise InvalidInput([Problem(None, name, "no bars; expected a header and a line for each bar")])
    check_lengths(numbered, len(header))
    columns = list(zip(*(row for _, row in numbered), strict=True))
    try:
        return schema.read(header, columns, TEXT_CELLS).oldest_first()
    except InvalidInput as error:
        raise error.renumbered([line for line, _ in numbered], unit="line") from None


def write_price_csv(bars: Bars) -> str:
    """Return the text of a file that `parse_price_csv` reads back to the same bits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([DATE, *bars.columns])
    writer.writerows(zip(bars.dates.astype(str), *(map(repr, column.tolist()) for column in bars.values), strict=True))
    return text.getvalue()


def check_lengths(numbered: list[tuple[int, list[str]]], n_columns: int) -> None:
    """Raise `InvalidInput` for rows, each with its line, that have not as many cells as the header."""
    problems = [
        Problem(line, "line", f"{len(row)} cells, but the header has {n_columns}")
        for line, row in numbered
        if len(row) != n_columns
    ]
    if problems:
        raise InvalidInput(problems, unit="line")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_dates(cells: Cells) -> Dates:
    if not all(map(ISO_DATE.fullmatch, map(str, cells))):
        raise ValueError("a cell that is no date")
    return np.array(list(map(datetime.date.fromisoformat, cells)), "datetime64[D]")


def _read_numbers(cells: Cells) -> Array:
    if "_" in ",".join(map(str, cells)):  # float() takes 1_000, which no price file means
        raise ValueError("a cell that is no number")
    numbers = np.fromiter(map(float, cells), np.float64, len(cells))
    if np.isnan(numbers).any():
        raise ValueError("a cell that is no number")
    return numbers


EXPECTED_DATE = "a date like 2013-03-01, without a time of day: bars are daily"
TEXT_CELLS = CellReader(_read_dates, _read_numbers, EXPECTED_DATE)
