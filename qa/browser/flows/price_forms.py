"""Price files as people have them: the page reads and refuses what `lockstep train` does."""

import csv
import io
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from qa.browser.flows.copying import PYTHON, RUN_S
from qa.browser.flows.dropping import drop
from qa.browser.flows.trying import find_cell, require, send
from qa.browser.flows.trying_modules import call
from qa.browser.plan import BOTH_WIDTHS, Flow
from qa.browser.services import SERIES, TABLE
from qa.browser.visit import Visit

SEPARATORS = (",", ";", "\t", "|")
DATES = (
    ("2013-03-01", "2013-03-04"),
    ("2013-03-01", "03/04/2013"),
    ("2013-03-01 00:00:00-05:00", "2013-04-01 00:00:00-04:00"),
    ("2013-03-01T00:00Z", "2013-03-04T09:30Z"),
    ("2013-03-01 05:00:00+00:00", "2013-04-01 04:00:00+00:00"),
    ("2013/3/1", "2013/03/04"),
    ("2013.03.01", "x"),
    ("01.03.2000", "13.03.2000"),
    ("1/3/2000", "1/13/2000"),
    ("01-03-2000", "02-03-2000"),
    ("12/01/2000", "11/02/2000"),
    ("13/03/2000", "03/14/2000"),
    ("13.13.2000", "40.12.2000"),
    ("x", "13.03.2000"),
    ("14.1.13", "15.1.13"),
    ("20130301", "20130304"),
)
NUMBERS = (
    ("24.7", "24.70"),
    ("24", ""),
    ("89,62", "1.089,5"),
    ("89.62", "1,089.5"),
    ("1,234", "2,345"),
    ("1.234", "2.345"),
    ("1.234", "2.3456"),
    ("1,234,567", "7"),
    ("1.5", "1,5"),
    ("n/a", "1,2,3"),
    ("+1,5", "-.5"),
    ("1,", "2"),
    ("1.5e3", "1,000.5"),
    (" 1,5 ", "1,5e3"),
)
OTHERS = (
    "Date;Close,adj\n2013-03-01;1\n",
    "Date\n2013-03-01\n",
    "\ufeffDate;Close\r\n13.03.2000;1,5\r\n\r\n",
    "Date,Close,Dividends,Stock Splits,Capital Gains\n2013-03-01 00:00:00-05:00,24.7,0.0,0.0,0.0\n",
    ",Close\n2013-03-01,24.7\n",
    "Close,Unnamed: 1\n24.7,2013-03-01\n",
    ",Close\nx,24.7\n",
    ",,Close\n2013-03-01,2013-03-04,24.7\n",
    ",Date,Close\n0,2013-03-01,24.7\n1,2013-03-04,24.8\n",
    "Unnamed: 0,Date,Close\n7.0,2013-03-01,24.7\n9.0,2013-03-04,24.8\n",
    ",Date,Close\n1,2013-03-01,24.7\n1,2013-03-04,24.8\n",
    "Date,Close,\n2013-03-01,24.7,x\n",
    "Price,Close,Volume\nTicker,MSFT,MSFT\nDate,,\n2013-03-01,24.7,5\n",
    "Ticker,MSFT,MSFT\nPrice,Close,Volume\nDate,,\n2013-03-01 00:00:00+00:00,24.7,5\n",
    "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2013-03-01,24.7,5\n",
    "Price,Close\nTicker,MSFT\nDate,\n",
)
READ = """import json, sys
from pathlib import Path
from lockstep.data.price_files.reading import parse_prices
from lockstep.errors import InvalidInput
def read(text):
    try:
        cells = parse_prices("\\n".join(text.lstrip("\\ufeff").splitlines()) + "\\n", Path("prices.csv"))
    except InvalidInput:
        return None
    return [list(cells.names), list(map(list, zip(*cells.columns))), list(cells.said)]
json.dump(list(map(read, json.load(sys.stdin))), sys.stdout)"""
READ_HERE = """(prices, schema) => TEXTS.map((text) => {
  try {
    const { frame, said } = prices.readPrices(text, schema);
    return [frame.columns, frame.rows, said];
  } catch (fault) {
    if (fault.constructor.name !== "UnreadableFile") throw fault;
    return null;
  }
})"""
IN_TWO_WAYS = "Date;Close\n13.03.2000;1,234\n"
REFUSED = {
    "Date,Close\n2015-01-02 05:00:00+00:00,24.7\n": "2015-01-02,24.7",
    "Date;Close\n2015-07-02T04:00Z;24,7\n": "2015-07-02,24.7",
    "Price,Close,Close\nTicker,MSFT,AAPL\nDate,,\n2015-01-02,24.7,5\n": "2015-01-02,5",
    "Price,Close,Volume\nTicker,MSFT,MSFT\nDate,,\n01/13/2015,24.7,5\n": "2015-01-13,24.7",
    ",MSFT,MSFT\n,Close,Volume\nDate,,\n2015-01-02,24.7,5\n": "2015-01-02,24.7",
    "Close,\n24.70,01/03/2013\n": "2013-01-03,24.70",
    "Date;Close\n01.03.2000;89,6200\n": "2000-01-03,89.6200",
    ",Close\n03/01/2013,24.70\n": "2013-03-01,24.70",
    "Date;Close\n14.1.13;24,7\n": "2013-01-14,24.7",
    IN_TWO_WAYS: "2000-03-13,1234",
    "\tClose\n13.03.2000\t1.234\n": "2000-03-13,1.234",
}
"""Refused files, each by the date and the close that the page reads of what the line of pandas makes of it."""
REMEDY = re.compile(r"pd\.read_csv.*?\.to_csv\([^)]*\)")
EUROPEAN = "Date;Open;High;Low;Close;Volume\n" + "".join(
    f"{day:02}.03.2013;24,50;24,95;24,30;24,{60 + day};1.000.000\n" for day in (4, 5, 6, 7, 8, 11, 12, 13)
)

