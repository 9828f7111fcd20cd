"""Files that are dropped on the rows of a request."""

import csv
import io
import json
from collections.abc import Mapping

from playwright.sync_api import expect

from qa.browser.flows.trying import find_cell, require, send
from qa.browser.plan import BOTH_WIDTHS, Flow
from qa.browser.services import SERIES, TABLE
from qa.browser.visit import Visit
from qa.servers import ROOT

PRICES = ROOT / "data" / "MSFT.csv"
EVALUATED_ROWS = 961
FLUID_MS = 500
"""For rows to be shown or a cell to be edited; beyond it a person waits. It takes a tenth of it on a quiet machine."""
MESSY = """Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Currency
2013-02-25,27.97,28.05,27.37,27.37,24.17,48 011 800,0,USD
2013-02-26,,27.6,27.34,27.37,24.17,49923300,0,USD
03/01/2013,27.72,27.98,27.52,27.95,24.68,34849700,0,USD
2013-02-28,27.88,n/a,27.74,27.8,24.55,35840200
"""
TWO_WAYS = "Date,Close\n03/01/2013,24.7\n"
LOOK_BACK_ROWS = 199
"""That have no forecast without stored bars, of a file from the first session on."""
DROP = """([selector, files]) => {
  const held = new DataTransfer();
  for (const [name, text] of Object.entries(files)) held.items.add(new File([text], name));
  const zone = document.querySelector(selector);
  const send = (type) => zone.dispatchEvent(new DragEvent(type, {dataTransfer: held, bubbles: true, cancelable: true}));
  const isMarked = () => zone.classList.contains("over");
  const found = [];
  for (const type of ["dragover", "dragleave", "dragover", "drop"]) found.push(`${type} ${send(type)} ${isMarked()}`);
  return found.join(", ");
}"""
DROPPED = "dragover false true, dragleave true false, dragover false true, drop false false"
"""What `DROP` returns if the zone takes files, not the browser, and is marked exactly while they are held over it."""
EDIT = """() => {
  const cell = document.querySelector("#try [role=grid] tbody tr:nth-child(900) td:nth-child(6)");
  const started = performance.now();
  cell.click();
  cell.dispatchEvent(new KeyboardEvent("keydown", {key: "Delete", bubbles: true}));
  document.querySelector("#try [role=grid]").offsetHeight;
  return performance.now() - started;
}"""


def drop_files(visit: Visit, selector: str, files: Mapping[str, str]) -> None:
    """Drop files, texts by name, on a part of the page."""
    found = visit.page.evaluate(DROP, [selector, dict(files)])
    require(found == DROPPED, f"{selector} takes files so: {found}")


def drop(visit: Visit, text: str, name: str = "prices.csv") -> None:
    """Drop a file on the rows."""
    expect(visit.page.get_by_role("tablist").first).to_be_visible()
    drop_files(visit, "[data-drop]", {name: text})
    expect(visit.page.locator("#try")).to_contain_text(name)


def drop_messy_file(visit: Visit) -> None:
    """Show that each bad cell of a file is marked where it stands, before and after the service has seen it."""
    page = visit.page
    drop(visit, MESSY)
    expect(page.locator("#try .said")).to_contain_text("prices.csv: 4 rows, nothing sent yet.")
    volume, date = find_cell(visit, 0, "Volume"), find_cell(visit, 2, "Date")
    expect(volume).to_have_attribute("title", '"48 011 800" is not a number')
    expect(date).to_have_attribute("title", '"03/01/2013" is not a date like 2013-03-01')
    expect(page.locator("#try [data-file]")).to_have_text("prices.csv was read: left out: Dividends.")
    page.get_by_role("button", name="Leave out Currency").click()
    expect(send(visit)).to_have_text("4 cells or columns cannot be right.")
    for cell in (volume, date, find_cell(visit, 1, "Open"), find_cell(visit, 3, "High")):
        expect(cell).to_have_attribute("aria-invalid", "true")


def drop_other_files(visit: Visit) -> None:
    """Show that a file that is no such table is refused in words, and the rows stay."""
    note = visit.page.locator("#try [data-file]")
    for text, expected in (
        ("Date;Close,adj\n2013-03-01;24,7\n", "The header has commas and semicolons."),
        ("Date,Close\n2013-03-01,1,2\n", "Line 2 has 3 cells, but the header has 2."),
        ('Date,Close\n"2013-03-01,1\n', "Line 2: a quote is not closed"),
        ("", "no rows"),
    ):
        drop(visit, text)
        expect(note).to_contain_text(expected)
        expect(note).to_have_class("read-as error")
    expect(find_cell(visit, 9, "date")).to_have_text("2013-03-01")


