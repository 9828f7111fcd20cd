"""Services with keys: the key of a tab, and the pages that are asked for with it."""

import re

from playwright.sync_api import Route, expect

from qa.browser.plan import BOTH_WIDTHS, DESKTOP, NO_SCRIPT, PHONE, Flow
from qa.browser.services import KEY, KEYED
from qa.browser.visit import Visit

SETTLE = "new Promise((settled) => setTimeout(settled, 500))"
"""Longer than script takes to show a page that has come."""
OTHER_KEY = "another-key-that-nobody-has-configured"


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
    Flow(KEYED, "/", give_wrong_key, picture="key-unknown", refused=(401,)),
    Flow(KEYED, "/", give_key, (DESKTOP,)),
    Flow(KEYED, "/", forget_key, (PHONE,)),
    Flow(KEYED, "/docs", open_reference_with_key, BOTH_WIDTHS),
    Flow(KEYED, "/", open_report_with_key, BOTH_WIDTHS, refused=(401,)),
    Flow(KEYED, "/", meet_refusal_on_the_way, (PHONE,), refused=(429,)),
    Flow(KEYED, "/", open_two_pages, (DESKTOP,)),
    Flow(KEYED, "/", open_locked_without_script, (NO_SCRIPT,)),
)
