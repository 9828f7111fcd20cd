"""Trying a request: rows are edited, sent and copied, and what is wrong with them stands at its cell."""

import json
import re

from playwright.sync_api import Locator, expect

from qa.browser.plan import ALL_VIEWS, NO_SCRIPT, Flow
from qa.browser.services import LIMITED, SERIES, TABLE
from qa.browser.visit import Visit

FORECAST = {"name": "Forecast", "exact": True}
LIMIT = 6


def find_cell(visit: Visit, row: int, column: str) -> Locator:
    """Return a cell of the grid by its row and the name of its column."""
    expect(visit.page.get_by_role("grid")).to_be_visible()
    names = visit.page.locator("#try [role=grid] thead th").all_inner_texts()
    require(column in names, f"the grid has no column {column}, but {', '.join(names)}")
    return visit.page.locator("#try [role=grid] tbody tr").nth(row).locator("td").nth(names.index(column) - 1)


def require(is_so: bool, otherwise: str) -> None:
    """Raise AssertionError unless something is so."""
    if not is_so:
        raise AssertionError(otherwise)


def send(visit: Visit, button: str = "Forecast") -> Locator:
    """Send the rows as they are; return what the page says once they are answered."""
    said = visit.page.locator("#try .said")
    with visit.page.expect_response(lambda answer: answer.request.method == "POST"):
        visit.page.get_by_role("button", name=button, exact=True).click()
    expect(said).not_to_have_text("Waiting for the answer.")
    return said


def forecast_stored_bars(visit: Visit) -> None:
    """Show that the newest bars are forecast with one press: in words, as chart and frame, as JSON, with headers."""
    page = visit.page
    expect(send(visit)).to_contain_text("80 % between")
    expect(page.locator("#try .plot canvas")).to_be_visible()
    expect(page.locator("#try [data-tab=frame] tbody tr")).to_have_count(10)
    page.get_by_role("tab", name="Frame").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#try-json")).to_contain_text('"close_pred"')
    page.keyboard.press("End")
    expect(page.locator("#try-headers")).to_contain_text("x-model-digest: ")
    page.keyboard.press("Home")
    page.locator("#try").scroll_into_view_if_needed()


def read_answer(visit: Visit) -> None:
    """Show that the chart of an answer is read by pointer and by keyboard, each date as the table below has it."""
    page = visit.page
    find_cell(visit, 0, "date")  # the script has started
    page.get_by_label("Interval levels, per cent").fill("50, 95")
    send(visit)
    line, figure = page.locator("#try .read"), page.locator("#try figure")
    figure.scroll_into_view_if_needed()
    figure.locator(".u-over").hover(position={"x": 120, "y": 60})
    expect(line).to_have_text(re.compile(r"^2013-02-\d\d: close "))
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator("#try [data-tab=frame] tr").all()]
    cells = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    figure.locator(".plot").focus()
    page.keyboard.press("Home")
    expect(line).to_have_text(f"{cells[0]['date']}: close {cells[0]['close']}")
    for said, known in zip(cells, [*cells[1:], None], strict=True):
        page.keyboard.press("ArrowRight")
        begins = f"{said['forecast_date']}: " + (f"close {known['close']}, " if known else "")
        widest = f"95 % between {said['close_lo-95']} and {said['close_hi-95']}"
        expect(line).to_contain_text(f"{begins}no change {said['close']}, model {said['close_pred']}, {widest}, 50 %")


def mend_cell_by_keyboard(visit: Visit) -> None:
    """Show that a cell is broken and mended with the keyboard alone, and that its reason leads to it."""
    page = visit.page
    find_cell(visit, 0, "date").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.keyboard.type("24.7x")
    page.keyboard.press("Enter")
    high = find_cell(visit, 2, "high")
    expect(high).to_have_text("24.7x")
    expect(find_cell(visit, 3, "high")).to_be_focused()
    expect(send(visit)).to_have_text("One cell or column cannot be right.")
    expect(high).to_have_attribute("aria-invalid", "true")
    expect(high).to_have_attribute("title", "'24.7x' is not a number")
    page.get_by_role("button", name="row 2, high: '24.7x' is not a number").click()
    expect(high).to_be_focused()
    page.keyboard.type("24.95")
    page.keyboard.press("Tab")
    expect(find_cell(visit, 2, "low")).to_be_focused()
    expect(high).not_to_have_attribute("aria-invalid", "true")
    expect(send(visit)).to_contain_text("80 % between")


def leave_cell(visit: Visit) -> None:
    """Show that Escape leaves a cell as it was, Delete empties it, and a spreadsheet's cells are pasted from there."""
    page = visit.page
    close = find_cell(visit, 9, "close")
    before = close.inner_text()
    close.dblclick()
    page.keyboard.type("1")
    page.keyboard.press("Escape")
    expect(close).to_have_text(before)
    page.keyboard.press("Delete")
    expect(close).to_have_text("")
    page.evaluate("navigator.clipboard.writeText('24.5\\t1000\\n24.6\\t2000')")
    page.keyboard.press("Control+V")
    expect(close).to_have_text("24.5")
    expect(find_cell(visit, 10, "volume")).to_have_text("2000")
    page.get_by_role("button", name="Start again").click()
    expect(close).to_have_text(before)


def fill_form(visit: Visit) -> None:
    """Show that a row of a table is a form, which notes what was not learned, and a prediction is label and bars."""
    page = visit.page
    field = page.get_by_label("mean_texture", exact=True)
    expect(page.get_by_role("tablist").first).to_be_visible()  # the script has started
    field.fill("55")
    expect(page.locator("#try .note").filter(has_text="outside of what was learned")).to_be_visible()
    expect(send(visit, "Predict")).to_contain_text("outside of the learned range 9.71")
    expect(page.locator("#try .probabilities dt")).to_have_count(2)
    field.fill("x")
    expect(send(visit, "Predict")).to_have_text("One cell or column cannot be right.")
    expect(field).to_have_class("bad")
    field.fill("20.3")
    expect(send(visit, "Predict")).to_contain_text("Prediction: ")


def meet_limit(visit: Visit) -> None:
    """Show that a limit is told with the seconds to wait, and nothing that was typed is lost."""
    find_cell(visit, 0, "volume").click()
    visit.page.keyboard.type("7")
    visit.page.keyboard.press("Enter")
    said = [send(visit) for _ in range(LIMIT + 1)][-1]
    expect(said).to_have_text(re.compile(r"Too many requests\. Try again in \d+ seconds?\. .*"))
    expect(find_cell(visit, 0, "volume")).to_have_text("7")


def read_without_script(visit: Visit) -> None:
    """Show that without script the section has rows, the command that sends them, and an answer."""
    page = visit.page
    expect(page.locator("#try-code-curl")).to_contain_text("curl -s http://127.0.0.1:")
    require(len(json.loads(page.locator("#try-json").inner_text())["forecast"]["data"]) > 0, "no answer is shown")
    expect(page.locator("#try tbody tr").first).to_be_visible()
    expect(page.get_by_role("button", **FORECAST)).to_have_count(0)


FLOWS = (
    Flow(SERIES, "/", forecast_stored_bars, ALL_VIEWS, "try"),
    Flow(SERIES, "/", read_answer),
    Flow(SERIES, "/", mend_cell_by_keyboard, refused=(422,)),
    Flow(SERIES, "/", leave_cell),
    Flow(TABLE, "/?model=breast-cancer", fill_form, picture="try-table", refused=(422,)),
    Flow(LIMITED, "/", meet_limit, ALL_VIEWS[:1], refused=(429,)),
    Flow(SERIES, "/", read_without_script, (NO_SCRIPT,)),
)
