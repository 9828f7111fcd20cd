"""The console: its chart, its models, and its key."""

import re

from playwright.sync_api import Route, expect

from qa.browser.plan import BOTH_WIDTHS, DESKTOP, NO_SCRIPT, PHONE, Flow
from qa.browser.services import KEY, KEYED, SERIES, TABLE
from qa.browser.visit import Visit

DATE = re.compile(r"\d{4}-\d\d-\d\d")
COUNT_SEEN = "(marks) => marks.filter((mark) => getComputedStyle(mark).backgroundColor !== 'rgba(0, 0, 0, 0)').length"
N_MARKS = 3
"""Of the close, of no change and of the model."""
SETTLE = "new Promise((settled) => setTimeout(settled, 500))"
"""Longer than script takes to show a page that has come."""
OTHER_KEY = "another-key-that-nobody-has-configured"


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


def give_wrong_key(visit: Visit) -> None:
    """Show that a wrong key is called unknown, and nothing else is shown."""
    visit.page.get_by_label("API key").fill(OTHER_KEY)
    visit.page.get_by_label("API key").press("Enter")
    expect(visit.page.locator(".state")).to_contain_text("The service does not know this key.")
    expect(visit.page.locator(".verdict")).to_have_count(0)


def give_key(visit: Visit) -> None:
    """Show that the key brings the console, works in "Try it", and is kept nowhere."""
    expect(visit.page.locator(".verdict")).to_have_count(0)
    visit.page.get_by_label("API key").fill(KEY)
    visit.page.get_by_role("button", name="Show the forecasts").click()
    expect(visit.page.locator(".verdict")).to_contain_text("80 % between")
    expect(visit.page.locator(".overview .plot canvas")).to_be_visible()
    visit.page.get_by_role("button", name="Forecast", exact=True).click()
    expect(visit.page.locator(".said")).not_to_have_class(re.compile("error"))
    expect(visit.page.locator(".said")).to_have_text(re.compile(r"\w"))
    visit.page.get_by_role("link", name="Lockstep").click()
    expect(visit.page.locator(".verdict")).to_contain_text("80 % between")
    kept = visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, location.href]")
    visit.require(kept[:3] == [0, 0, ""], f"the key may be kept: {kept}")
    visit.require(KEY not in kept[3], "the address holds the key")
    visit.require(KEY not in visit.page.content(), "the page shows the key")


def forget_key(visit: Visit) -> None:
    """Show that a reload forgets the key."""
    give_key(visit)
    visit.page.reload()
    expect(visit.page.get_by_label("API key")).to_be_visible()
    expect(visit.page.locator(".verdict")).to_have_count(0)


def open_report_with_key(visit: Visit) -> None:
    """Show that the key opens the report card from the console, that the way back keeps it, and a reload forgets it."""
    give_key(visit)
    heading = visit.page.get_by_role("heading", level=1)
    visit.page.get_by_role("link", name="Report", exact=True).click()
    expect(heading).to_contain_text("report card")
    expect(visit.page.locator("svg.chart").first).to_be_visible()
    expect(visit.page).to_have_url(re.compile("/report$"))
    visit.page.go_back()
    expect(visit.page.locator(".overview .plot canvas")).to_be_visible()
    visit.page.go_forward()
    expect(heading).to_contain_text("report card")
    visit.page.reload()
    expect(visit.page.locator("svg.chart")).to_have_count(0)
    visit.page.get_by_label("API key").fill(KEY)
    visit.page.get_by_label("API key").press("Enter")
    expect(heading).to_contain_text("report card")
    visit.require(KEY not in visit.page.content() + visit.page.url, "the page or its address shows the key")


def open_reference_with_key(visit: Visit) -> None:
    """Show that the reference has its examples for the key alone, asked for there or on the way from the console."""
    examples = visit.page.locator("#forecast_v1 pre")
    shows = visit.page.get_by_role("button", name="Show the forecasts")
    expect(shows).to_be_enabled()
    expect(examples).to_have_count(0)
    visit.page.get_by_label("API key").fill(KEY)
    shows.click()
    expect(examples.first).to_contain_text("x-api-key: KEY")
    visit.page.get_by_role("link", name="Lockstep", exact=True).click()
    expect(visit.page.locator(".overview .plot canvas")).to_be_visible()
    visit.page.get_by_role("link", name="API reference", exact=True).click()
    expect(examples).to_have_count(2)


def meet_refusal_on_the_way(visit: Visit) -> None:
    """Show that a page that is refused is no page that one comes to: the reason stands above the one that is shown."""
    give_key(visit)
    before = visit.page.url
    visit.page.route("**/report", lambda route: route.fulfill(status=429, headers={"Retry-After": "7"}))
    visit.page.get_by_role("link", name="Report", exact=True).click()
    line = visit.page.locator("#refusal")
    expect(line).to_have_text("Too many requests. Try again in 7 seconds.")
    expect(line).to_be_in_viewport()
    visit.require(visit.page.url == before, "the address is that of the page that was refused")
    visit.page.unroute("**/report")
    visit.page.get_by_role("link", name="Report", exact=True).click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("report card")
    expect(line).to_be_empty()


def open_two_pages(visit: Visit) -> None:
    """Show that the page that was asked for last stays, though the one before it comes later."""
    give_key(visit)
    held: list[Route] = []
    visit.page.route("**/report", lambda route: held.append(route))  # noqa: PLW0108 -- Playwright marks a function
    visit.page.get_by_role("link", name="Report", exact=True).click()
    visit.page.get_by_role("link", name="API reference", exact=True).click()
    heading = visit.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("API reference")
    with visit.page.expect_response("**/report") as late:
        held[0].continue_()
    late.value.finished()
    visit.page.evaluate(SETTLE)
    expect(heading).to_have_text("API reference")
    visit.require(visit.page.url.endswith("/docs"), f"the address is {visit.page.url}")


def open_locked_without_script(visit: Visit) -> None:
    """Show that without script a service with keys names its models, and no forecast."""
    expect(visit.page.get_by_text("msft, version 1")).to_be_visible()
    expect(visit.page.locator(".verdict, svg.chart, #try")).to_have_count(0)


FLOWS = (
    Flow(SERIES, "/", hover_chart, BOTH_WIDTHS),
    Flow(SERIES, "/", walk_along_chart, (PHONE,), "console-chart"),
    Flow(SERIES, "/", read_numbers_of_chart, (PHONE,)),
    Flow(TABLE, "/", choose_another_model),
    Flow(TABLE, "/", read_versions, BOTH_WIDTHS),
    Flow(SERIES, "/", read_without_script, (NO_SCRIPT,)),
    Flow(KEYED, "/", give_wrong_key, picture="key-unknown", refused=(401,)),
    Flow(KEYED, "/", give_key, (DESKTOP,)),
    Flow(KEYED, "/", forget_key, (PHONE,)),
    Flow(KEYED, "/docs", open_reference_with_key, BOTH_WIDTHS),
    Flow(KEYED, "/", open_report_with_key, BOTH_WIDTHS, refused=(401,)),
    Flow(KEYED, "/", meet_refusal_on_the_way, (PHONE,), refused=(429,)),
    Flow(KEYED, "/", open_two_pages, (DESKTOP,)),
    Flow(KEYED, "/", open_locked_without_script, (NO_SCRIPT,)),
)
