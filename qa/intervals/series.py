"""The series on which intervals are measured: the repository's, and those that other packages and people bring."""

import csv
import datetime
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bokeh_sampledata import stocks

from lockstep.data.bars import Bars
from lockstep.data.price_csv import parse_price_csv
from lockstep.data.price_files.reading import read_price_file
from lockstep.data.schema import BarsSchema
from qa.errors import RunFailed
from qa.servers import ROOT

READS = BarsSchema(None, "prices", reads_volume=False)
HEADER = ("date", "open", "high", "low", "close", "adj_close")
STOCKS = ("AAPL", "GOOG", "IBM")
"""Of bokeh_sampledata. Its MSFT is the repository's own price file."""
INDEXES = ("sp500", "nasdaq")
"""Of the package arch: the S&P 500 and the Nasdaq Composite."""
INDEX_DATE = "%m/%d/%Y"
TUTORIAL = "MSFT.csv"


@dataclass(frozen=True)
class Series:
    """The bars of one price file, oldest first."""

    name: str
    bars: Bars


def load_series(tutorial: Path, environment: Path) -> list[Series]:
    """Return every series at hand; that of the tutorial only if its file is in the folder `tutorial`.

    `environment` is the one in which arch is installed. Raises `RunFailed` if it is not there.
    """
    named = [Series("msft", read_price_file(ROOT / "data" / "MSFT.csv").cells.read(READS))]
    if (tutorial / TUTORIAL).is_file():
        named.append(Series("msft 1986", read_price_file(tutorial / TUTORIAL).cells.read(READS)))
    named += [Series(name.lower(), read_stock(getattr(stocks, name))) for name in STOCKS]
    return named + [Series(name, read_index(environment, name)) for name in INDEXES]


def read_stock(columns: Mapping[str, Sequence[object]]) -> Bars:
    """Return the bars of a stock of bokeh_sampledata."""
    return _parse(zip(*(columns[name] for name in HEADER), strict=True))


def read_index(environment: Path, name: str) -> Bars:
    """Return the bars of an index of arch, from its file; its code is not run, for it would need pandas."""
    [*files] = environment.glob(f"lib/python*/site-packages/arch/data/{name}/{name}.csv.gz")
    if not files:
        raise RunFailed(f"{environment} holds no {name}.csv.gz of the package arch; run: make intervals")
    _, *rows = csv.reader(io.StringIO(gzip.decompress(files[0].read_bytes()).decode()))
    return _parse([(_read_date(date), *prices) for date, *prices, _ in rows])


def _read_date(cell: str) -> datetime.date:
    return datetime.datetime.strptime(cell, INDEX_DATE).date()


def _parse(rows: Iterable[Sequence[object]]) -> Bars:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return parse_price_csv(text.getvalue(), "prices", READS)