def keep_refusal_in_view(visit: Visit) -> None:
    """Show that a refused file stays refused when the rows are answered, and whose rows are shown."""
    page = visit.page
    owner, note = page.locator("#try [data-owner]"), page.locator("#try [data-file]")
    drop(visit, TWO_WAYS, "short.csv")
    expect(note).to_contain_text("short.csv cannot be read. 03/01/2013 can be read in two ways")
    expect(send(visit)).to_contain_text("10 rows")
    expect(note).to_contain_text("short.csv cannot be read.")
    expect(note).to_contain_text("The rows above stay as they were.")
    expect(owner).to_have_text("These are the newest stored bars.")
    drop(visit, MESSY)
    expect(owner).to_have_text("These rows come from prices.csv (4 rows).")
    expect(note).to_have_class("read-as")
    page.get_by_role("button", name="Start again").click()
    expect(owner).to_have_text("These are the newest stored bars.")
    expect(page.locator("#try .said")).to_have_text("Nothing sent yet.")


def forecast_without_stored_bars(visit: Visit) -> None:
    """Show that a file that holds its own look-back is forecast without the stored bars by one press."""
    page = visit.page
    drop(visit, "".join(PRICES.read_text().splitlines(keepends=True)[: LOOK_BACK_ROWS + 2]))
    expect(send(visit)).to_contain_text("needs the 200 bars that end in it")
    other = page.get_by_role("button", name="Forecast without the stored bars")
    expect(other).to_be_visible()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        other.click()
    require(json.loads(sent.value.post_data or "")["history"] == "none", "stored bars stand before the rows")
    expect(page.locator("#try .said")).to_contain_text(f"{LOOK_BACK_ROWS + 1} rows")
    expect(other).to_be_hidden()
    page.get_by_role("button", name="Start again").click()
    expect(send(visit)).to_contain_text("Choose the stored ones")
    page.get_by_role("button", name="Forecast with the stored bars").click()
    expect(page.locator("#try .said")).to_contain_text("10 rows")


def name_missing_columns_first(visit: Visit) -> None:
    """Show that a missing column is named before the many that the model does not read."""
    unknown = ",".join(f"x{place}" for place in range(9))
    drop(visit, f"Date,Open,High,Low,Volume,{unknown}\n2013-03-04,1,1,1,1{',1' * 9}\n")
    expect(send(visit)).to_have_text("10 cells or columns cannot be right.")
    expect(visit.page.locator("#try .reasons li").first).to_contain_text("close: the column is missing")


def post_what_pandas_posts(visit: Visit) -> None:
    """Show that a file of 961 rows is fluid, and posted as pandas would: each number to its last digit."""
    page = visit.page
    header, *rows = PRICES.read_text().splitlines()
    text = "\n".join([header, *rows[-EVALUATED_ROWS:], ""])
    drop(visit, text)
    spent_ms = page.evaluate(EDIT)
    require(spent_ms < FLUID_MS, f"{spent_ms:.0f} ms to edit a cell")
    drop(visit, text)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        expect(send(visit)).to_contain_text(f"{EVALUATED_ROWS} rows")
    frame = json.loads(sent.value.post_data or "")["dataframe_split"]
    names, *cells = csv.reader(io.StringIO(text))
    read = {"columns": names, "data": [[row[0], *map(float, row[1:])] for row in cells]}
    require(frame == read, "the posted frame is not that of the file")
    expect(page.locator("#try [data-tab=frame] tbody tr")).to_have_count(EVALUATED_ROWS)
    page.get_by_role("button", name="Start again").click()  # axe would look at each of the cells for minutes
    expect(send(visit)).to_contain_text("10 rows")


def drop_table(visit: Visit) -> None:
    """Show that rows of a table are shown as a grid, and one row of the model's columns as a form again."""
    page = visit.page
    names = "mean_radius,mean_texture,mean_perimeter,mean_area"
    drop(visit, f"{names},diagnosis\n14.1,20.3,91.2,618,benign\n21.5,x,140.9,1420,malignant\n")
    page.get_by_role("button", name="Leave out diagnosis").click()
    send(visit, "Predict")
    expect(find_cell(visit, 1, "mean_texture")).to_have_attribute("aria-invalid", "true")
    find_cell(visit, 1, "mean_texture").click()
    page.get_by_role("button", name="Remove this row").click()
    expect(page.get_by_label("mean_radius", exact=True)).to_have_value("14.1")
    expect(send(visit, "Predict")).to_contain_text("Prediction: ")


FLOWS = (
    Flow(SERIES, "/", drop_messy_file, picture="try-file", refused=(422,)),
    Flow(SERIES, "/", drop_other_files),
    Flow(SERIES, "/", keep_refusal_in_view),
    Flow(SERIES, "/", forecast_without_stored_bars, refused=(422,)),
    Flow(SERIES, "/", name_missing_columns_first, BOTH_WIDTHS[:1], refused=(422,)),
    Flow(SERIES, "/", post_what_pandas_posts, BOTH_WIDTHS[:1]),
    Flow(TABLE, "/?model=breast-cancer", drop_table, refused=(422,)),
)