DOWNLOADED = (
    "Price,Close,Dividends,High,Low,Open,Volume\nTicker"
    + ",MSFT" * 6
    + "\nDate,,,,,,\n"
    + "".join(f"2013-03-{day:02} 00:00:00-05:00,27.{60 + day},0.0,27.95,27.3,27.5,1000000\n" for day in (4, 5, 6, 7, 8))
)


def write_files() -> Iterator[str]:
    """Yield files with every separator, every form of dates and every form of numbers."""
    for separator, dates, numbers in product(SEPARATORS, DATES, NUMBERS):
        text = io.StringIO()
        csv.writer(text, delimiter=separator, lineterminator="\n").writerows(
            [["Date", "Close"], *zip(dates, numbers, strict=True)]
        )
        yield text.getvalue()
    yield from OTHERS


def read_as_train(visit: Visit) -> None:
    """Show that the page reads each price file as `lockstep train` does, says the same of it, or refuses it as well."""
    texts = [*write_files()]
    found = call(visit, "try_prices.js", READ_HERE.replace("TEXTS", json.dumps(texts)))
    for text, here, there in zip(texts, found, read_there(texts), strict=True):
        require(here == there, f"the page reads {text!r} as {here}, lockstep as {there}")
    refused = sum(each is None for each in found)
    require(0 < refused < len(texts), f"{refused} of {len(texts)} files are refused")


def read_there(texts: Sequence[str]) -> list[Any]:
    """Return what the library makes of files: names, rows and what it says, None for one that it refuses."""
    run = [str(PYTHON), "-c", READ]
    done = subprocess.run(  # noqa: S603 - our own program
        run, input=json.dumps(texts), capture_output=True, text=True, check=False, timeout=RUN_S
    )
    require(done.returncode == 0, f"the library cannot read them: {done.stderr}")
    return list(json.loads(done.stdout))


def rewrite_refused_files(visit: Visit) -> None:
    """Show that a file in a form that has two readings, or none, is refused with one line of pandas that settles it."""
    note, said = visit.page.locator("#try [data-file]"), visit.page.locator("#try .said")
    for text, expected in REFUSED.items():
        drop(visit, text)
        expect(note).to_have_class("read-as error")
        found = REMEDY.search(note.inner_text())
        require(found is not None, f"no line of pandas in: {note.inner_text()}")
        drop(visit, rewrite(text, found[0] if found else ""), "plain.csv")
        expect(note).to_have_class("read-as")
        expect(said).to_have_text("plain.csv: 1 row, nothing sent yet.")
        date, close = expected.split(",")
        expect(find_cell(visit, 0, "Date")).to_have_text(date)
        expect(find_cell(visit, 0, "Close")).to_have_text(close)
        visit.page.get_by_role("button", name="Start again").click()
    drop(visit, IN_TWO_WAYS)
    point, comma = 'decimal=".", thousands=","', 'decimal=",", thousands="."'
    expect(note).to_contain_text(f"if it is a comma, with {comma}")
    drop(visit, rewrite(IN_TWO_WAYS, REMEDY.findall(note.inner_text())[0].replace(point, comma)), "plain.csv")
    expect(find_cell(visit, 0, "Date")).to_have_text("2000-03-13")
    expect(find_cell(visit, 0, "Close")).to_have_text("1.234")


