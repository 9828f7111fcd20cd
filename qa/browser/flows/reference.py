"""The API reference at `/docs`."""

from playwright.sync_api import expect

from qa.browser.plan import ALL_VIEWS, NO_SCRIPT, PHONE, Flow
from qa.browser.services import SERIES, TABLE
from qa.browser.visit import Visit


def read_reference(visit: Visit) -> None:
    """Show that the reference has each route with a request and its answer."""
    route = visit.page.locator("#forecast_v1")
    expect(route.get_by_role("heading", level=3)).to_have_text("POST /v1/forecast")
    expect(route.locator("pre").nth(0)).to_contain_text("dataframe_split")
    expect(route.locator("pre").nth(1)).to_contain_text("close_pred")


def filter_reference(visit: Visit) -> None:
    """Show that the filter leaves what has the words, and brings all back."""
    field = visit.page.get_by_label("Show only what has these words")
    field.fill("missing sessions look-back")
    expect(visit.page.locator("#problem-missing-bars")).to_be_visible()
    expect(visit.page.locator("#forecast_v1")).to_be_hidden()
    expect(visit.page.get_by_role("heading", name="Azure ML")).to_be_hidden()
    field.fill("")
    expect(visit.page.locator("#forecast_v1")).to_be_visible()


def follow_a_type(visit: Visit) -> None:
    """Show that the name of a type leads to its members."""
    visit.page.locator("#forecast_v1").get_by_role("link", name="ForecastFrame").first.click()
    expect(visit.page.locator("#type-ForecastFrame")).to_be_in_viewport()


def read_reference_without_script(visit: Visit) -> None:
    """Show that without script the reference has everything but the filter."""
    read_reference(visit)
    expect(visit.page.get_by_label("Show only what has these words")).to_be_hidden()


FLOWS = (
    Flow(SERIES, "/docs", read_reference, ALL_VIEWS, "docs"),
    Flow(TABLE, "/docs", filter_reference),
    Flow(SERIES, "/docs", follow_a_type, (PHONE,), "docs-type"),
    Flow(SERIES, "/docs", read_reference_without_script, (NO_SCRIPT,)),
)
