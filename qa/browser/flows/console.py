"""The console: its chart and its models."""

import re

from playwright.sync_api import expect

from qa.browser.plan import BOTH_WIDTHS, NO_SCRIPT, PHONE, Flow
from qa.browser.services import SERIES, TABLE
from qa.browser.visit import Visit

DATE = re.compile(r"\d{4}-\d\d-\d\d")
COUNT_SEEN = "(marks) => marks.filter((mark) => getComputedStyle(mark).backgroundColor !== 'rgba(0, 0, 0, 0)').length"
N_MARKS = 3
"""Of the close, of no change and of the model."""


def _read_date(visit: Visit) -> str:
    """Return the date that the line below the chart names."""
    line = visit.page.locator(".overview .read")
    expect(line).to_have_text(DATE)
    [date, *_] = DATE.findall(line.inner_text())
    return str(date)


def hover_chart(visit: Visit) -> None:
    """Show that the pointer reads a date of the chart: what came true, and what was forecast of it."""
    plot = visit.page.locator(".overview .plot .u-over")
    plot.scroll_into_view_if_needed()
    plot.hover(position={"x": 150, "y": 120})
    first = _read_date(visit)
    plot.hover(position={"x": 250, "y": 120})
    second = _read_date(visit)
    visit.require(second > first, "the chart names the same date at two places")
    row = visit.page.locator("figure details tr").filter(has_text=second).locator("td")
    close, naive, model, lo, hi, *_ = row.all_text_contents()
    line = visit.page.locator(".overview .read").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    expected = f"{second}: close {close}, no change {naive}, model {model}, 80 % between {lo} and {hi}"
    visit.require(line.startswith(expected), f"the chart reads {line}, the table {expected}")
    marks = visit.page.locator(".overview .u-cursor-pt:not(.u-off)").evaluate_all(COUNT_SEEN)
    visit.require(marks == N_MARKS, f"{marks} marks stand where one points")


def walk_along_chart(visit: Visit) -> None:
    """Show that the arrow keys read one date of the chart after another."""
    plot = visit.page.locator(".overview .plot")
    expect(plot.locator("canvas")).to_be_visible()
    plot.focus()
    dates = []
    for key in ("Home", "ArrowRight", "ArrowRight", "End", "ArrowLeft"):
        visit.page.keyboard.press(key)
        dates.append(_read_date(visit))
    visit.require(dates[:3] == sorted({*dates[:3]}), f"the first dates are {dates[:3]}")
    visit.require(dates[4] < dates[3], f"the last dates are {dates[3:]}")


def read_numbers_of_chart(visit: Visit) -> None:
    """Show that a table behind the chart has its numbers."""
    visit.page.get_by_text("The numbers of the chart").click()
    expect(visit.page.locator("figure details table tbody tr")).to_have_count(120)


def choose_another_model(visit: Visit) -> None:
    """Show that the picker leads to another model."""
    visit.page.locator(".picker summary").click()
    visit.page.locator(".picker").get_by_role("link", name="msft").click()
    expect(visit.page.locator(".verdict")).to_contain_text("Next session")


def read_versions(visit: Visit) -> None:
    """Show that a table lists every version with its digest, is reached by keyboard, and leads to each."""
    table = visit.page.get_by_role("region", name="table: models and versions")
    table.scroll_into_view_if_needed()
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table.locator("tbody code").first).to_have_text(re.compile("^[0-9a-f]{12}$"))
    table.focus()
    expect(table).to_be_focused()
    table.get_by_role("link", name="msft").click()
    expect(visit.page.locator(".verdict")).to_contain_text("Next session")


def read_without_script(visit: Visit) -> None:
    """Show that without script the console has its words, drawing, figures, tables and a command."""
    for selector in (".verdict", "svg.chart", ".figures", "table", "#try pre"):
        expect(visit.page.locator(selector).first).to_be_visible()


FLOWS = (
    Flow(SERIES, "/", hover_chart, BOTH_WIDTHS),
    Flow(SERIES, "/", walk_along_chart, (PHONE,), "console-chart"),
    Flow(SERIES, "/", read_numbers_of_chart, (PHONE,)),
    Flow(TABLE, "/", choose_another_model),
    Flow(TABLE, "/", read_versions, BOTH_WIDTHS),
    Flow(SERIES, "/", read_without_script, (NO_SCRIPT,)),
)