def rewrite_table(visit: Visit) -> None:
    """Show that one line of pandas settles separators and decimal commas of a table, and keeps digits without these."""
    names, note = "mean_radius;mean_texture;mean_perimeter;mean_area", visit.page.locator("#try [data-file]")
    for cells, expected in (("14,10;20;91,2;618", "14.1"), ("14.10;20;91.2;618", "14.10")):
        drop(visit, f"{names}\n{cells}\n", "rows.csv")
        expect(note).to_contain_text("rows.csv cannot be read. The header is separated by semicolons; expected commas.")
        drop(visit, rewrite(f"{names}\n{cells}\n", REMEDY.findall(note.inner_text())[0]), "plain.csv")
        expect(note).to_be_empty()
        expect(visit.page.get_by_label("mean_radius", exact=True)).to_have_value(expected)


def rewrite(text: str, remedy: str) -> str:
    """Return what a line of pandas makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "prices.csv").write_text(text)
        code = f"import pandas as pd\nFILE = 'prices.csv'\n{remedy}"
        run = [str(PYTHON), "-W", "error", "-c", code]
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False, timeout=RUN_S)  # noqa: S603 - our own line
        require(done.returncode == 0, f"{remedy} ended with: {done.stderr}")
        [made] = set(Path(folder).iterdir()) - {Path(folder) / "prices.csv"}
        return made.read_text()


def drop_european_file(visit: Visit) -> None:
    """Show that semicolons, decimal commas and days before months are read at once, said, and posted as plain bars."""
    columns, rows = post_dropped(
        visit,
        EUROPEAN,
        "semicolons separate the columns; dates are dd.mm.yyyy, such as 13.03.2013; numbers have a decimal comma, such "
        "as 24,50; numbers have points between thousands, such as 1.000.000, read as 1000000",
    )
    require(columns == ["Date", "Open", "High", "Low", "Close", "Volume"], f"posted are {columns}")
    require(rows[7] == ["2013-03-13", 24.5, 24.95, 24.3, 24.73, 1000000], f"posted is {rows[7]}")


def drop_downloaded_file(visit: Visit) -> None:
    """Show that what yfinance downloads, with two levels of names and dividends, is read, said, and posted as bars."""
    columns, rows = post_dropped(
        visit,
        DOWNLOADED,
        "the columns have two levels, price and ticker; all are of MSFT; left out: Dividends; dates have a time of "
        "day, midnight, which is left out: 2013-03-04 00:00:00-05:00",
    )
    require(columns == ["Date", "Close", "High", "Low", "Open", "Volume"], f"posted are {columns}")
    require(rows[4] == ["2013-03-08", 27.68, 27.95, 27.3, 27.5, 1000000], f"posted is {rows[4]}")
    expect(visit.page.locator("#try .said")).to_contain_text(re.compile(r"are both adjusted alike\?$", re.MULTILINE))


def post_dropped(visit: Visit, text: str, said: str) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows that are posted of a dropped file, of which the page has to say `said`."""
    drop(visit, text)
    expect(visit.page.locator("#try [data-file]")).to_have_text(f"prices.csv was read: {said}.")
    with visit.page.expect_request(lambda request: request.method == "POST") as sent:
        answered = send(visit)
    frame = json.loads(sent.value.post_data or "")["dataframe_split"]
    expect(answered).to_contain_text(f"{len(frame['data'])} rows")
    return frame["columns"], frame["data"]


FLOWS = (
    Flow(SERIES, "/", read_as_train, BOTH_WIDTHS[:1]),
    Flow(SERIES, "/", rewrite_refused_files, BOTH_WIDTHS[:1]),
    Flow(SERIES, "/", drop_european_file),
    Flow(SERIES, "/", drop_downloaded_file),
    Flow(TABLE, "/?model=breast-cancer", rewrite_table, BOTH_WIDTHS[:1]),
)
