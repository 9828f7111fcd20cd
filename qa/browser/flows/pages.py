"""Every page as it opens, and the pages of what is wrong."""

import re

from playwright.sync_api import expect

from qa.browser.plan import ALL_VIEWS, PHONE, Flow
from qa.browser.services import PANEL, SERIES, TABLE
from qa.browser.visit import Visit


def open_series(visit: Visit) -> None:
    """Show that the console of a series says what comes next, in words and as a chart."""
    expect(visit.page.locator(".verdict")).to_contain_text("80 % between")
    expect(visit.page.locator(".overview .plot canvas")).to_be_visible()
    expect(visit.page.get_by_text("Self-check of this process")).to_be_visible()


def open_table(visit: Visit) -> None:
    """Show that the console of a table has a form, with what the model has learned of each column."""
    expect(visit.page.get_by_label("mean_radius")).to_be_visible()
    expect(visit.page.get_by_role("heading", name="What the model reads")).to_be_visible()
    if visit.view.has_script:
        expect(visit.page.get_by_role("tab", name="Headers")).to_be_visible()  # the picture waits for the script


def open_panel(visit: Visit) -> None:
    """Show that the console of many series shows the one that is chosen."""
    visit.page.get_by_label("Series", exact=True).fill("S3")
    visit.page.get_by_role("button", name="Show").click()
    expect(visit.page).to_have_url(re.compile("symbol=S3"))
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("S3")
    expect(visit.page.locator(".overview .plot canvas")).to_be_visible()


def open_report(visit: Visit) -> None:
    """Show that a report card opens."""
    expect(visit.page.get_by_role("heading", level=1)).to_be_visible()


def open_guide(visit: Visit) -> None:
    """Show that an address that takes POST says what to send."""
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("takes POST")


def open_unknown_model(visit: Visit) -> None:
    """Show that a model that is not there is called unknown, with the way back."""
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("There is no such model")
    visit.page.get_by_role("link", name="What this service serves").click()
    expect(visit.page.locator(".verdict")).to_be_visible()


FLOWS = (
    Flow(SERIES, "/", open_series, ALL_VIEWS, "console"),
    Flow(TABLE, "/?model=breast-cancer", open_table, ALL_VIEWS, "console-table"),
    Flow(PANEL, "/", open_panel, picture="console-panel"),
    Flow(SERIES, "/v1/models/msft/report", open_report, ALL_VIEWS, "report"),
    Flow(SERIES, "/v1/forecast", open_guide, picture="guide", refused=(405,)),
    Flow(SERIES, "/?model=nope", open_unknown_model, (PHONE,), refused=(404,)),
)
